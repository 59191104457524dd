"""What selectors name has to be there: a rule about a flavor that nobody has would never hold."""

from __future__ import annotations

from typing import Any

from emulator.compute import outages, services
from emulator.control.people import LISTED_MAX
from emulator.simulation.stages import Known
from emulator.wire.request import Context

# Queries

NAMED = {
    "project": "SELECT id, name FROM identity_projects ORDER BY name",
    "user": "SELECT id, name FROM identity_users ORDER BY name",
    "flavor": "SELECT flavorid AS id, name FROM compute_flavors ORDER BY id",
    "image": "SELECT id, name FROM image_images WHERE NOT deleted ORDER BY created_at, id",
    "volume_type": "SELECT id, name FROM volume_types ORDER BY name",
}


def _backends(ctx: Context) -> list[Any]:
    return ctx.db.all("SELECT host, availability_zone AS zone FROM volume_services ORDER BY host")


# What there is


def known(ctx: Context) -> Known:
    """Return what says what is wrong with a selector's value, "" where it names what is there."""

    def problem(key: str, text: str) -> str:
        what = key.replace("_", " ")
        if key in NAMED:
            rows = ctx.db.all(NAMED[key])
            names, ids = [row["name"] for row in rows], {row["id"] for row in rows}
        elif key == "host":
            names, ids = outages.hosts(ctx) + [row["host"] for row in _backends(ctx)], set()
            text = text.partition("#")[0]  # of what has pools
        elif key == "zone":
            hosts = outages.hosts(ctx)
            names = [services.find_compute(ctx, each)["zone"] for each in hosts]
            names, ids = names + [row["zone"] for row in _backends(ctx)], set()
        else:
            return ""
        if text in names or text in ids:
            return ""
        listed = ", ".join(list(dict.fromkeys(each for each in names if each))[:LISTED_MAX])
        return f"there is no {what} {text!r} (there are: {listed or 'none'})"

    return problem

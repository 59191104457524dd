"""Clusters of volume services, of which a plain installation has none; work that is left over."""

from __future__ import annotations

from typing import Any

from emulator.errors import BadInput
from emulator.volume.errors import ClusterNotFound, InvalidInput
from emulator.volume.schemas import (
    BOOLEAN,
    NO,
    REQUIRED_NAME,
    SHORT_TEXT,
    UUID_OR_NULL,
    YES,
    truth,
)
from emulator.volume.services import HOST
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, prop, since

REPLICATION = since("3.26")
FILTERS = ("name", "binary", "is_up", "disabled", "num_hosts", "num_down_hosts")
FILTERS_OF_REPLICATION = ("replication_status", "frozen", "active_backend_id")
CLEANABLE = ("Snapshot", "Volume")  # what a service can leave unfinished

# Schemas

ENABLE = Body(schema=Object(prop("name", REQUIRED_NAME, required=True), prop("binary", SHORT_TEXT)))
DISABLE = Body(
    schema=Object(
        prop("name", REQUIRED_NAME, required=True),
        prop("binary", SHORT_TEXT),
        prop("disabled_reason", {"type": ["string", "null"], "format": "disabled_reason"}),
    )
)
CLEANUP = Body(
    schema=Object(
        prop("cluster_name", HOST),
        prop("disabled", BOOLEAN),
        prop("host", HOST),
        prop("is_up", BOOLEAN),
        prop("binary", {"enum": ["cinder-volume", "cinder-scheduler"]}),
        prop("resource_id", UUID_OR_NULL),
        prop("resource_type", {"type": ["string", "null"], "minLength": 0, "maxLength": 40}),
        prop(
            "service_id",
            {"type": ["integer", "string", "null"], "pattern": "^[0-9]*$", "maxLength": 11},
        ),
    )
)

# Queries


def _services(ctx: Context) -> list[Any]:
    """The services that clean up, with the numbers that Cinder's database gives them."""
    return ctx.db.all(
        "SELECT rowid AS id, host, binary, disabled FROM volume_services"
        " WHERE binary IN ('cinder-volume', 'cinder-scheduler') ORDER BY rowid"
    )


# Operations


def index(ctx: Context) -> dict[str, Any]:
    """List the clusters: there are none."""
    known = {*FILTERS, *(FILTERS_OF_REPLICATION if REPLICATION in ctx else ())}
    wrong = [name for name in ctx.query if name not in known]
    if wrong:
        raise InvalidInput(reason=f"Invalid filter keys: {', '.join(wrong)}")
    for name in ("disabled", "is_up"):
        value = ctx.query.get(name, ["true"])[-1]
        if value.lower() not in [str(each).lower() for each in (*YES, *NO)]:
            raise BadInput(f"Value '{value}' for '{name}' is not a boolean.")
    return {"clusters": []}


def show(ctx: Context, cluster_name: str) -> None:
    """Look for a cluster: it is not there."""
    raise _missing(cluster_name, ctx.query.get("binary", ["cinder-volume"])[-1])


def change(ctx: Context, body: dict[str, Any]) -> None:
    """Look for a cluster that is to take new work, or none: it is not there."""
    raise _missing(body["name"], body.get("binary", "cinder-volume"))


def _missing(name: str, binary: str | None) -> ClusterNotFound:
    return ClusterNotFound(id={"binary": binary, "name": name})


def clean_up(ctx: Context, body: dict[str, Any]) -> Reply:
    """Let services finish, or undo, what others left half done; nothing ever is."""
    kind = (body.get("resource_type") or "").title()
    if kind and kind not in CLEANABLE:
        raise InvalidInput(
            reason=f"Resource type {kind} not valid, must be {' or '.join(CLEANABLE)}"
        )
    if body.get("resource_id") and not {"service_id", "cluster_name", "host"} & body.keys():
        text = "There is no resource with UUID %s pending cleanup."
        raise InvalidInput(reason=(text, body["resource_id"]))  # the text is left unfilled
    cleaning = _asked(_services(ctx), body) if truth(body.get("is_up", False)) else []
    return Reply(202, {"cleaning": cleaning, "unavailable": []})


def _asked(services: list[Any], body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the services, all of them up, that a request for cleaning up names."""
    same = {
        "host": body.get("host"),
        "binary": body.get("binary"),
        "id": int(body["service_id"]) if body.get("service_id") else None,
        "disabled": truth(body["disabled"]) if "disabled" in body else None,
    }
    wanted = {name: value for name, value in same.items() if value is not None}
    return [
        {"id": each["id"], "host": each["host"], "binary": each["binary"], "cluster_name": None}
        for each in services
        if not body.get("cluster_name") and all(each[name] == wanted[name] for name in wanted)
    ]

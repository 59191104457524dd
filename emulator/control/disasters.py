"""Faults that are no resource's: hosts that die or fill up, quotas that drop, tokens that end.

Each is a function that does it and says what was before, and one that takes it back. A fault may
begin `after` some seconds and be taken back when it `expires`: timers run that, like all else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from emulator.compute import outages
from emulator.control import people
from emulator.errors import UsageError
from emulator.simulation import rules, stages
from emulator.simulation.transition import Arguments, Machine, Step, Transition
from emulator.wire.request import Context

ORIGIN = "disaster"
KIND = "disaster"
WAITING, HOLDING, OVER = "waiting", "holding", "over"
KEYS = ("host", "zone", "project", "user", "quota")
TIMES = ("name", "kind", "after", "expires")

Given = Mapping[str, Any]


class Disaster(NamedTuple):
    """One kind: what it takes, what does it (returning what was before), what takes it back."""

    name: str
    meaning: str
    takes: tuple[str, ...]
    begin: Callable[[Context, Given], Any]
    end: Callable[[Context, Given, Any], None]


# What is done, and taken back


def _kill(ctx: Context, given: Given) -> dict[str, list[str]]:
    return _kill_all(ctx, [given["host"]])


def _kill_zone(ctx: Context, given: Given) -> dict[str, list[str]]:
    return _kill_all(ctx, outages.hosts_in(ctx, given["zone"]))


def _kill_all(ctx: Context, hosts: Sequence[str]) -> dict[str, list[str]]:
    """Let hosts die; who is dead already is another fault's to bring back."""
    return {host: outages.kill(ctx, host) for host in hosts if outages.is_alive(ctx, host)}


def _return(ctx: Context, given: Given, before: Mapping[str, list[str]]) -> None:
    for host, agents in before.items():
        outages.bring_back(ctx, host, agents)


def _fill(ctx: Context, given: Given) -> dict[str, int]:
    return outages.fill(ctx, given["host"])


def _empty(ctx: Context, given: Given, before: Any) -> None:
    outages.give_room(ctx, given["host"], before)


def _disable(ctx: Context, given: Given) -> tuple[bool, Any]:
    return outages.switch(ctx, given["host"], enabled=False, reason="openstack-emulator fault")


def _enable(ctx: Context, given: Given, before: Any) -> None:
    was_disabled, reason = before
    outages.switch(ctx, given["host"], enabled=not was_disabled, reason=reason)


def _drop_quota(ctx: Context, given: Given) -> dict[str, Any]:
    project_id = people.project(ctx, given["project"])["id"]
    before = {}
    for resource, limit in given["quota"].items():
        before[resource] = people.own_limit(ctx, project_id, resource)
        people.set_limit(ctx, project_id, resource, limit)
    return before


def _raise_quota(ctx: Context, given: Given, before: Any) -> None:
    project_id = people.project(ctx, given["project"])["id"]
    for resource, limit in before.items():
        people.set_limit(ctx, project_id, resource, limit)


def _revoke(ctx: Context, given: Given) -> None:
    people.revoke_tokens(ctx, given["user"], given.get("project"))


def _stays(ctx: Context, given: Given, before: Any) -> None:
    """What is revoked stays so."""


def _disable_project(ctx: Context, given: Given) -> bool:
    return people.switch_project(ctx, given["project"], enabled=False)


def _enable_project(ctx: Context, given: Given, before: Any) -> None:
    people.switch_project(ctx, given["project"], enabled=before)


KINDS: Mapping[str, Disaster] = {
    each.name: each
    for each in (
        Disaster(
            "host-dies",
            "A host reports no more; what is under way on it stands still until it returns.",
            ("host",), _kill, _return,
        ),
        Disaster(
            "zone-down", "All hosts of an availability zone die.",
            ("zone",), _kill_zone, _return,
        ),
        Disaster(
            "host-full", "A host has no room left for new servers.",
            ("host",), _fill, _empty,
        ),
        Disaster(
            "host-disabled", "A host takes no new servers.",
            ("host",), _disable, _enable,
        ),
        Disaster(
            "quota-drops", "Limits of a project drop, whatever it has.",
            ("project", "quota"), _drop_quota, _raise_quota,
        ),
        Disaster(
            "token-revoked", "The tokens of a user end before their time, or those for a project.",
            ("user", "project"), _revoke, _stays,
        ),
        Disaster(
            "project-disabled", "A project is disabled, and its tokens end.",
            ("project",), _disable_project, _enable_project,
        ),
    )
}  # fmt: skip


# Adding


def add(ctx: Context, body: Mapping[str, Any]) -> str:
    """Let a disaster happen, now or later; return its name. UsageError when it cannot."""
    kind = KINDS[body["kind"]]
    for key in body:
        if key not in (*kind.takes, *TIMES):
            raise UsageError(f"{key}: {kind.name} takes {', '.join((*kind.takes, *TIMES[2:]))}")
    given = {key: body[key] for key in kind.takes if key in body}
    _check(ctx, kind, given)
    after, expires = (stages.seconds_of(body, key) for key in TIMES[2:])
    if expires is not None and expires <= (after or 0.0):
        raise UsageError("expires: is not later than after")
    name = rules.free_name(ctx.db, stages.name_of(body))
    content = {**body, "state": WAITING}
    rules.add(ctx.db, name, ORIGIN, content, ctx.now)
    if after:
        ctx.engine.later(ctx, KIND, "begin", name, after, ids=name)
    else:
        _begin(ctx, name, {})
    if expires is not None:
        ctx.engine.later(ctx, KIND, "end", name, expires, ids=name)
    return name


def _check(ctx: Context, kind: Disaster, given: Given) -> None:
    """Refuse what names nothing that is there."""
    for key in kind.takes:
        if key not in given and not (key == "project" and kind.name == "token-revoked"):
            raise UsageError(f"{key}: {kind.name} needs it")
    if "host" in given:
        dies = kind.begin is _kill
        outages.check_host(given["host"], outages.mortal(ctx) if dies else outages.hosts(ctx))
    if "zone" in given and not outages.hosts_in(ctx, given["zone"]):
        raise UsageError(f"zone: no host is in a zone {given['zone']!r}")
    if "project" in given:
        people.project(ctx, given["project"])
    if "user" in given:
        people.user(ctx, given["user"])
    if "quota" in given:
        people.check_quota(ctx, given["quota"])


# Lifecycle


def _load(ctx: Context, name: str) -> Any:
    return ctx.db.get("rules", name, "name")


def _nothing(*_: Any) -> None:
    """A disaster shows nothing of itself."""


def _begin(ctx: Context, name: str, arguments: Arguments) -> None:
    content = orjson.loads(_load(ctx, name)["content"])
    before = KINDS[content["kind"]].begin(ctx, content)
    ctx.engine.heed_rules()
    _keep(ctx, name, {**content, "state": HOLDING, "before": before})
    rules.count(ctx.db, name, matched=1, fired=1)
    ctx.engine.tell_fired(ctx, KIND, name, "begin", 0, name)


def end(ctx: Context, name: str) -> None:
    """Take a disaster back, if it holds."""
    content = orjson.loads(_load(ctx, name)["content"])
    if content["state"] == HOLDING:
        KINDS[content["kind"]].end(ctx, content, content["before"])
        ctx.engine.heed_rules()
    _keep(ctx, name, {**content, "state": OVER})


def _keep(ctx: Context, name: str, content: Mapping[str, Any]) -> None:
    ctx.db.update("rules", name, "name", content=orjson.dumps(content).decode())


def _end(ctx: Context, row: Any, arguments: Arguments) -> None:
    end(ctx, row["name"])


MACHINE = Machine(KIND, _load, _nothing, _nothing, _nothing, appointment=True)
MACHINE.add(
    Transition(
        "begin", (Step(None, then=lambda ctx, row, given: _begin(ctx, row["name"], given)),)
    ),
    Transition("end", (Step(None, then=_end),)),
)

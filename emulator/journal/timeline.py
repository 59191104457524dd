"""The journal as one HTML page that needs nothing else: a lane a resource, states as colours."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.journal import entries, leftovers
from emulator.journal.record import Moved, Record

if TYPE_CHECKING:
    from emulator.cloud import Cloud

ENTRIES_MAX = 2000  # the latest so many are drawn
CREATORS = ("POST", "PUT")
NO_RESOURCES = ("token",)
GONE = ("deleted", "delete")
KIND_NAMES = {"image_import": "image", "image_location": "image", "image_cache": "image"}

Span = tuple[int, int, str]
"""First and last place on the axis, and the state between."""


@dataclass
class Lane:
    """One resource: its states in order, and the places of the entries that are about it."""

    kind: str
    id: str
    name: str = ""
    spans: list[Span] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    since: int = -1  # where the state that it is in began
    state: str = ""

    def turn(self, place: int, state: str) -> None:
        """Be in another state from here on; "" is gone."""
        if self.state and self.since < place:
            self.spans.append((self.since, place, self.state))
        self.since, self.state = place, state


def page(cloud: Cloud, record: Record, *, title: str = "", note: str = "") -> str:
    """Return the page; `title` says whose story it is, `note` is text that belongs to it."""
    shown = entries.all_entries(record, whole=True)
    left_out = max(0, len(shown) - ENTRIES_MAX) + record.forgotten
    shown = shown[-ENTRIES_MAX:]
    lanes = _lanes(cloud, record, shown)
    lines = [entries.line(each) for each in shown]
    title = title or f"openstack-emulator{f', cloud {cloud.name}' if cloud.name else ''}"
    data = {
        "title": title,
        "note": note,
        "left_out": left_out,
        "entries": shown,
        "lines": lines,
        "lanes": [
            {
                "kind": KIND_NAMES.get(each.kind, each.kind), "id": each.id, "name": each.name,
                "spans": each.spans, "marks": each.marks,
            }
            for each in lanes
        ],
    }  # fmt: skip
    # Nothing in a script may look like its end.
    text = json.dumps(data, default=str).replace("<", "\\u003c")
    log = "\n".join(html.escape(each) for each in lines)
    return (
        _template()
        .replace("{{title}}", html.escape(title))
        .replace("{{log}}", log)
        .replace("{{data}}", text)
    )


@cache
def _template() -> str:
    return Path(__file__).with_name("timeline.html").read_text(encoding="utf-8")


# Lanes


def _lanes(cloud: Cloud, record: Record, shown: list[entries.Entry]) -> list[Lane]:
    """Every resource that was made or moved, in the order of appearance."""
    lanes: dict[str, Lane] = {}
    moved = {each.number: each for each in record.moved()}
    moving = {each.entity for each in moved.values() if each.state is not None}
    for place, entry in enumerate(shown):
        if entry["kind"] in ("step", "fault"):
            if entry["state"] is not None or entry["id"] in lanes or entry["kind"] == "fault":
                _moves(cloud, lanes, moved[entry["number"]], place)
        else:
            _asks(lanes, entry, place, moving)
    for lane in lanes.values():
        lane.turn(len(shown), "")
    _name(cloud, lanes)
    return [each for each in lanes.values() if each.spans or each.marks]


def _moves(cloud: Cloud, lanes: dict[str, Lane], moved: Moved, place: int) -> None:
    lane = lanes.setdefault(moved.entity, Lane(moved.kind, moved.entity))
    if moved.what == "entered" and moved.state:
        lane.turn(place, moved.state)
    elif moved.what == "finished":
        lane.turn(place, _end(cloud, moved))
    elif moved.what == "failed":
        lane.turn(place, "error")
    if moved.what in entries.FAULTS:
        lane.marks.append(place)


def _end(cloud: Cloud, moved: Moved) -> str:
    """The state in which a transition leaves its resource, as far as it says."""
    machine = cloud.engine.machines.get(moved.kind)
    transition = machine.transitions.get(moved.transition) if machine is not None else None
    to = getattr(transition, "to", None)
    state = getattr(to, "vm", to)
    if state in GONE or moved.transition in GONE:
        return ""
    return state if isinstance(state, str) else "there"


def _asks(lanes: dict[str, Lane], entry: entries.Entry, place: int, moving: set[str]) -> None:
    """Mark a request in the lanes of what its path names, and begin those of what it made."""
    parts = entry["path"].partition("?")[0].split("/")
    for part in parts:
        if part in lanes:
            lanes[part].marks.append(place)
    if entry["status"] >= 400 or not entry["status"]:
        return
    if entry["method"] == "DELETE" and parts[-1] in lanes:
        lane = lanes[parts[-1]]
        if lane.state == "there":
            lane.turn(place, "")
    elif entry["method"] in CREATORS and isinstance(entry.get("answer"), Mapping):
        for kind, made in _made(entry):
            if made not in lanes:
                lanes[made] = Lane(kind, made, _asked_name(entry, kind))
                lanes[made].turn(place, "" if made in moving else "there")
                lanes[made].marks.append(place)


def _made(entry: entries.Entry) -> list[tuple[str, str]]:
    """The kinds and ids of what a request's answer tells: {"server": {"id": …}}, or an image."""
    found = []
    answer = entry["answer"]
    last = (entry["operation"] or "").partition(" ")[2].rpartition("/")[2]
    if last.startswith("{") or last.partition(" ")[0] == "action":
        return []  # it does something to what there is
    if isinstance(answer.get("id"), str):
        return [(entry["service"], answer["id"])]
    for kind, value in answer.items():
        if kind in NO_RESOURCES or not isinstance(value, Mapping):
            continue
        id = value.get("id") or (value.get("name") if kind == "keypair" else None)
        if isinstance(id, str | int):
            found.append((kind, str(id)))
    return found


def _asked_name(entry: entries.Entry, kind: str) -> str:
    """The name that a request gives to what it makes."""
    body = entry["body"]
    inner = body.get(kind, body) if isinstance(body, Mapping) else None
    name = inner.get("name") if isinstance(inner, Mapping) else None
    return name if isinstance(name, str) else ""


def _name(cloud: Cloud, lanes: dict[str, Lane]) -> None:
    for rows in leftovers.census(cloud.database).values():
        for id in lanes.keys() & rows.keys():
            lanes[id].name = lanes[id].name or rows[id]

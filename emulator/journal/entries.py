"""The record as people and programs read it: an entry a request, step or fault, secrets masked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.journal import secrets
from emulator.journal.record import Heard, Moved, Published, Record
from emulator.simulation.clock import iso

Entry = dict[str, Any]

FAULTS = ("fired", "failed")
INJECTED = "x-emulator-fault"  # on answers in which a fault of the wire had a hand: its name


def request(heard: Heard, *, whole: bool = False) -> Entry:
    """Return a request and its answer; `whole` adds headers and bodies."""
    asked, who = heard.request, heard.who
    query = secrets.query(asked.query)
    entry: Entry = {
        "number": heard.number,
        "kind": "control" if heard.service == "control" else "request",
        "time": iso(heard.moment) + "Z",
        "service": heard.service,
        "method": asked.method,
        "path": secrets.path(asked.path) + (f"?{query}" if query else ""),
        "operation": operation_name(heard),
        "microversion": version_text(heard),
        "status": heard.status,
        "wall_ms": round(heard.wall * 1000, 3),
        "cpu_ms": None if heard.cpu is None else round(heard.cpu * 1000, 3),
        "user": who.user_name,
        "project": who.project_name,
        "user_agent": asked.headers.get("User-Agent"),
        "request_id": heard.request_id or None,
    }
    fault = fault_name(heard)
    if fault:
        entry["fault"] = fault
    if heard.passed:
        entry["virtual_ms"] = round(heard.passed * 1000, 3)
    if heard.global_request_id:
        entry["global_request_id"] = heard.global_request_id
    if heard.refusal is not None:
        entry["reason"] = heard.refusal.reason
        entry["message"] = secrets.without(heard.refusal.message, secrets.told(asked.body))
    if whole:
        entry |= {
            "user_id": who.user_id,
            "project_id": who.project_id,
            "headers": secrets.headers(asked.headers.items()),
            "body": secrets.body(asked.body) if asked.upload is None else _upload(asked.upload),
            "answer_headers": secrets.headers(heard.headers),
            "answer": secrets.without(secrets.body(heard.body), secrets.told(asked.body)),
            "answer_bytes": heard.size,
        }
    return entry


def _upload(upload: Any) -> str:
    return f"<{upload.size} bytes of data>"


def step(moved: Moved) -> Entry:
    """Return a moment of a transition."""
    entry: Entry = {
        "number": moved.number,
        "kind": "fault" if moved.what in FAULTS else "step",
        "time": iso(moved.moment) + "Z",
        "what": moved.what,
        "resource": moved.kind,
        "id": moved.entity,
        "transition": moved.transition,
        "step": moved.step,
        "state": moved.state,
    }
    if moved.message:
        entry["request_id" if moved.what == "entered" else "message"] = moved.message
    return entry


def notification(published: Published) -> Entry:
    """Return a notification: the message is as it would be on the message queue."""
    return {
        "number": published.number,
        "kind": "notification",
        "time": iso(published.moment) + "Z",
        "id": published.entity,
        "message": published.message,
    }


def mentions(heard: Heard, resource: str) -> bool:
    """Say whether a request is about a resource: its path, body or answer has the id or name."""
    if not resource:
        return False
    text = resource.encode()
    asked = heard.request
    return resource in asked.path or text in asked.body or text in (heard.body or b"")


def fault_name(heard: Heard) -> str:
    """Return the name of the fault that had a hand in an answer, "" where none had."""
    return next((value for name, value in heard.headers if name.lower() == INJECTED), "")


def is_refused(heard: Heard) -> bool:
    """Say whether a request got an error, or no answer at all."""
    return heard.status >= 400 or not heard.status


def operation_name(heard: Heard) -> str | None:
    """Return what was asked for: "POST /servers/{server_id}/action resize"."""
    return None if heard.operation is None else heard.operation.name


def version_text(heard: Heard) -> str | None:
    """Return the microversion that was agreed on, None where there are none."""
    return None if heard.version is None else f"{heard.version[0]}.{heard.version[1]}"


def line(entry: Mapping[str, Any]) -> str:
    """Return an entry as a line of text."""
    time = entry["time"][11:23]
    if entry["kind"] in ("step", "fault"):
        state = f" {entry['state']}" if entry["state"] else ""
        message = f": {entry['message']}" if entry.get("message") else ""
        what = f"{entry['resource']} {entry['id'][:8]} {entry['transition']} {entry['what']}"
        return f"{time}  {'!' if entry['kind'] == 'fault' else '·'} {what}{state}{message}"
    if entry["kind"] == "notification":
        return f"{time}  » {entry['message']['event_type']} {entry['id'][:8]}"
    version = f" ({entry['microversion']})" if entry["microversion"] else ""
    reason = f"  {entry['reason']}: {entry['message']}" if "reason" in entry else ""
    asked = f"{entry['method']} {entry['service']}{version} {entry['path']}"
    who = f"  {entry['user'] or 'nobody'}  {entry['request_id'] or ''}".rstrip()
    fault = f"  [fault {entry['fault']}]" if "fault" in entry else ""
    return f"{time}  {entry['status'] or 'none'} {asked}{who}{fault}{reason}"


def all_entries(record: Record, *, whole: bool = False) -> list[Entry]:
    """Return everything that is kept, in the order in which it came."""
    found = [request(each, whole=whole) for each in record.heard()]
    found += [step(each) for each in record.moved()]
    found += [notification(each) for each in record.published()]
    return sorted(found, key=lambda each: each["number"])


def tail(record: Record, count: int) -> list[str]:
    """Return the last so many entries as lines."""
    return [line(each) for each in all_entries(record)[-count:]]

"""Why a request was refused, or what it began went wrong: from what was put down at the time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emulator.errors import UsageError
from emulator.journal import entries, leftovers, past, secrets
from emulator.journal.record import Heard, Moved, Record

if TYPE_CHECKING:
    from emulator.cloud import Cloud

RULE = re.compile(r"rule:([\w:.\-*]+)")
SENTENCES = {  # by the kind of reason; {message} is what the client was told
    "policy": "Policy: the rule {rule} does not allow this to {who}.",
    "quota": "A quota: {message}",
    "input": "What was sent is wrong: {message}",
    "schema": "What was sent is not what {operation} takes{version}, at {field}: {message}",
    "missing": "It is not there, or not for {who}: {message}",
    "state": "The state it is in does not allow it: {message}",
    "rate limit": "A rate limit: {message}",
    "token": "No valid token: {token}",
    "forbidden": "{who} may not: {message}",
    "version": "That version is not spoken: {message}",
    "method": "{path} has no {method}: {message}",
    "removed": "This was removed from the API for good: {message}",
    "not emulated": "The real service has this, the emulator does not: {message}",
    "unavailable": "The service cannot answer now: {message}",
    "failure": "The service failed: {message}",
}
OTHER = "{reason}: {message}"
OVER = ("failed", "finished")  # what is the last that is told of a transition


def why(cloud: Cloud, record: Record, asked: str) -> dict[str, Any]:
    """Say what gave a request its 4xx or 5xx, or what it began its end; `last` is the last refused.

    A resource may be asked about too: then it is what went wrong with it last.
    UsageError when the journal knows neither.
    """
    heard = record.heard()
    if asked == "last":
        refused = [each for each in heard if entries.is_refused(each)]
        if not refused:
            raise UsageError("no request that the journal keeps was refused")
        return _of_request(cloud, record, refused[-1])
    about = [each for each in record.moved() if asked and each.entity == asked]
    if about:
        return _of_resource(about)
    return _of_request(cloud, record, past.find(heard, asked))


def _of_request(cloud: Cloud, record: Record, heard: Heard) -> dict[str, Any]:
    told: dict[str, Any] = {
        "request": entries.line(entries.request(heard)),
        "request_id": heard.request_id,
        "status": heard.status,
    }
    injected = entries.fault_name(heard)
    if injected:
        told |= {"reason": "fault", "fault": injected}
        told["sentence"] = f"The fault {injected} had a hand in it."
    elif heard.refusal is not None:
        told |= _refused(cloud, heard)
    elif heard.status >= 400:
        told |= {"reason": "other", "sentence": f"The operation answers {heard.status}."}
    else:
        told |= _begun(record, heard)
    return told


def _refused(cloud: Cloud, heard: Heard) -> dict[str, Any]:
    refusal = heard.refusal
    assert refusal is not None
    facts = dict(refusal.facts)
    reason = refusal.reason
    if "rule" in facts:
        reason = "policy"
    elif "schema" in facts:
        reason = "schema"
    version = entries.version_text(heard)
    words = {
        "reason": reason[:1].upper() + reason[1:],
        "message": refusal.message,
        "rule": facts.get("rule"),
        "who": _who(heard),
        "operation": entries.operation_name(heard) or heard.request.path,
        "version": f" at {version}" if version else "",
        "field": facts.get("field") or "its top",
        "token": _token(heard),
        "method": heard.request.method,
        "path": heard.request.path,
    }
    sentence = SENTENCES.get(reason, OTHER).format(**words)
    told: dict[str, Any] = {
        "reason": reason,
        "error": refusal.error,
        "message": refusal.message,
    }
    if facts:
        told["facts"] = secrets.masked({key: _plain(value) for key, value in facts.items()})
    if reason == "policy":
        told["rules"] = _rules(cloud, heard, str(facts["rule"]))
    if reason == "missing":
        sentence += _elsewhere(cloud, heard)
    known: dict[str, Any] = secrets.without(
        {**told, "sentence": sentence}, secrets.told(heard.request.body)
    )
    return known


def _who(heard: Heard) -> str:
    who = heard.who
    if who.user_id is None:
        return "nobody"
    roles = ", ".join(sorted(who.roles)) or "none"
    project = f" in project {who.project_name}" if who.project_name else ""
    return f"{who.user_name}{project} (roles: {roles})"


def _token(heard: Heard) -> str:
    if "X-Auth-Token" in heard.request.headers:
        return "the X-Auth-Token that was sent is unknown, expired or revoked."
    if heard.request.path.endswith("/auth/tokens"):
        return "what was sent to log in is wrong."
    return "no X-Auth-Token was sent."


def _rules(cloud: Cloud, heard: Heard, text: str) -> dict[str, str]:
    """Every rule that the refusing one is made of, as it is written down."""
    rules = cloud.enforcers[heard.service].rules
    named = RULE.findall(text) or [text]
    found: dict[str, str] = {}
    while named:
        name = named.pop(0)
        if name not in found:
            found[name] = rules.get(name, rules.get("default", "!"))
            named += RULE.findall(found[name])
    return found


def _elsewhere(cloud: Cloud, heard: Heard) -> str:
    """Where the id of the path is now, if it is there for others."""
    ids = set(heard.request.path.split("/"))
    for kind, rows in leftovers.census(cloud.database).items():
        for id in ids & rows.keys():
            return f" It is there now, as {kind} {id}."
    return ""


def _begun(record: Record, heard: Heard) -> dict[str, Any]:
    """What became of the transitions that a request began."""
    began = [
        each
        for each in record.moved()
        if each.what == "entered" and each.message == heard.request_id and heard.request_id
    ]
    if not began:
        return {
            "reason": "",
            "sentence": f"Nothing refused it: it was answered with {heard.status}.",
        }
    mine = {(each.kind, each.entity, each.transition): each.number for each in began}
    told = []
    for each in record.moved():
        number = mine.get((each.kind, each.entity, each.transition))
        if number is not None and each.number >= number:
            told.append(each)
            if each.what in OVER:
                del mine[each.kind, each.entity, each.transition]
    return _of_resource(told)


def _of_resource(about: list[Moved]) -> dict[str, Any]:
    """The last thing that went wrong with a resource, and the fault that was behind it."""
    failed = [each for each in about if each.what == "failed"]
    fired = [each for each in about if each.what == "fired"]
    steps = [entries.line(entries.step(each)) for each in about]
    told: dict[str, Any] = {"steps": steps[-20:]}
    if not failed and not fired:
        last = about[-1]
        return {
            **told,
            "reason": "",
            "sentence": f"Nothing went wrong with {last.kind} {last.entity}.",
        }
    if failed:
        last = failed[-1]
        told |= {"reason": "failed step", "message": last.message}
        during = f" while {last.state}" if last.state else ""
        sentence = f"{last.kind} {last.entity}: {last.transition} failed{during}: {last.message}"
    else:
        last = fired[-1]
        sentence = f"{last.kind} {last.entity}: {last.transition}"
        told |= {"reason": "fault"}
    if fired:
        told["fault"] = fired[-1].message
        sentence += f" (fault {fired[-1].message})"
    return {**told, "sentence": sentence}


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)

"""How well clients behave: what works here and would hurt, or not work, elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from emulator.journal import entries, oldest
from emulator.journal.record import Heard, Record
from emulator.wire.versioned import NEWEST

POLL_SECONDS = 1.0
POLLS_MIN = 3  # the same question so often in a row, faster than that, is polling
TOKENS_MIN = 3
GETS_MIN = 3
TRY_AGAIN = (413, 429, 503)
PROXIES = "_proxies"  # how the modules of Compute are called that hand requests on
RETIRED = "retired"

Finding = dict[str, Any]


def report(record: Record) -> dict[str, Any]:
    """Return what was found, and the oldest release on which all of this would have worked."""
    heard = [
        each for each in record.heard() if each.service != "control" and not each.request.inside
    ]
    findings = [
        *_polling(heard), *_hasty(heard), *_logins(heard), *_one_by_one(heard),
        *_unversioned(heard), *_deprecated(heard),
    ]  # fmt: skip
    return {"requests": len(heard), "findings": findings, "oldest_release": oldest.release(heard)}


def _finding(kind: str, sentence: str, heard: list[Heard]) -> Finding:
    return {
        "kind": kind,
        "sentence": sentence,
        "times": len(heard),
        "request_ids": [each.request_id for each in heard[:5]],
    }


def _what(heard: Heard) -> str:
    return entries.operation_name(heard) or f"{heard.request.method} {heard.request.path}"


def _whose(heard: Heard) -> tuple[Any, ...]:
    """Which client a request seems to be of."""
    return heard.who.user_id, heard.who.project_id, heard.request.headers.get("User-Agent")


# Findings


def _polling(heard: list[Heard]) -> Iterator[Finding]:
    """The same GET again and again with less than a second between."""
    runs: dict[tuple[Any, ...], list[Heard]] = defaultdict(list)
    for each in heard:
        if each.request.method == "GET":
            runs[_whose(each), each.request.path, each.request.query].append(each)
    fast: dict[str, list[tuple[Heard, float]]] = defaultdict(list)
    for run in runs.values():
        gaps = [(after, after.came - before.came - before.wall) for before, after in pairwise(run)]
        hasty = [(each, gap) for each, gap in gaps if gap < POLL_SECONDS]
        if len(hasty) >= POLLS_MIN - 1:
            fast[_what(run[0])] += hasty
    for what, hasty in fast.items():
        gap = sorted(gap for _, gap in hasty)[len(hasty) // 2]
        sentence = f"{what} was polled every {gap:.2f} s; once a second is often enough"
        yield _finding("polling", sentence, [each for each, _ in hasty])


def _hasty(heard: list[Heard]) -> Iterator[Finding]:
    """Asked again before the time that Retry-After named."""
    waits: dict[tuple[Any, ...], tuple[Heard, float]] = {}
    found: dict[str, list[Heard]] = defaultdict(list)
    for each in heard:
        question = (_whose(each), each.request.method, each.request.path)
        before, seconds = waits.pop(question, (None, 0.0))
        if before is not None:
            waited = max(each.moment - before.moment, each.came - before.came)
            if waited < seconds:
                found[_what(each)].append(each)
        retry_after = next((v for k, v in each.headers if k.lower() == "retry-after"), "")
        if each.status in TRY_AGAIN and retry_after.isdecimal():
            waits[question] = (each, float(retry_after))
    for what, hasty in found.items():
        yield _finding("retry-after", f"{what} did not wait as Retry-After said", hasty)


def _logins(heard: list[Heard]) -> Iterator[Finding]:
    """Nearly as many tokens as calls."""
    logins = [
        each
        for each in heard
        if each.operation is not None
        and each.service == "identity"
        and each.operation.name == "POST /auth/tokens"
        and each.status < 300
    ]
    others = len(heard) - len(logins)
    if len(logins) >= TOKENS_MIN and len(logins) * 2 >= others:
        sentence = f"{len(logins)} tokens were asked for {others} requests; one lasts for many"
        yield _finding("tokens", sentence, logins)


def _one_by_one(heard: list[Heard]) -> Iterator[Finding]:
    """A list, and then each of its members by itself."""
    lists: dict[tuple[Any, ...], tuple[Heard, dict[str, Heard]]] = {}
    for each in heard:
        if each.request.method != "GET" or each.status >= 300:
            continue
        path = each.request.path.rstrip("/")
        above, _, last = path.rpartition("/")
        own = lists.get((_whose(each), above))
        if own is not None and last != "detail":
            own[1].setdefault(last, each)
        else:
            collection = above if last == "detail" else path
            lists.setdefault((_whose(each), collection), (each, {}))
    for listing, members in lists.values():
        if len(members) >= GETS_MIN:
            gets = list(members.values())
            sentence = f"{_what(listing)}, and then {len(gets)} times {_what(gets[0])}"
            yield _finding("n+1", f"{sentence}: a list in detail tells it at once", gets)


def _unversioned(heard: list[Heard]) -> Iterator[Finding]:
    """Calls that leave the microversion to the service, which takes its oldest."""
    for service in oldest.VERSIONED:
        bare = [
            each
            for each in heard
            if each.service == service
            and each.version is not None
            and each.operation is not None
            and not each.operation.open
            and not oldest.asked_version(each)
        ]
        if bare:
            version = entries.version_text(bare[0])
            sentence = f"{service} was asked without a microversion, and so answered as {version}"
            yield _finding("microversion", sentence, bare)


def _deprecated(heard: list[Heard]) -> Iterator[Finding]:
    """Calls that hand on to another service, have been removed, or end at some version."""
    found: dict[str, list[Heard]] = defaultdict(list)
    for each in heard:
        reason = _deprecation(each)
        if reason:
            found[f"{_what(each)} of {each.service} {reason}"].append(each)
    for sentence, calls in found.items():
        yield _finding("deprecated", sentence, calls)


def _deprecation(heard: Heard) -> str:
    operation = heard.operation
    if operation is None or operation.handler is None:
        return ""
    module = getattr(operation.handler, "__module__", "")
    if module.endswith(RETIRED):
        return "was removed for good"
    if module.endswith(PROXIES):
        return "only hands on to another service"
    if operation.span.until < NEWEST:
        return f"ends with {operation.span.until[0]}.{operation.span.until[1]}"
    return ""

"""Lets faults of the wire hit requests: which one does, and what becomes of the request.

An answer that a fault had a hand in says so in the header X-Emulator-Fault. A latency passes on
the cloud's clock: where that runs by itself the answer is held back as long, where it stands it is
moved on and the answer comes at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from http.client import responses
from typing import TYPE_CHECKING, Any

import orjson

from emulator.control import wire_faults
from emulator.errors import EmulatorError
from emulator.ids import chance
from emulator.wire.dispatch import dispatch, refuse
from emulator.wire.request import Context, Response, Trouble
from emulator.wire.service import Service

if TYPE_CHECKING:
    from emulator.cloud import Cloud

HEADER = "X-Emulator-Fault"
READS = ("GET", "HEAD")
SLOW_SECONDS = 5.0  # over which a slow body is spread, of the cloud's time
PAGE = "<html><head><title>{0} {1}</title></head><body><h1>{0} {1}</h1></body></html>"

Fault = Mapping[str, Any]


def answer(cloud: Cloud, ctx: Context, service: Service) -> Response:
    """Answer a request as the first fault that hits it has it, or as ever."""
    hit = _hit(cloud, ctx, service)
    replicas = cloud.replicas
    if replicas is not None and ctx.request.method not in READS:
        replicas.remember(cloud.database, ctx.now)
    if hit is None:
        return dispatch(ctx, service)
    name, fault, luck = hit
    trouble = Trouble(delay_seconds=_pass(cloud, ctx, _latency(fault, luck)))
    if fault.get("reset") == "before":
        trouble.reset = True
        return Response(0, [(HEADER, name)], b"", trouble=trouble)
    if "status" in fault:
        response = refuse(ctx, service, _refusal(fault))
    elif "stale_seconds" in fault and replicas is not None and ctx.request.method in READS:
        response = replicas.answer(ctx, service, fault["stale_seconds"])
    else:
        response = dispatch(ctx, service)
    response.headers.append((HEADER, name))
    response.trouble = trouble
    _spoil(cloud, response, trouble, fault)
    return response


# Which fault hits


def _hit(cloud: Cloud, ctx: Context, service: Service) -> tuple[str, Fault, float] | None:
    """The name of the fault that hits a request, what it says, and the luck of this request."""
    found = None
    for row in wire_faults.all_of(cloud.database):
        fault = orjson.loads(row["fault"])
        if not (_in_time(row, fault, ctx.now) and _is_about(ctx, service, fault)):
            continue
        number = row["seen"] + 1
        hits = found is None and _chosen(cloud, row, fault, number)
        wire_faults.count(cloud.database, row["id"], fired=hits)
        if hits:
            found = row["name"], fault, chance(cloud.ids.seed, "wire latency", row["name"], number)
    return found


def _in_time(row: Any, fault: Fault, now: float) -> bool:
    begins = row["added_at"] + fault.get("after_seconds", 0)
    lasts = fault.get("for_seconds", float("inf"))
    return bool(begins <= now < begins + lasts)


def _is_about(ctx: Context, service: Service, fault: Fault) -> bool:
    """Say whether a request is one of those that a fault is about."""
    request = ctx.request
    if fault.get("service", service.name) != service.name:
        return False
    if fault.get("method", request.method) != request.method:
        return False
    if "path" in fault and not re.search(fault["path"], ctx.path):
        return False
    for name, pattern in fault.get("header", {}).items():
        if not re.search(pattern, request.headers.get(name) or ""):
            return False
    if "operation" in fault and fault["operation"] not in _operations(ctx, service):
        return False
    return _is_by(ctx, fault)


def _is_by(ctx: Context, fault: Fault) -> bool:
    """Say whether the caller is the one that a fault is about; ids and names count alike."""
    if "project" not in fault and "user" not in fault:
        return True
    token = ctx.request.headers.get("X-Auth-Token")
    who = ctx.cloud.credentials(ctx, token) if token else None
    if who is None:
        return False
    return ("project" not in fault or fault["project"] in (who.project_id, who.project_name)) and (
        "user" not in fault or fault["user"] in (who.user_id, who.user_name)
    )


def _operations(ctx: Context, service: Service) -> set[str]:
    """What the operation of a request may be called."""
    node, _ = service.paths.find(ctx.path)
    names: set[str] = set()
    for row in node.methods.get(ctx.request.method, ()) if node is not None else ():
        if row.actions is None:
            names.add(row.name)
            continue
        for action in row.actions:
            if f'"{action}"'.encode() in ctx.request.body:
                names |= {action, f"{row.name} {action}"}
    return names


def _chosen(cloud: Cloud, row: Any, fault: Fault, number: int) -> bool:
    """Say whether a fault hits the request that is its so-and-so-many-th."""
    if row["fired"] >= fault.get("times", float("inf")):
        return False
    nth = fault.get("nth")
    if nth is not None and number not in (nth if isinstance(nth, list) else [nth]):
        return False
    if number % fault.get("every", 1):
        return False
    sequence = fault.get("sequence")
    if sequence is not None and (number > len(sequence) or sequence[number - 1] == "ok"):
        return False
    probability = fault.get("probability", 1)
    return bool(chance(cloud.ids.seed, "wire", row["name"], number) < probability)


# What becomes of the request


def _refusal(fault: Fault) -> EmulatorError:
    status = fault["status"]
    wait = fault.get("retry_after")
    headers = {} if wait is None else {"Retry-After": f"{wait:g}"}
    return _kind(status)(fault.get("message") or _reason(status), headers=headers)


@cache
def _kind(status: int) -> type[EmulatorError]:
    """The kind of error with a status, which each service puts into its own envelope."""
    return type("Injected", (EmulatorError,), {"status": status, "__doc__": "A fault's doing."})


def _reason(status: int) -> str:
    return responses.get(status, "Error")


def _latency(fault: Fault, luck: float) -> float:
    latency = fault.get("latency", 0.0)
    if isinstance(latency, list):
        low, high = latency
        return float(low + luck * (high - low))
    return float(latency)


def _pass(cloud: Cloud, ctx: Context, seconds: float) -> float:
    """Let a latency pass; return how long the answer is to be held back, in real seconds."""
    clock = cloud.virtual_clock
    if not seconds:
        return 0.0
    if clock.mode == "real":
        return seconds / clock.rate if clock.rate else 0.0
    cloud.advance(seconds)
    ctx.now = cloud.now
    return 0.0


def _spoil(cloud: Cloud, response: Response, trouble: Trouble, fault: Fault) -> None:
    """Let an answer that is ready not arrive as it is."""
    if fault.get("reset") == "after":
        trouble.reset = True
    if "content_type" in fault:
        response.headers[:] = [each for each in response.headers if each[0] != "Content-Type"]
        response.headers.append(("Content-Type", fault["content_type"]))
        if response.status >= 400 and "html" in fault["content_type"]:
            response.body = PAGE.format(response.status, _reason(response.status)).encode()
    if fault.get("body") == "truncated":
        trouble.sent_bytes = len(response.body) // 2
    elif fault.get("body") == "slow":
        trouble.spread_seconds = _real(cloud, SLOW_SECONDS)


def _real(cloud: Cloud, seconds: float) -> float:
    """Virtual seconds as real ones; none where the clock stands."""
    clock = cloud.virtual_clock
    return seconds / clock.rate if clock.mode == "real" and clock.rate else 0.0

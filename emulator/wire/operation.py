"""Rows of a service's table of contents, `op(...)` and `action(...)`; what operations return."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from emulator.policy import Own
from emulator.wire.versioned import ALWAYS, Body, Query, Span, span

Handler = Callable[..., Any]
"""handler(ctx, **path arguments, body=…, query=…) → Reply, or a JSON value for a plain answer.

`body` and `query` are given to operations whose row has a Body or a Query."""


@dataclass(slots=True)
class Reply:
    """An answer before it is bytes. `body` is a JSON value, ready bytes, or None for no body.

    A header whose value is a tuple is sent once for each of them.
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str | tuple[str, ...]] = field(default_factory=dict)
    content_type: str = "application/json"
    stream: Any = None  # an iterable of bytes instead of a body: image data


class Load(NamedTuple):
    """Finds the resource a path names, before policy is asked about it.

    `find(ctx, id)` returns the row or raises; it takes the place of the path argument `replaces`
    and is called `argument`. `target(row)` is what policy rules compare the caller with.
    """

    argument: str
    replaces: str
    find: Callable[[Any, str], Any]
    target: Callable[[Any], Mapping[str, Any]]


def own_project(row: Any) -> Mapping[str, Any]:
    """Return the usual target of a rule: whose the row is."""
    return Own(project_id=row["project_id"], user_id=row["user_id"])


def load(
    argument: str,
    find: Callable[[Any, str], Any],
    *,
    replaces: str | None = None,
    target: Callable[[Any], Mapping[str, Any]] = own_project,
) -> Load:
    """Return a Load: `load("server", live_server)` puts a row `server` in place of `server_id`."""
    return Load(argument, replaces or f"{argument}_id", find, target)


class Operation(NamedTuple):
    """One operation: a method and a path, or one named action of a POST."""

    method: str
    path: str
    handler: Handler | None
    status: int
    body: Body | None
    query: Query | None
    policy: str | None
    load: Load | None
    span: Span
    open: bool  # answered without a token
    upload: bool  # the body is data, not JSON: the handler gets ctx.request.upload
    actions: Mapping[str, tuple[Operation, ...]] | None
    action: str | None = None
    receiving: Handler | None = None  # hears that data is on its way, or broke off

    @property
    def name(self) -> str:
        """What the operation is called in reports: "POST /servers/{server_id}/action resize"."""
        return f"{self.method} {self.path}" + (f" {self.action}" if self.action else "")


def op(
    method: str,
    path: str,
    handler: Handler | None = None,
    *,
    status: int = 200,
    body: Body | None = None,
    query: Query | None = None,
    policy: str | None = None,
    load: Load | None = None,
    since: str | None = None,
    until: str | None = None,
    open: bool = False,
    upload: bool = False,
    receiving: Handler | None = None,
    actions: Iterable[Operation] | None = None,
) -> Operation:
    """Return one operation. With `actions` the body's one key chooses among them."""
    held = span(since, until)
    table: dict[str, tuple[Operation, ...]] | None = None
    if actions is not None:
        table = {}
        for each in actions:
            row = each._replace(method=method, path=path, load=each.load or load)
            table[each.action or ""] = (*table.get(each.action or "", ()), row)
    return Operation(
        method,
        path,
        handler,
        status,
        body,
        query,
        policy,
        load,
        held,
        open,
        upload,
        table,
        receiving=receiving,
    )


def action(
    name: str,
    handler: Handler,
    *,
    status: int = 202,
    body: Body | None = None,
    policy: str | None = None,
    load: Load | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Operation:
    """Return one named action; `op(..., actions=[...])` puts it at its path."""
    held = span(since, until) if since or until else ALWAYS
    return Operation(
        "", "", handler, status, body, None, policy, load, held, False, False, None, name
    )

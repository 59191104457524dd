"""The five verbs, the same for every resource: list, show, create, update, delete.

A `Resource` is a value: its attribute map, its table, and the plain functions that are its own.
The order of checks is Neutron's (29.0.0, pecan_wsgi hooks): body, quota, policy, then the resource.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from emulator.errors import EmulatorError
from emulator.network import listing, permission, quotas
from emulator.network.attributes import Attributes, Values, values_of
from emulator.network.errors import BadRequest, HTTPBadRequest, HTTPNotFound, PolicyNotAuthorized
from emulator.network.listing import Pages
from emulator.network.root import check_accept, is_core
from emulator.network.standard import check_revision
from emulator.wire.operation import Operation, Reply, op
from emulator.wire.request import Context
from emulator.wire.steps import check_query_text, match

Row = Any
Item = dict[str, Any]
Where = tuple[str, list[Any]]
"""A condition in SQL and its values."""

VIEW_ROWS_MAX = 10_000  # rows whose related rows are asked for in one query


def own_rows(table: str) -> Callable[[Context], Where]:
    """Return the usual scope of a table: the rows of the caller's project."""
    return lambda ctx: (f"{table}.project_id = ?", [ctx.project_id])


def no_facts(ctx: Context, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what policy is told beside a resource's own attributes: nothing."""
    return {}


def nobody_arrives(ctx: Context) -> None:
    """Do nothing before a resource is looked at."""


class Parent(NamedTuple):
    """The resource that a nested one stands under, and the column that says which."""

    resource: Resource
    column: str


@dataclass(frozen=True, eq=False)
class Resource:
    """One kind of resource.

    view(ctx, rows) makes the whole items; sees(ctx) is what a caller who is no admin gets to see;
    facts(ctx, values) is what policy rules ask about beside the item itself. create(ctx, values)
    returns the new id; update(ctx, row, values) and delete(ctx, row) change and remove. Under a
    parent, create gets its row besides: create(ctx, parent_row, values).
    """

    member: str
    collection: str
    path: str
    table: str
    attributes: Attributes
    missing: Callable[[str], EmulatorError]
    view: Callable[[Context, Sequence[Row]], list[Item]]
    create: Callable[..., str] | None = None
    update: Callable[[Context, Row, Values], None] | None = None
    delete: Callable[[Context, Row], None] | None = None
    create_many: Callable[[Context, list[Values]], list[str]] | None = None
    sees: Callable[[Context], Where] | None = None
    kept: Callable[[Context], Where] | None = None  # which rows of the table are of this kind
    arrive: Callable[[Context], None] = nobody_arrives  # before anyone looks
    columns: str = ""  # further columns that a view needs, with one ? for the caller's project
    source: str = ""  # what the table is joined with
    renamed: Mapping[str, str] = field(default_factory=dict)  # columns called unlike attributes
    filters: Mapping[str, Callable[[Context, Any], Where]] = field(default_factory=dict)
    facts: Callable[[Context, Mapping[str, Any]], Mapping[str, Any]] = no_facts
    facts_differ_by: tuple[str, ...] = ("project_id",)  # items alike in these are allowed alike
    rule: str = ""  # what its policy rules are called, where that is not `member`
    key: str = "id"
    parent: Parent | None = None
    bulk: bool = True
    pages: Pages = Pages.NATIVE
    unsortable: Mapping[str, str] = field(default_factory=dict)
    """Attributes that the map lets lists be sorted by and the database does not know, each with
    the name that the refusal gives the table."""
    blank_fields: bool = False  # `fields=` asks for a field without a name, and not for all
    keeps_fields: bool = False  # lists show all but key and owner, whatever `fields` says
    beside_fields: tuple[str, ...] = ()  # what is shown whatever `fields` says
    found_before_policy: bool = False  # another's is looked up all the same: policy hides it

    @property
    def name(self) -> str:
        """What policy rules call it."""
        return self.rule or self.member


# Queries


def select(
    kind: Resource, ctx: Context, wheres: Sequence[Where], tail: str = "", *, scoped: bool = True
) -> list[Row]:
    """Return the rows that meet all conditions, of those that the caller may see."""
    columns, source, values = _source(kind, ctx)
    conditions = list(wheres)
    if kind.kept is not None:
        conditions.append(kind.kept(ctx))
    if scoped and kind.sees is not None and not ctx.is_admin:
        conditions.append(kind.sees(ctx))
    sql = f"SELECT {columns} FROM {source}"
    if conditions:
        sql += " WHERE " + " AND ".join(f"({text})" for text, _ in conditions)
        values += [value for _, more in conditions for value in more]
    return ctx.db.all(sql + tail, values)


def _source(kind: Resource, ctx: Context) -> tuple[str, str, list[Any]]:
    columns = f"{kind.table}.*" + (f", {kind.columns}" if kind.columns else "")
    return columns, f"{kind.table} {kind.source}", [ctx.project_id] * kind.columns.count("?")


def find(kind: Resource, ctx: Context, own_id: str, parent_id: str | None = None) -> Row:
    """Return the row of an id. The kind's NotFound when there is none that the caller may see."""
    kind.arrive(ctx)
    wheres: list[Where] = [(f"{kind.table}.{kind.key} = ?", [own_id])]
    if kind.parent is not None and parent_id is not None:
        wheres.append((f"{kind.table}.{kind.parent.column} = ?", [parent_id]))
    rows = select(kind, ctx, wheres)
    if not rows:
        if kind.found_before_policy and select(kind, ctx, wheres, scoped=False):
            raise HTTPNotFound(rule=f"rule:get_{kind.name}")
        raise kind.missing(own_id)
    return rows[0]


def rows_of(kind: Resource, ctx: Context, ids: Sequence[str]) -> list[Row]:
    """Return the rows of ids, in their order; an id of something else has none."""
    marks = ", ".join("?" * len(ids))
    found = select(kind, ctx, [(f"{kind.table}.{kind.key} IN ({marks})", list(ids))], scoped=False)
    by_id = {row[kind.key]: row for row in found}
    return [by_id[each] for each in ids if each in by_id]


# View


def target_of(kind: Resource, ctx: Context, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what policy is asked about: an item and the facts around it."""
    return {**item, **kind.facts(ctx, item)}


def shown(kind: Resource, ctx: Context, item: Item) -> Item:
    """Return an item without what its viewer may not see."""
    hidden = permission.hidden_names(
        ctx, kind.name, kind.attributes, target_of(kind, ctx, item), item
    )
    return {name: value for name, value in item.items() if name not in hidden}


def answer(kind: Resource, ctx: Context, ids: Sequence[str]) -> list[Item]:
    """Return resources as their creator or changer sees them."""
    return [shown(kind, ctx, item) for item in kind.view(ctx, rows_of(kind, ctx, ids))]


def _asked(kind: Resource, item: Item, fields: Sequence[str]) -> Item:
    """Return the fields of an item that a list was asked for."""
    if fields and kind.keeps_fields:
        added = {kind.key, "project_id", "tenant_id"} - set(fields)
        return {name: value for name, value in item.items() if name not in added}
    return listing.only(item, fields and [*fields, *kind.beside_fields])


# Operations


def index(kind: Resource, ctx: Context, id: str | None = None) -> Item:
    """List what the caller may see and asked for, a page of it."""
    question = listing.read(ctx, kind)
    kind.arrive(ctx)
    parent_row = _parent(kind, ctx, id)
    if kind.parent is not None:
        question.wheres.append((f"{kind.table}.{kind.parent.column} = ?", [id]))
    rows = listing.select_page(ctx, kind, question)
    items = _view_all(kind, ctx, rows)
    if items:
        facts = {} if parent_row is None else _parent_facts(parent_row)
        items = _visible(kind, ctx, items, facts)
        first = {**target_of(kind, ctx, items[0]), **facts} if items else {}
        hidden = permission.hidden_names(ctx, kind.name, kind.attributes, first, first)
        if hidden or question.fields:
            items = [
                _asked(kind, {n: v for n, v in item.items() if n not in hidden}, question.fields)
                for item in items
            ]
    found: Item = {kind.collection: items}
    if question.limit:
        found[f"{kind.collection}_links"] = listing.links(ctx, kind, question, rows)
    return found


def _view_all(kind: Resource, ctx: Context, rows: Sequence[Row]) -> list[Item]:
    """Return rows as items, so many at a time as a query can name."""
    if len(rows) <= VIEW_ROWS_MAX:
        return kind.view(ctx, rows)
    parts = range(0, len(rows), VIEW_ROWS_MAX)
    return [item for at in parts for item in kind.view(ctx, rows[at : at + VIEW_ROWS_MAX])]


def _visible(
    kind: Resource, ctx: Context, items: list[Item], facts: Mapping[str, Any]
) -> list[Item]:
    """Keep what policy lets the caller see; items alike in what rules ask are asked about once."""
    verdicts: dict[tuple[Any, ...], bool] = {}
    kept = []
    for item in items:
        key = tuple(item.get(name) for name in kind.facts_differ_by)
        verdict = verdicts.get(key)
        if verdict is None:
            target = {**target_of(kind, ctx, item), **facts}
            verdict = verdicts[key] = ctx.can(f"get_{kind.name}", target)
        if verdict:
            kept.append(item)
    return kept


def show(kind: Resource, ctx: Context, id: str, item_id: str | None = None) -> Item:
    """Show one; of the core's the query must be one that a list could have."""
    if is_core(kind.path):
        listing.check_whole(ctx, kind)
    parent_row = _parent(kind, ctx, id)
    own_id = id if item_id is None else item_id
    row = find(kind, ctx, own_id, id)
    item = kind.view(ctx, [row])[0]
    target = _target(kind, ctx, item, parent_row)
    if not ctx.can(f"get_{kind.name}", target):
        raise HTTPNotFound(rule=f"rule:get_{kind.name}")
    hidden = permission.hidden_names(ctx, kind.name, kind.attributes, target, item)
    if hidden:
        item = {name: value for name, value in item.items() if name not in hidden}
    fields = listing.fields_of(ctx, kind)
    return {kind.member: listing.only(item, fields and [*fields, *kind.beside_fields])}


def create(kind: Resource, ctx: Context, id: str | None = None) -> Reply:
    """Create one, or all of a list."""
    parent_row = _parent(kind, ctx, id)
    given, many = _given(kind, ctx.body)
    batch = [values_of(ctx, kind.attributes, kind.member, each, create=True) for each in given]
    quotas.reserve(ctx, kind.member, [each.get("project_id", "") for each in batch])
    for values in batch:
        target = _target(kind, ctx, values, parent_row)
        permission.enforce(ctx, f"create_{kind.name}", kind.attributes, target, values)
    assert kind.create is not None
    if kind.create_many is not None and many:
        ids = kind.create_many(ctx, batch)
    elif parent_row is not None:
        ids = [kind.create(ctx, parent_row, values) for values in batch]
    else:
        ids = [kind.create(ctx, values) for values in batch]
    items = answer(kind, ctx, ids)
    return Reply(201, {kind.collection: items} if many else {kind.member: items[0]})


def _given(kind: Resource, body: Any) -> tuple[list[Any], bool]:
    """Return the resources of a body and whether they came as a list."""
    body = _object(kind, body)
    if kind.collection in body and kind.collection != kind.member:
        items = body[kind.collection]
        if not kind.bulk:
            raise HTTPBadRequest("Bulk operation not supported")
        if not items:
            raise HTTPBadRequest("Resources required")
        if not isinstance(items, list | str | dict):
            raise HTTPBadRequest("Body contains invalid data")
        return [_unwrapped(kind, each) for each in items], True
    if body.get(kind.member) is None:
        raise HTTPBadRequest(f"Unable to find '{kind.member}' in request body")
    return [body[kind.member]], False


def _object(kind: Resource, body: Any) -> Mapping[str, Any]:
    """Return a body that is an object; for the core, none is an empty one."""
    if not body and not is_core(kind.path):
        raise HTTPBadRequest("Resource body required")
    if body is not None and not isinstance(body, dict):
        raise HTTPBadRequest("Body contains invalid data")
    return body or {}


def _unwrapped(kind: Resource, given: Any) -> Any:
    return given[kind.member] if isinstance(given, dict) and kind.member in given else given


def update(kind: Resource, ctx: Context, id: str, item_id: str | None = None) -> Item:
    """Change one."""
    parent_row = _parent(kind, ctx, id)
    if not ctx.request.body and not is_core(kind.path):
        raise BadRequest(resource="body", msg="Invalid format: b''")
    body = _object(kind, ctx.body)
    if kind.collection in body and kind.collection != kind.member:
        raise HTTPBadRequest("Bulk operation not supported")
    given, values = body.get(kind.member), Values()
    absent = HTTPBadRequest(f"Unable to find '{kind.member}' in request body")
    if given is not None:
        values = values_of(ctx, kind.attributes, kind.member, given, create=False)
    elif kind.member in body or not is_core(kind.path):
        raise absent
    row = find(kind, ctx, id if item_id is None else item_id, id)
    item = kind.view(ctx, [row])[0]
    _authorize(kind, ctx, "update", item, values, parent_row)
    if given is None:
        raise absent
    assert kind.update is not None
    kind.update(ctx, row, values)
    check_revision(ctx, row)  # last, as Neutron does when it writes: other refusals come first
    return {kind.member: answer(kind, ctx, [row[kind.key]])[0]}


def delete(kind: Resource, ctx: Context, id: str, item_id: str | None = None) -> Reply:
    """Remove one; a body is refused, in the core once it is known who may."""
    if ctx.request.body and not is_core(kind.path):
        raise HTTPBadRequest(NO_BODY)
    parent_row = _parent(kind, ctx, id)
    row = find(kind, ctx, id if item_id is None else item_id, id)
    _authorize(kind, ctx, "delete", kind.view(ctx, [row])[0], {}, parent_row)
    if ctx.request.body:
        raise HTTPBadRequest(NO_BODY)
    assert kind.delete is not None
    kind.delete(ctx, row)
    check_revision(ctx, row)
    return Reply(204)


def _authorize(
    kind: Resource, ctx: Context, verb: str, item: Item, values: Values, parent_row: Row
) -> None:
    """Ask policy about a change; what the caller may not even see is not found."""
    target = _target(kind, ctx, item, parent_row)
    wanted = {**target, **values}
    action = f"{verb}_{kind.name}"
    try:
        permission.enforce(ctx, action, kind.attributes, wanted, values, update=True)
    except PolicyNotAuthorized:
        if not ctx.can(f"get_{kind.name}", wanted):
            raise HTTPNotFound(rule=f"rule:{action}") from None
        raise


def act(
    kind: Resource, action: str, handler: Callable[[Context, Row, Any], Any], ctx: Context, id: str
) -> Any:
    """Do a named action on one resource: PUT /routers/{id}/add_router_interface."""
    row = find(kind, ctx, id)
    item = kind.view(ctx, [row])[0]
    target = target_of(kind, ctx, item)
    if not ctx.can(action, target):
        if not ctx.can(f"get_{kind.name}", target):
            raise HTTPNotFound(rule=f"rule:{action}")
        raise permission.forbidden(action)
    check_revision(ctx, row)
    return handler(ctx, row, ctx.body)


def _parent(kind: Resource, ctx: Context, id: str | None) -> Row:
    """Return the row of the resource above, None for a resource at the top."""
    return None if kind.parent is None or id is None else find(kind.parent.resource, ctx, id)


def _parent_facts(parent_row: Row) -> Mapping[str, Any]:
    return {"ext_parent:project_id": parent_row["project_id"]}


def _target(
    kind: Resource, ctx: Context, item: Mapping[str, Any], parent_row: Row
) -> Mapping[str, Any]:
    target = target_of(kind, ctx, item)
    return target if parent_row is None else {**target, **_parent_facts(parent_row)}


# Rows of the table of contents

NO_BODY = "Request body is not supported in DELETE."


def match_collection(ctx: Context) -> None:
    """Match a path; where it is a collection's, do what its controller does with odd methods.

    OPTIONS lists it, PUT and DELETE are for the one called None, which does not exist
    (Neutron 29.0.0, pecan_wsgi.controllers.resource).
    """
    assert ctx.service is not None
    check_query_text(ctx)
    method = ctx.request.method
    if method in ("PUT", "POST"):
        check_accept(ctx)
    if method in ("OPTIONS", "PUT", "DELETE"):
        node, _ = ctx.service.paths.find(ctx.path)
        rows = node.methods.get("GET", ()) if node is not None else ()
        handler = rows[0].handler if rows else None
        if isinstance(handler, partial) and handler.func is index:
            kind: Resource = handler.args[0]
            is_known = kind.parent is None and kind.member != kind.collection
            if method != "OPTIONS" and is_known:
                raise kind.missing("None")
            method = "GET"
    match(ctx, method)


def verbs(kind: Resource) -> tuple[Operation, ...]:
    """Return the operations of a resource: those verbs that it has a function for."""
    top, one = kind.path, kind.path + ("/{id}" if kind.parent is None else "/{item_id}")
    rows = [op("GET", top, partial(index, kind)), op("GET", one, partial(show, kind))]
    if kind.create is not None:
        rows.append(op("POST", top, partial(create, kind), status=201))
    if kind.update is not None:
        rows.append(op("PUT", one, partial(update, kind)))
    if kind.delete is not None:
        rows.append(op("DELETE", one, partial(delete, kind), status=204))
    return tuple(rows)


def member_action(
    kind: Resource,
    action: str,
    handler: Callable[[Context, Row, Any], Any],
    method: str = "PUT",
    rule: str = "",
) -> Operation:
    """Return the operation of a named action on one resource."""
    return op(method, f"{kind.path}/{{id}}/{action}", partial(act, kind, rule or action, handler))

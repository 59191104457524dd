"""Facts that hold from one microversion to another: views, bodies and queries as tables of values.

A fact says since when and until when it holds, both ends included::

    SERVER = View(
        field("id"),
        field("flavor", flavor_link, until="2.46"),
        field("flavor", flavor_embedded, since="2.47"),
    )

A table is compiled for a version when that version is first asked for. Services without
microversions use the same tables, with the one version (0, 0).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

Version = tuple[int, int]
Json = Any

OLDEST: Version = (0, 0)
NEWEST: Version = (9999, 9999)
UNVERSIONED: Version = (0, 0)


def parse_version(text: str) -> Version:
    """Return (2, 73) for "2.73"."""
    major, _, minor = text.partition(".")
    return int(major), int(minor)


class Span(NamedTuple):
    """The versions from `since` to `until`, both included."""

    since: Version = OLDEST
    until: Version = NEWEST

    def holds(self, version: Version) -> bool:
        """Say whether the fact holds at this version."""
        return self.since <= version <= self.until

    def overlaps(self, other: Span) -> bool:
        """Say whether the two share a version."""
        return self.since <= other.until and other.since <= self.until

    def __str__(self) -> str:
        ends = [("since", self.since, OLDEST), ("until", self.until, NEWEST)]
        return " ".join(f"{word} {at[0]}.{at[1]}" for word, at, open_end in ends if at != open_end)


ALWAYS = Span()


def span(since: str | None = None, until: str | None = None) -> Span:
    """Return the span between two versions given as text; an open end is None."""
    if since is None and until is None:
        return ALWAYS
    return Span(
        parse_version(since) if since else OLDEST, parse_version(until) if until else NEWEST
    )


class Viewer(Protocol):
    """Whom a view is made for: the part of a request's context that views look at."""

    version: Version

    def can(self, rule: str, target: Mapping[str, Any] | None = None) -> bool:
        """Say whether a policy rule allows it."""
        ...


Getter = Callable[[Any, Any], Any]
"""getter(row, ctx) → the value."""


class Field(NamedTuple):
    """One key of a view; `policy` hides it from who may not see it, `when` where it says no.

    `unless` is a rule whose holders do not see it: to them another field of the name says more.
    """

    name: str
    get: Getter | None
    column: str
    span: Span
    policy: str | None = None
    when: Callable[[Any, Any], bool] | None = None
    unless: str | None = None
    json: str | None = None


def field(
    name: str,
    get: Getter | None = None,
    *,
    column: str | None = None,
    since: str | None = None,
    until: str | None = None,
    policy: str | None = None,
    when: Callable[[Any, Any], bool] | None = None,
) -> Field:
    """Return a key of a view; without `get` its value is the row's column (of the same name)."""
    return Field(name, get, column or name, span(since, until), policy, when)


def json_field(
    name: str,
    json: str,
    *,
    since: str | None = None,
    until: str | None = None,
    policy: str | None = None,
    unless: str | None = None,
) -> Field:
    """Return a key of a view that SQLite writes: `json` is SQL for the text of its value in JSON.

    Where that is NULL the key is left out.
    """
    return Field(name, None, "", span(since, until), policy, unless=unless, json=json)


class Plan(NamedTuple):
    """The fields of a view that one viewer sees at one version, sorted by what they cost."""

    names: tuple[str, ...]  # of the fields that are columns
    values: Callable[[Any], tuple[Any, ...]]  # row → those columns
    made: tuple[tuple[str, Getter], ...]
    doubtful: tuple[tuple[str, Getter, Callable[[Any, Any], bool]], ...]


class View:
    """What a resource looks like, at every microversion."""

    def __init__(self, *fields: Field) -> None:
        self.fields = fields
        self._rules: dict[Version, tuple[str, ...]] = {}
        self._plans: dict[tuple[Version, tuple[bool, ...]], Plan] = {}
        self._written: dict[tuple[Version, tuple[bool, ...]], str] = {}

    def at(self, version: Version) -> tuple[Field, ...]:
        """Return the fields that hold at a version, in order."""
        return tuple(each for each in self.fields if each.span.holds(version))

    def render(self, row: Any, ctx: Any) -> dict[str, Any]:
        """Return the row as this viewer sees it at the version asked for.

        Fields that are columns come first, then those that are made, each in the table's order.
        """
        return _rendered(row, ctx, self._plan(ctx))

    def render_all(self, rows: Iterable[Any], ctx: Any) -> list[dict[str, Any]]:
        """Return the rows as this viewer sees them; policy is asked once for all."""
        plan = self._plan(ctx)
        return [_rendered(row, ctx, plan) for row in rows]

    def sql(self, ctx: Any) -> str:
        """Return the SQL expression that writes a row, as this viewer sees it, as JSON text.

        For views without getters: a field is a column, or an expression of columns, whose value
        is a text, a number or NULL; all else is a `json_field`, and comes last. A list that SQLite
        writes costs a fraction of one that is made of Python's values.
        """
        key = ctx.version, self._allowed(ctx)
        written = self._written.get(key)
        if written is None:
            written = self._written[key] = _written(self._seen(*key))
        return written

    def _plan(self, ctx: Any) -> Plan:
        key = ctx.version, self._allowed(ctx)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = _planned(self._seen(*key))
        return plan

    def _allowed(self, ctx: Any) -> tuple[bool, ...]:
        """What each rule that fields name says to this viewer."""
        version = ctx.version
        rules = self._rules.get(version)
        if rules is None:
            named = [rule for each in self.at(version) for rule in (each.policy, each.unless)]
            rules = self._rules[version] = tuple(dict.fromkeys(filter(None, named)))
        return tuple([ctx.can(rule) for rule in rules])

    def _seen(self, version: Version, allowed: tuple[bool, ...]) -> list[Field]:
        """The fields that hold at a version for whom the rules say this."""
        held = {None: True} | dict(zip(self._rules[version], allowed, strict=True))
        return [
            each
            for each in self.at(version)
            if held[each.policy] and not (each.unless and held[each.unless])
        ]


def _planned(fields: Iterable[Field]) -> Plan:
    plain: dict[str, str] = {}
    made: dict[str, Getter] = {}
    doubtful: list[tuple[str, Getter, Callable[[Any, Any], bool]]] = []
    for each in fields:
        if each.when is not None:
            doubtful.append((each.name, each.get or _column(each.column), each.when))
        elif each.get is None:
            plain[each.name] = each.column
        else:
            made[each.name] = each.get
    return Plan(tuple(plain), _getter(*plain.values()), tuple(made.items()), tuple(doubtful))


def _getter(*columns: str) -> Callable[[Any], tuple[Any, ...]]:
    """A function row → its columns; one of them, or none, is a tuple too."""
    if len(columns) > 1:
        return itemgetter(*columns)
    return lambda row: tuple(row[column] for column in columns)


def _written(fields: Iterable[Field]) -> str:
    columns = [f"'{each.name}', {each.column}" for each in fields if each.json is None]
    more = [
        f"""coalesce(',"{each.name}":' || {each.json}, '')"""
        for each in fields
        if each.json is not None
    ]
    # Plain values end in no brace, so that only the object's own is taken off.
    return " || ".join([f"rtrim(json_object({', '.join(columns)}), '}}')", *more, "'}'"])


def _column(column: str) -> Getter:
    return lambda row, ctx: row[column]


def _rendered(row: Any, ctx: Any, plan: Plan) -> dict[str, Any]:
    shown = dict(zip(plan.names, plan.values(row)))  # noqa: B905
    for name, get in plan.made:
        shown[name] = get(row, ctx)
    for name, get, when in plan.doubtful:
        if when(row, ctx):
            shown[name] = get(row, ctx)
    return shown


class Property(NamedTuple):
    """One property of an object in a request body."""

    name: str
    schema: Json
    required: bool
    span: Span


def prop(
    name: str,
    schema: Json,
    *,
    required: bool = False,
    since: str | None = None,
    until: str | None = None,
) -> Property:
    """Return a property; its schema is JSON Schema in which versioned objects may stand."""
    return Property(name, schema, required, span(since, until))


class Object:
    """A JSON object whose properties depend on the version.

    `unknown` is what JSON Schema's additionalProperties says; `more` are further keywords, which
    stand after it. The order of keywords and properties is the order in which faults are found;
    at the versions of `required_last` properties that lack are found after unknown ones.
    """

    def __init__(
        self,
        *properties: Property,
        unknown: Json = False,
        required_last: Any = None,  # a Span
        **more: Json,
    ) -> None:
        self.properties = properties
        self.unknown = unknown
        self.required_last = required_last
        self.more = more

    def at(self, version: Version) -> Json:
        """Return the JSON Schema that holds at a version."""
        alive = [each for each in self.properties if each.span.holds(version)]
        schema: dict[str, Json] = {
            "type": "object",
            "properties": {each.name: schema_at(each.schema, version) for each in alive},
        }
        required = [each.name for each in alive if each.required]
        if required:
            schema["required"] = required
        unknown = schema_at(self.unknown, version)
        if unknown is not True:
            schema["additionalProperties"] = unknown
        if required and self.required_last is not None and self.required_last.holds(version):
            schema["required"] = schema.pop("required")
        schema.update({key: schema_at(value, version) for key, value in self.more.items()})
        return schema


class Alternative(NamedTuple):
    """One of the schemas of a `switch`."""

    schema: Json
    span: Span


class Switch:
    """A schema that is another one from some version on."""

    def __init__(self, *alternatives: Alternative) -> None:
        self.alternatives = alternatives

    def at(self, version: Version) -> Json:
        """Return the schema that holds at a version; KeyError when none does."""
        for each in self.alternatives:
            if each.span.holds(version):
                return schema_at(each.schema, version)
        raise KeyError(version)


def either(schema: Json, *, since: str | None = None, until: str | None = None) -> Alternative:
    """Return one alternative of a Switch."""
    return Alternative(schema, span(since, until))


def schema_at(schema: Json, version: Version) -> Json:
    """Return a schema with every versioned part inside replaced by what holds at the version.

    A function inside is called: what is long to make is made when it is first needed.
    """
    if isinstance(schema, Object | Switch):
        return schema.at(version)
    if callable(schema):
        return schema()
    if isinstance(schema, dict):
        return {key: schema_at(value, version) for key, value in schema.items()}
    if isinstance(schema, list | tuple):
        return [schema_at(value, version) for value in schema]
    return schema


class Body:
    """What a request body must be, at every microversion.

    `Body("resize", prop(...), ...)` is an object with the one key "resize" that holds an object of
    these properties. `Body("pause", schema=ANY)` gives the value under the key another schema;
    `beside` are properties beside the key; `Body(schema=...)` is a body without a key. `unknown`
    and `unknown_beside` say what further properties there may be in the object and beside the key;
    `required` whether the key must be there.
    """

    def __init__(
        self,
        key: str | None = None,
        *properties: Property,
        schema: Json = None,
        beside: tuple[Property, ...] = (),
        unknown: Json = False,
        unknown_beside: Json = False,
        required: bool = True,
    ) -> None:
        inner = Object(*properties, unknown=unknown) if schema is None else schema
        self.key = key
        self.root: Json = (
            inner
            if key is None
            else Object(prop(key, inner, required=required), *beside, unknown=unknown_beside)
        )
        self._schemas: dict[Version, Json] = {}

    def at(self, version: Version) -> Json:
        """Return the JSON Schema that holds at a version."""
        schema = self._schemas.get(version)
        if schema is None:
            schema = self._schemas[version] = schema_at(self.root, version)
        return schema


class Query(Body):
    """What a query string may be, at every microversion: each value is a list of texts.

    `unknown` is what additionalProperties says and `more` further keywords (see Object): a Switch
    where versions differ.
    """

    def __init__(self, *parameters: Property, unknown: Json = True, **more: Json) -> None:
        super().__init__(schema=Object(*parameters, unknown=unknown, **more))
        self.parameters = parameters

    def known(self, version: Version, given: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """Return the parameters given that are in the table, or like its patterns, at a version."""
        schema = self.at(version)
        names, patterns = schema["properties"], schema.get("patternProperties", ())
        return {
            name: values
            for name, values in given.items()
            if name in names or any(re.match(pattern, name) for pattern in patterns)
        }


def param(
    name: str,
    schema: Json = None,
    *,
    multiple: bool = True,
    required: bool = False,
    since: str | None = None,
    until: str | None = None,
) -> Property:
    """Return a query parameter; `multiple` says whether it may be given more than once."""
    values: dict[str, Json] = {"type": "array", "items": schema or {"type": "string"}}
    if not multiple:
        values["maxItems"] = 1
    return prop(name, values, required=required, since=since, until=until)


# What changed when


class Release(NamedTuple):
    """One line of a service's version history. `behaviour` marks those that change no table."""

    version: Version
    summary: str
    behaviour: bool = False


BEHAVIOUR = True


def history(*lines: tuple[str, str] | tuple[str, str, bool]) -> tuple[Release, ...]:
    """Return a service's versions, oldest first, from (version, summary[, BEHAVIOUR])."""
    return tuple(
        Release(parse_version(line[0]), line[1], line[2] if len(line) == 3 else False)
        for line in lines
    )


def since(version: str) -> Span:
    """Name a behaviour that begins at a version: `if LOCKED_REASON in ctx`."""
    return span(since=version)


def spans_of(thing: Any) -> Iterator[tuple[str, Span]]:
    """Yield every fact of a table with its name and span, those inside schemas too."""
    if isinstance(thing, View):
        yield from ((each.name, each.span) for each in thing.fields)
    elif isinstance(thing, Body):
        yield from spans_of(thing.root)
    elif isinstance(thing, Object):
        for each in thing.properties:
            yield each.name, each.span
            yield from _named(each.name, each.schema)
        yield from _named("(unknown names)", thing.unknown)
        yield from spans_of(thing.more)
    elif isinstance(thing, Switch):
        for alternative in thing.alternatives:
            yield "(schema)", alternative.span
            yield from spans_of(alternative.schema)
    elif isinstance(thing, Mapping):
        for value in thing.values():
            yield from spans_of(value)
    elif isinstance(thing, list | tuple):
        for value in thing:
            yield from spans_of(value)


def _named(name: str, schema: Json) -> Iterator[tuple[str, Span]]:
    """The facts inside a schema; alternatives of the schema itself go by the name given."""
    for fact, held in spans_of(schema):
        yield (name if fact == "(schema)" else fact), held


def changes_in(version: Version, tables: Mapping[str, Any]) -> list[str]:
    """Return what a version changed, a line a fact: "server view: + locked_reason"."""
    before = (version[0], version[1] - 1)
    changes = []
    for name, table in tables.items():
        for fact, held in spans_of(table):
            if held.since == version:
                changes.append(f"{name}: + {fact}")
            elif held.until == before:
                changes.append(f"{name}: - {fact}")
    return list(dict.fromkeys(changes))

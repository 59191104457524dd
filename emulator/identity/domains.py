"""Domains: projects that act as the owners of users, groups and other projects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.identity import groups, hierarchy, listing, projects, users
from emulator.identity.attributes import check_deletable, extra, is_true, options
from emulator.identity.errors import Invalid, NotAllowed
from emulator.identity.schemas import (
    DESCRIPTION,
    ID,
    OPTIONS,
    PAGING,
    SHORT_NAME,
    SWITCH,
    TAGS,
    extensible,
)
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Query, prop

# Schemas

LIST = Query(prop("enabled", SWITCH), prop("name", SHORT_NAME), *PAGING)
CREATE = extensible(
    "domain",
    prop("explicit_domain_id", ID),
    prop("description", DESCRIPTION),
    prop("enabled", SWITCH),
    prop("name", SHORT_NAME, required=True),
    prop("options", OPTIONS),
    prop("tags", TAGS),
)
UPDATE = extensible(
    "domain",
    prop("description", DESCRIPTION),
    prop("enabled", SWITCH),
    prop("name", SHORT_NAME),
    prop("options", OPTIONS),
    prop("tags", TAGS),
    minProperties=1,
)
NOT_EXTRA = (*projects.NOT_EXTRA, "explicit_domain_id")
NOT_SHOWN = ("domain_id", "parent_id", "is_domain", "extra")

# View


def view(ctx: Context, shown: dict[str, Any]) -> dict[str, Any]:
    """Return a domain as it is shown, from the project that it is."""
    left = {name: value for name, value in shown.items() if name not in NOT_SHOWN}
    left["links"] = {"self": listing.link(ctx, "domains", left["id"])}
    return left


def views(ctx: Context, rows: Any) -> list[dict[str, Any]]:
    """Return many domains as they are shown."""
    return [view(ctx, each) for each in projects.views(ctx, rows)]


def target(row: Any) -> Mapping[str, Any]:
    """Return what policy rules compare with."""
    return {"target.domain.id": row["id"]}


# Queries


def _members(ctx: Context, table: str, domain_id: str) -> list[Any]:
    return ctx.db.all(f"SELECT * FROM {table} WHERE domain_id = ? ORDER BY id", (domain_id,))


# Operations


def index(ctx: Context, query: Any) -> dict[str, Any]:
    """List domains; a token of a domain sees that one."""
    own = ctx.credentials.domain_id
    ctx.authorize("identity:list_domains", {"target.domain.id": own} if own else {})
    where, values = listing.conditions(ctx, ("name",), ("enabled",))
    where.append("is_domain = 1")
    if own and not ctx.is_admin:
        where.append("id = ?")
        values.append(own)
    rows, cut = listing.page(ctx, "identity_projects", where, values)
    return listing.collection(ctx, "domains", views(ctx, rows), cut=cut)


def show(ctx: Context, domain: Any) -> dict[str, Any]:
    """Show a domain."""
    return {"domain": views(ctx, [domain])[0]}


def create(ctx: Context, body: Any) -> dict[str, Any]:
    """Make a domain."""
    given = body["domain"]
    explicit = given.get("explicit_domain_id")
    if explicit is not None and not _is_hex(explicit):
        raise Invalid("Domain ID does not conform to required UUID format.")
    row = {
        "id": explicit or ctx.ids.hex(),
        "name": given["name"].strip(),
        "domain_id": None,
        "parent_id": None,
        "is_domain": 1,
        "enabled": int(is_true(given.get("enabled", True))),
        "description": given.get("description", ""),
        "options": options(given),
        "extra": extra(given, NOT_EXTRA),
    }
    if explicit and projects.get(ctx, explicit) is not None:
        raise projects.duplicate(row)
    return {"domain": view(ctx, projects.store_new(ctx, row, given.get("tags", ())))}


def _is_hex(text: str) -> bool:
    return len(text) == 32 and all(letter in "0123456789abcdef" for letter in text)


def update(ctx: Context, domain: Any, body: Any) -> dict[str, Any]:
    """Change a domain; disabling it ends the tokens of all its users."""
    given = body["domain"]
    shown = projects.change(ctx, domain, given, "domain")
    return {"domain": view(ctx, shown)}


def delete(ctx: Context, domain: Any) -> Reply:
    """Delete a disabled domain with the users, groups and projects that it owns."""
    check_deletable(domain, "domain")
    if domain["enabled"]:
        raise NotAllowed("Cannot delete a domain that is enabled, please disable it first.")
    domain_id = domain["id"]
    for row in _members(ctx, "identity_users", domain_id):
        users.remove(ctx, row)
    for row in _members(ctx, "identity_groups", domain_id):
        groups.remove(ctx, row)
    for row in reversed(hierarchy.rows_below(ctx, domain_id)):
        projects.remove(ctx, row)
    ctx.db.delete("identity_domain_options", domain_id, "domain_id")
    ctx.db.delete("identity_limits", domain_id, "domain_id")
    projects.remove(ctx, domain)
    return Reply(204)

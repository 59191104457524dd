"""Traits: what providers can do, as names. The standard ones are constants."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from emulator.placement import providers
from emulator.placement.errors import (
    GenerationChanged,
    InvalidQuery,
    InvalidTrait,
    NoSuchTrait,
    ProviderOfTraitsNotFound,
    StandardTrait,
    TraitInUse,
    TraitNotFound,
)
from emulator.placement.names import TRAITS
from emulator.placement.replies import fresh, url_of
from emulator.placement.schemas import CUSTOM_PATTERN, INTEGER, TEXT
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Query, prop

NAME_LENGTH_MAX = 255
STANDARD = frozenset(TRAITS)

# Schemas

LIST = Query(prop("name", TEXT), prop("associated", TEXT), unknown=False)
TRAIT = {"type": "string", "minLength": 1, "maxLength": NAME_LENGTH_MAX}
SET = Body(
    schema=Object(
        prop("traits", {"type": "array", "items": TRAIT}, required=True),
        prop("resource_provider_generation", INTEGER, required=True),
    )
)

# Queries


def custom(ctx: Context) -> list[Any]:
    """Return all custom traits, oldest first."""
    return ctx.db.all("SELECT * FROM placement_traits ORDER BY rowid")


def created_at(ctx: Context, name: str) -> str | None:
    """Return when a custom trait was made; None of others."""
    created: str | None = ctx.db.value(
        "SELECT created_at FROM placement_traits WHERE name = ?", (name,)
    )
    return created


def exists(ctx: Context, name: str) -> bool:
    """Say whether there is a trait of this name."""
    return name in STANDARD or created_at(ctx, name) is not None


def unknown(ctx: Context, names: Iterable[str]) -> list[str]:
    """Return those of the names that are no traits."""
    return [name for name in names if not exists(ctx, name)]


def in_use(ctx: Context) -> set[str]:
    """Return the traits that some provider has."""
    rows = ctx.db.all("SELECT DISTINCT trait FROM placement_provider_traits")
    return {row["trait"] for row in rows}


def add(ctx: Context, name: str) -> None:
    """Add a custom trait."""
    ctx.db.insert("placement_traits", {"name": name, "created_at": ctx.timestamp})


def remove(ctx: Context, name: str) -> None:
    """Remove a custom trait."""
    ctx.db.delete("placement_traits", name, "name")


def of_provider(ctx: Context, provider_id: int) -> list[str]:
    """Return the traits of a provider, by name."""
    sql = "SELECT trait FROM placement_provider_traits WHERE provider_id = ? ORDER BY trait"
    return [row["trait"] for row in ctx.db.all(sql, (provider_id,))]


def modified(ctx: Context, provider_id: int) -> str | None:
    """Return when the youngest custom trait of a provider was made."""
    latest: str | None = ctx.db.value(
        "SELECT max(t.created_at) FROM placement_provider_traits h"
        " JOIN placement_traits t ON t.name = h.trait WHERE h.provider_id = ?",
        (provider_id,),
    )
    return latest


def give(ctx: Context, provider_id: int, names: Iterable[str]) -> None:
    """Make these, and no others, the traits of a provider; what changes counts as a change."""
    wanted, held = set(names), set(of_provider(ctx, provider_id))
    if wanted == held:
        return
    ctx.db.delete("placement_provider_traits", provider_id, "provider_id")
    ctx.db.insert_all(
        "placement_provider_traits",
        ({"provider_id": provider_id, "trait": name} for name in sorted(wanted)),
    )
    providers.count_change(ctx, provider_id)


# Operations


def index(ctx: Context, query: dict[str, list[str]]) -> Reply:
    """List traits: all, some, or those that providers have or have not."""
    rows = custom(ctx)
    names = [*TRAITS, *(row["name"] for row in rows)]
    if "name" in query:
        names = _named(names, query["name"][-1])
    if "associated" in query:
        wanted = query["associated"][-1].lower()
        if wanted not in ("true", "false"):
            reason = 'The query parameter "associated" only accepts "true" or "false"'
            raise InvalidQuery(reason=reason)
        used = in_use(ctx)
        names = [name for name in names if (name in used) == (wanted == "true")]
    return fresh(ctx, {"traits": names}, (row["created_at"] for row in rows))


def _named(names: list[str], condition: str) -> list[str]:
    """Those of the names that a condition in:A,B or startswith:A means."""
    word, colon, rest = condition.partition(":")
    if not colon:
        reason = (
            "Badly formatted name parameter. Expected name query string parameter in form: "
            f'?name=[in|startswith]:[name1,name2|prefix]. Got: "{condition}"'
        )
        raise InvalidQuery(reason=reason)
    if word == "in":
        wanted = set(rest.split(","))
        return [name for name in names if name in wanted]
    return [name for name in names if word != "startswith" or name.startswith(rest)]


def show(ctx: Context, name: str) -> Reply:
    """Say whether there is a trait of this name."""
    if not exists(ctx, name):
        raise TraitNotFound(name=name)
    return fresh(ctx, None, [created_at(ctx, name)], status=204)


def ensure(ctx: Context, name: str) -> Reply:
    """Create a custom trait unless it is there."""
    if len(name) > NAME_LENGTH_MAX or not re.search(CUSTOM_PATTERN, name):
        raise InvalidTrait()
    status = 204
    if not exists(ctx, name):
        add(ctx, name)
        status = 201
    reply = fresh(ctx, None, [created_at(ctx, name)], status=status)
    reply.headers["Location"] = url_of(ctx, "traits", name)
    return reply


def delete(ctx: Context, name: str) -> Reply:
    """Delete a custom trait that no provider has."""
    if not exists(ctx, name):
        raise TraitNotFound(name=name)
    if name in STANDARD:
        raise StandardTrait(name=name)
    if name in in_use(ctx):
        raise TraitInUse(name=name)
    remove(ctx, name)
    return Reply(204)


def of(ctx: Context, provider_uuid: str) -> Reply:
    """List the traits of a provider."""
    provider = providers.find(ctx, provider_uuid, ProviderOfTraitsNotFound)
    names = of_provider(ctx, provider["id"])
    body = {"traits": names, "resource_provider_generation": provider["generation"]}
    return fresh(ctx, body, [modified(ctx, provider["id"])])


def replace(ctx: Context, provider_uuid: str, body: dict[str, Any]) -> Reply:
    """Make these the traits of a provider."""
    provider = providers.find(ctx, provider_uuid)
    if provider["generation"] != body["resource_provider_generation"]:
        raise GenerationChanged()
    missing = unknown(ctx, body["traits"])
    if missing:
        raise NoSuchTrait(names=", ".join(missing))
    give(ctx, provider["id"], body["traits"])
    names = of_provider(ctx, provider["id"])
    generation = providers.find(ctx, provider_uuid)["generation"]
    return fresh(
        ctx,
        {"traits": names, "resource_provider_generation": generation},
        [modified(ctx, provider["id"])],
    )


def clear(ctx: Context, provider: Any) -> Reply:
    """Take all traits from a provider."""
    give(ctx, provider["id"], ())
    return Reply(204)

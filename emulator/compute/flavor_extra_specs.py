"""Extra specs: what a flavor says beyond its size."""

from __future__ import annotations

from typing import Any

import orjson

from emulator.compute import extra_spec_rules
from emulator.compute.errors import FlavorExtraSpecNotFound, InvalidExtraSpec
from emulator.compute.flavors import find
from emulator.compute.versions import EXTRA_SPECS_ARE_CHECKED
from emulator.wire.request import Context
from emulator.wire.versioned import Body

VALUE_LENGTH_MAX = 255

# Schemas

SPECS = {
    "type": "object",
    "patternProperties": {
        "^[a-zA-Z0-9-_:. ]{1,255}$": {"type": ["string", "number"], "maxLength": 255}
    },
    "additionalProperties": False,
}
CREATE = Body("extra_specs", schema=SPECS)
UPDATE = Body(schema={**SPECS, "minProperties": 1, "maxProperties": 1})

# Queries


def write(ctx: Context, flavor: Any, specs: dict[str, Any]) -> None:
    """Let a flavor have these extra specs and no others; every value is kept as text."""
    text = orjson.dumps({name: str(value) for name, value in specs.items()}).decode()
    ctx.db.update("compute_flavors", flavor["id"], extra_specs=text, updated_at=ctx.timestamp)


# Operations


def index(ctx: Context, flavor_id: str) -> dict[str, Any]:
    """List the extra specs of a flavor."""
    return {"extra_specs": orjson.Fragment(find(ctx, flavor_id)["extra_specs"])}


def show(ctx: Context, flavor_id: str, key: str) -> dict[str, Any]:
    """Show one extra spec."""
    specs = orjson.loads(find(ctx, flavor_id)["extra_specs"])
    if key not in specs:
        raise FlavorExtraSpecNotFound(flavor_id=flavor_id, key=key)
    return {key: specs[key]}


def create(ctx: Context, flavor_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Add extra specs to a flavor, or change them."""
    _check(ctx, body["extra_specs"])
    _merge(ctx, find(ctx, flavor_id), body["extra_specs"])
    return body


def update(ctx: Context, flavor_id: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Change one extra spec, or add it."""
    _check(ctx, body)
    if key not in body:
        raise InvalidExtraSpec("Request body and URI mismatch")
    _merge(ctx, find(ctx, flavor_id), body)
    return body


def delete(ctx: Context, flavor_id: str, key: str) -> None:
    """Take an extra spec away."""
    flavor = find(ctx, flavor_id)
    specs = orjson.loads(flavor["extra_specs"])
    if key not in specs:
        raise FlavorExtraSpecNotFound(flavor_id=flavor_id, key=key)
    del specs[key]
    write(ctx, flavor, specs)


def _merge(ctx: Context, flavor: Any, specs: dict[str, Any]) -> None:
    write(ctx, flavor, {**orjson.loads(flavor["extra_specs"]), **specs})


def _check(ctx: Context, specs: dict[str, Any]) -> None:
    for name, value in specs.items():
        text = str(value)
        if len(text) > VALUE_LENGTH_MAX:
            raise InvalidExtraSpec(
                f"extra_specs value has {len(text)} characters, more than {VALUE_LENGTH_MAX}."
            )
        if EXTRA_SPECS_ARE_CHECKED in ctx:
            problem = extra_spec_rules.refusal(name, text)
            if problem:
                raise InvalidExtraSpec(problem)

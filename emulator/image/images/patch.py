"""The body of PATCH /v2/images/{id}: JSON patches in two media types."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from emulator.errors import BadInput
from emulator.image import bodies
from emulator.image.errors import ReadOnlyAttribute, ReservedAttribute, WrongContentType
from emulator.image.schemas import IMAGE, IMAGE_PROPERTIES, check
from emulator.wire.request import Context

OLD_TYPE = "application/openstack-images-v2.0-json-patch"
NEW_TYPE = "application/openstack-images-v2.1-json-patch"
OPERATIONS = ("add", "remove", "replace")
READ_ONLY = frozenset({
    "created_at", "updated_at", "status", "checksum", "size", "virtual_size", "direct_url", "self",
    "file", "schema", "id", "os_hash_algo", "os_hash_value",
})  # fmt: skip
SETTABLE = (
    "id", "name", "visibility", "min_disk", "min_ram", "protected", "os_hidden", "owner",
    "disk_format", "container_format",
)  # fmt: skip
RESERVED = frozenset({"location", "deleted", "deleted_at"})
RESERVED_PREFIX = "os_glance"
LOCATION_DEPTHS = {"add": 2, "remove": 2, "replace": 1}


class BadPatch(BadInput):
    """A patch that cannot be read."""


class Change(NamedTuple):
    """One operation of a patch. `old` says that it came in the old media type."""

    operation: str
    path: tuple[str, ...]
    value: Any
    old: bool

    @property
    def name(self) -> str:
        """The attribute or property that it is about."""
        return self.path[0]


def read(ctx: Context) -> list[Change]:
    """Return the changes that the body asks for, each found possible in itself."""
    given = bodies.content_type(ctx)
    if given not in (OLD_TYPE, NEW_TYPE):
        types = f"{OLD_TYPE}, {NEW_TYPE}"
        raise WrongContentType(
            detail=f"Image PATCH expects Content-Type one of: {types}",
            headers={"Accept-Patch": types},
        )
    body = bodies.read(ctx)
    if not isinstance(body, list):
        raise BadPatch("Request body must be a JSON array of operation objects.")
    return [_change(raw, old=given == OLD_TYPE) for raw in body]


def _change(raw: Any, *, old: bool) -> Change:
    if not isinstance(raw, dict):
        raise BadPatch("Operations must be JSON objects.")
    operation, pointer = _old_form(raw) if old else _new_form(raw)
    if not isinstance(pointer, str):
        raise BadPatch(f'Pointer `{pointer}` does not start with "/".')
    path = _decode(pointer)
    depth = LOCATION_DEPTHS[operation] if path[0] == "locations" else 1
    if len(path) != depth:
        raise BadPatch(f"Invalid JSON pointer for this resource: '/{'/'.join(path)}'")
    if operation != "remove" and "value" not in raw:
        raise BadPatch(f'Operation "{operation}" requires a member named "value".')
    change = Change(operation, path, raw.get("value"), old)
    _check_attribute(change)
    return change


def _new_form(raw: dict[str, Any]) -> tuple[str, Any]:
    """Draft 10: {"op": "replace", "path": "/name", "value": …}."""
    known = ", ".join(OPERATIONS)
    operation = raw.get("op")
    if operation is None:
        raise BadPatch(
            f"Unable to find `op` in JSON Schema change. It must be one of the following: {known}."
        )
    if operation not in OPERATIONS:
        raise BadPatch(
            f"Invalid operation: `{operation}`. It must be one of the following: {known}."
        )
    if "path" not in raw:
        raise BadPatch("Unable to find 'path' in JSON Schema change")
    return operation, raw["path"]


def _old_form(raw: dict[str, Any]) -> tuple[str, Any]:
    """Draft 4: {"replace": "/name", "value": …}."""
    named = [operation for operation in OPERATIONS if operation in raw]
    if len(named) != 1:
        count = "only" if named else "exactly"
        raise BadPatch(
            f"Operation objects must contain {count} one member"
            ' named "add", "remove", or "replace".'
        )
    return named[0], raw[named[0]]


def _decode(pointer: str) -> tuple[str, ...]:
    """The segments of a JSON pointer, of the limited kind that Glance reads."""
    if not pointer.startswith("/"):
        raise BadPatch(f'Pointer `{pointer}` does not start with "/".')
    if re.search(r"/\s*?/", pointer[1:]):
        raise BadPatch(f'Pointer `{pointer}` contains adjacent "/".')
    if len(pointer) > 1 and pointer.endswith("/"):
        raise BadPatch(f'Pointer `{pointer}` end with "/".')
    if pointer[1:].strip() == "/":
        raise BadPatch(f"Pointer `{pointer}` does not contains valid token.")
    if re.search("~[^01]", pointer) or pointer.endswith("~"):
        raise BadPatch(
            f'Pointer `{pointer}` contains "~" not part of a recognized escape sequence.'
        )
    parts = pointer.lstrip("/").split("/")
    return tuple(part.replace("~1", "/").replace("~0", "~").strip() for part in parts)


def _check_attribute(change: Change) -> None:
    if change.name in READ_ONLY:
        raise ReadOnlyAttribute(name=change.name)
    if change.name in RESERVED or change.name.startswith(RESERVED_PREFIX):
        raise ReservedAttribute(name=change.name)
    if change.operation == "remove":
        return
    is_list = IMAGE_PROPERTIES.get(change.name, {}).get("type") == "array"
    if len(change.path) == 1:
        check(IMAGE, {change.name: change.value})
    elif is_list:
        check(IMAGE, {change.name: [change.value]})

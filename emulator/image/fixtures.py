"""The `image:` section of a fixture: sample images, with data of the emulator's own making."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.image import store, stores
from emulator.image.formats import empty_qcow2
from emulator.image.images import data, queries
from emulator.image.metadefs import namespaces
from emulator.image.metadefs import queries as definitions
from emulator.image.metadefs.schemas import NAMESPACE
from emulator.image.schemas import check
from emulator.wire.request import Context
from emulator.yamlfiles import Names

ATTRIBUTES = (
    "name", "visibility", "disk_format", "container_format", "min_disk", "min_ram", "protected",
    "os_hidden",
)  # fmt: skip
DATA_BYTES_MAX = 4096  # of sample data in formats other than qcow2


def load(ctx: Context, section: Mapping[str, Any], names: Names) -> None:
    """Make the images and the metadata definitions of a section."""
    for entry in section.get("images", []):
        _image(ctx, entry, names)
    for entry in section.get("namespaces", []):
        body = _plain(entry)
        body["owner"] = names["project", body.pop("project", "admin")]
        check(NAMESPACE, body)
        namespaces.add(ctx, body)
    for name in section.get("resource_types", []):
        definitions.add_resource_type(ctx, name)


def _plain(value: Any) -> Any:
    """A part of a fixture as plain JSON, all of it read."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _image(ctx: Context, entry: Mapping[str, Any], names: Names) -> None:
    """Make one image; with a `virtual_size` it has data and is active."""
    image_id = entry.get("id") or ctx.ids.uuid()
    values = {name: entry[name] for name in ATTRIBUTES if name in entry}
    values.setdefault("disk_format", "qcow2")
    values.setdefault("container_format", "bare")
    values["owner"] = names["project", entry.get("project", "admin")]
    properties = {name: str(value) for name, value in entry.get("properties", {}).items()}
    queries.add(ctx, image_id, values, properties, list(entry.get("tags", [])))
    names["image", entry["name"]] = image_id
    for member in entry.get("members", []):
        queries.add_member(ctx, image_id, names["project", member], "accepted")
    if "virtual_size" in entry:
        content = store.from_bytes(ctx, [_content(entry, values["disk_format"])])
        chosen = [stores.named(each) for each in entry.get("stores", [stores.DEFAULT.id])]
        data.activate(ctx, queries.any_of(ctx, image_id), content, chosen)


def _content(entry: Mapping[str, Any], disk_format: str) -> bytes:
    """An empty disk of that format; of formats other than qcow2 only the beginning."""
    if disk_format == "qcow2":
        return empty_qcow2(entry["virtual_size"], entry["name"])
    size = min(entry["virtual_size"], DATA_BYTES_MAX)
    return str(entry["name"]).encode().ljust(size, b"\0")

"""Where an image's data is: by patch (the old way), by own operations (the new way), by store.

A location that is not in a store of the emulator's is on the web; its data is fetched at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from emulator.errors import TransitionFailed
from emulator.image import bodies, imports, limits, store, stores, tasks, web
from emulator.image.access import require
from emulator.image.answers import accepted, no_content
from emulator.image.errors import (
    BadLocation,
    ImageNotFound,
    ImageOfStoreNotFound,
    ImportConflict,
    LocationConflict,
    LocationForbidden,
    LocationLimitExceeded,
    LocationStatusConflict,
    NoLocationsForbidden,
    NotInStore,
    StoreConflict,
)
from emulator.image.images import data, queries
from emulator.image.images.patch import Change
from emulator.image.schemas import LOCATION, check_with_dependencies
from emulator.simulation.durations import fixed, uniform
from emulator.simulation.transition import Arguments, Machine, Step, Transition
from emulator.wire.operation import Reply
from emulator.wire.request import Context

KIND = "image_location"
WEB = "web"
SUMS = ("checksum", "os_hash_algo", "os_hash_value")
MD5_BYTES = 16

# By patch


def change(ctx: Context, image: Any, asked: Change) -> dict[str, Any]:
    """Return what one change of a patch makes of the image's locations and sums."""
    if asked.operation == "remove":
        require(ctx, "delete_image_location", image)
        return _removed(image, asked)
    if asked.operation == "replace" and not asked.value:
        raise NoLocationsForbidden()
    require(ctx, "set_image_location", image)
    verb = "add" if asked.operation == "add" else "replace"
    if image["status"] not in ("active", "queued"):
        raise LocationStatusConflict(verb=verb, status=image["status"])
    if asked.operation == "add":
        return _added(ctx, image, asked)
    return _replaced(ctx, image, asked)


def _position(text: str, count: int, *, behind: bool) -> int | None:
    """The place that a path names: a number, or "-" for the end; None when there is none."""
    last = count if behind else count - 1
    place = int(text) if text.isdigit() else last if text == "-" else None
    if place is None or (not behind and not 0 <= place < count):
        return None
    return min(place, count)


def _added(ctx: Context, image: Any, asked: Change) -> dict[str, Any]:
    sums = _new_sums(image, [asked.value])
    known = data.locations_of(image)
    place = _position(asked.path[1], len(known), behind=True)
    if place is None:
        raise BadLocation("Invalid position for adding a location.")
    new = _in_store(asked.value)
    if len(known) >= limits.LOCATIONS_MAX:
        raise LocationLimitExceeded(attempted=len(known) + 1, maximum=limits.LOCATIONS_MAX)
    content = _content(ctx, new["url"], ctx.request.origin)
    if new in known:
        raise BadLocation(f"The location {new['url']} already exists")
    return _with_locations(image, [*known[:place], new, *known[place:]], content, sums)


def _replaced(ctx: Context, image: Any, asked: Change) -> dict[str, Any]:
    sums = _new_sums(image, asked.value)
    known = data.locations_of(image)
    new = [_in_store(each) for each in asked.value]
    if len(new) > limits.LOCATIONS_MAX:
        raise LocationLimitExceeded(attempted=len(new), maximum=limits.LOCATIONS_MAX)
    if known and sorted(each["url"] for each in new) != sorted(each["url"] for each in known):
        raise BadLocation(f"Original locations is not empty: {known}")
    content = None
    if not known:
        for each in new:
            content = _content(ctx, each["url"], ctx.request.origin)
            if new.count(each) > 1:
                raise BadLocation(f"The location {each['url']} already exists")
    return _with_locations(image, new, content, sums)


def _removed(image: Any, asked: Change) -> dict[str, Any]:
    if image["status"] != "active":
        raise LocationStatusConflict(verb="remove", status=image["status"])
    known = data.locations_of(image)
    if len(known) == 1:
        raise LocationForbidden("Cannot remove last location in the image.")
    place = _position(asked.path[1], len(known), behind=False)
    if place is None:
        raise BadLocation("Invalid position for removing a location.")
    del known[place]
    return {"locations": known}


def _in_store(given: Mapping[str, Any]) -> dict[str, Any]:
    """The location as it is kept: what is on the web is in the store for the web."""
    metadata = dict(given.get("metadata", {}))
    if given["url"].startswith(("http://", "https://")):
        metadata["store"] = WEB
    if not isinstance(metadata.get("store", ""), str):
        raise BadLocation(f"The store of a location is a name, not {metadata['store']!r}")
    return {"url": given["url"], "metadata": metadata}


def _content(ctx: Context, url: str, own: str) -> tuple[str, int]:
    """Key and size of the data at a location. BadLocation when there is none."""
    try:
        received = web.fetch(ctx, url, own)
    except web.Unreachable:
        raise BadLocation() from None
    if not received.size:
        raise BadLocation()
    return store.put(ctx, received), received.size


def _with_locations(
    image: Any,
    locations: list[dict[str, Any]],
    content: tuple[str, int] | None,
    sums: Mapping[str, Any],
) -> dict[str, Any]:
    locations.sort(key=stores.weight, reverse=True)
    values: dict[str, Any] = {"locations": locations, **sums}
    if content is not None and image["content"] is None:
        values["content"] = content[0]
    if content is not None and not image["size"]:
        values["size"] = content[1]
    if image["status"] == "queued":
        data.check_formats(image)
        values["status"] = "active"
    return values


def _new_sums(image: Any, locations: list[Any]) -> dict[str, Any]:
    """The sums that come with locations (Glance 33.0.0, images._validate_validation_data)."""
    given: dict[str, Any] = {}
    for location in locations:
        for name, value in location.get("validation_data", {}).items():
            if given.setdefault(name, value) != value:
                raise LocationConflict(f"Conflicting values for {name}")
    new = {}
    for name, value in given.items():
        if value == image[name]:
            continue
        if image[name]:
            raise LocationConflict(f"{name} is already set with a different value")
        new[name] = value
    if not new:
        return {}
    if image["status"] != "queued":
        raise LocationConflict(
            f"New value(s) for {', '.join(new)} may only be provided when image status is 'queued'"
        )
    if "checksum" in new:
        _check_sum("checksum", new["checksum"], "md5", MD5_BYTES)
    algorithm = new.get("os_hash_algo")
    if algorithm != "sha512":
        raise LocationConflict(f"os_hash_algo must be sha512, not {algorithm}")
    _check_sum("os_hash_value", new["os_hash_value"], algorithm, hashlib.sha512().digest_size)
    return new


def _check_sum(name: str, value: str, algorithm: str, size: int) -> None:
    try:
        octets = bytes.fromhex(value)
    except ValueError:
        raise LocationConflict(f"{name} ({value}) is not a valid hexadecimal value") from None
    if len(octets) != size:
        raise LocationConflict(
            f"{name} ({value}) is not the correct size for {algorithm} (should be {size} bytes)"
        )


# By their own operations


def index(ctx: Context, image: Any) -> Any:
    """List where the data of an image is."""
    return data.locations_of(image)


def create(ctx: Context, image_id: str) -> Reply:
    """Begin to take a location for the image's data, which is fetched in the background."""
    body = bodies.read(ctx)
    check_with_dependencies(LOCATION, {"add_location": body})
    url, expected = body["url"], body.get("validation_data") or {}
    image = queries.find(ctx, image_id)
    if image["status"] != "queued":
        raise LocationConflict(
            f"It's not allowed to add locations if image status is {image['status']}."
        )
    require(ctx, "add_image_location", image)
    if "service" not in ctx.credentials.roles and not url.startswith("http"):
        raise LocationForbidden("http store must be enabled to use location API by normal user.")
    _check_hash(expected)
    if url.startswith(("http://", "https://")) and not web.is_allowed(ctx, url):
        raise BadLocation(f"URI for add location does not pass filtering: {url}")
    if imports.LOCK in orjson.loads(image["properties"]):
        raise ImportConflict("Image has active task")
    given = {"image_id": image_id, "loc_url": url, "validation_data": expected}
    task_id = tasks.add(ctx, "location_import", image_id, given)
    imports.change_properties(ctx, image, {imports.LOCK: task_id})
    ctx.engine.begin(ctx, KIND, "add", task_id, origin=ctx.request.origin)
    return accepted()


def _check_hash(expected: Mapping[str, str]) -> None:
    """Glance 33.0.0, api.v2.images._validate_hashing_data."""
    if "os_hash_value" not in expected:
        return
    value, algorithm = expected["os_hash_value"], expected.get("os_hash_algo", "sha512")
    try:
        octets = bytes.fromhex(value)
    except ValueError:
        raise BadLocation(f"os_hash_value ({value}) is not a valid hexadecimal value") from None
    size = hashlib.new(algorithm, usedforsecurity=False).digest_size
    if len(octets) != size:
        raise BadLocation(
            f"os_hash_value: ({value}) is not the correct size for {algorithm} "
            f"(should be ({size}) bytes)"
        )


# By store


def remove_from_store(ctx: Context, store_id: str, image_id: str) -> Reply:
    """Take an image's data out of one of its stores."""
    if store_id not in stores.BY_ID:
        raise StoreConflict(f"The selected store {store_id} is not available on this node.")
    try:
        image = queries.find(ctx, image_id)
    except ImageNotFound:
        raise ImageOfStoreNotFound(image_id=image_id) from None
    require(ctx, "get_image_location", image)
    require(ctx, "delete_image_location", image)
    if image["status"] != "active":
        raise StoreConflict(
            "It's not allowed to remove image data from store if image status is not 'active'"
        )
    known = data.locations_of(image)
    if len(known) == 1:
        raise LocationForbidden(
            "Cannot delete image data from the only store containing it. "
            "Consider deleting the image instead."
        )
    rest = [each for each in known if each["metadata"].get("store") != store_id]
    if rest == known:
        raise NotInStore(image_id=image_id, store=store_id)
    queries.update(ctx, image_id, locations=rest)
    return no_content()


# Lifecycle


def _fetch(ctx: Context, task: Any, arguments: Arguments) -> None:
    """The location is the image's, the data fetched, the image importing."""
    image = _image(ctx, task)
    given = orjson.loads(task["input"])
    try:
        key, size = _content(ctx, given["loc_url"], arguments["origin"])
    except BadLocation as problem:
        raise TransitionFailed(problem.message) from None
    location = _in_store({"url": given["loc_url"]})
    queries.update(
        ctx, image["id"], status="importing", locations=[location], content=key, size=size
    )


def _verify(ctx: Context, task: Any, arguments: Arguments) -> None:
    """The sums are the image's; they are what the client said they would be."""
    image = _image(ctx, task)
    expected = orjson.loads(task["input"])["validation_data"]
    algorithm = expected.get("os_hash_algo", "sha512")
    found = store.digest(ctx, image["content"], algorithm)
    if expected.get("os_hash_value", found) != found:
        raise TransitionFailed(
            f"os_hash_value: ({expected['os_hash_value']}) not matched with actual "
            f"os_hash_value: ({found})"
        )
    queries.update(
        ctx,
        image["id"],
        status="active",
        checksum=store.digest(ctx, image["content"], "md5"),
        os_hash_algo=algorithm,
        os_hash_value=found,
    )


def _image(ctx: Context, task: Any) -> Any:
    try:
        return queries.any_of(ctx, task["image_id"])
    except ImageNotFound as problem:
        raise TransitionFailed(problem.message) from None


def _load(ctx: Context, task_id: str) -> Any:
    return ctx.db.get("image_tasks", task_id)


def _enter(
    ctx: Context, task_id: str, transition: Transition, step: Step, arguments: Arguments
) -> None:
    if step.state != "pending":
        tasks.write(ctx, task_id, "processing")


def _succeed(ctx: Context, task_id: str, transition: Transition, arguments: Arguments) -> None:
    image_id = _load(ctx, task_id)["image_id"]
    tasks.write(ctx, task_id, "success", result={"image_id": image_id})
    imports.unlock(ctx, image_id)


def _fail(
    ctx: Context,
    task_id: str,
    transition: Transition,
    step: Step,
    arguments: Arguments,
    message: str,
) -> None:
    """The image waits for data again; a location on the web stays with it, as it does in Glance."""
    tasks.write(ctx, task_id, "failure", message=message)
    image_id = _load(ctx, task_id)["image_id"]
    try:
        image = queries.any_of(ctx, image_id)
    except ImageNotFound:
        return
    queries.update(ctx, image_id, status="queued", size=None, content=None)
    store.release(ctx, image["content"])
    imports.unlock(ctx, image_id)


MACHINE = Machine(KIND, load=_load, enter=_enter, finish=_succeed, fail=_fail, facts=tasks.facts)
MACHINE.add(
    Transition(
        "add",
        (
            Step("pending", fixed(0.1), then=_fetch),
            Step("importing", uniform(0.2, 1.0), then=_verify),
        ),
    )
)

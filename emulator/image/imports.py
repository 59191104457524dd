"""Imports: data that comes into an image in the background, by one of four methods.

An import is a task with a transition: first the image is importing, then its data is there. While
it lasts, the image's property os_glance_import_task names the task and keeps others away.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from emulator.errors import EmulatorError, TransitionFailed
from emulator.identity import catalog
from emulator.image import bodies, store, stores, tasks, usage, web
from emulator.image.access import require
from emulator.image.answers import accepted
from emulator.image.errors import (
    BadImport,
    BadTask,
    DuplicateImage,
    ImageNotFound,
    ImportConflict,
    UnknownStore,
)
from emulator.image.images import data, queries
from emulator.image.images.patch import SETTABLE
from emulator.image.schemas import IMAGE, IMAGE_PROPERTIES, check
from emulator.simulation.durations import fixed, uniform
from emulator.simulation.transition import Arguments, Machine, Step, Transition
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.upload import HEAD_BYTES

KIND = "image_import"
LOCK = "os_glance_import_task"
IMPORTING = "os_glance_importing_to_stores"
FAILED = "os_glance_failed_import"
# Properties that glance-download copies with the data ([glance_download_properties]).
COPIED_PREFIXES = ("hw_", "trait:", "os_distro", "os_secure_boot", "os_type")

# Operations


def begin(ctx: Context, image_id: str) -> Reply:
    """Begin to import data into an image."""
    body = _body(ctx)
    method = body["method"]
    name = method["name"]
    usage.check_size(ctx, 0)
    image = queries.find(ctx, image_id)
    _check_image(image, name)
    if name == "glance-download":
        _check_source(method)
    if name == "copy-image":
        require(ctx, "copy_image", image)
    else:
        require(ctx, "modify_image", image)
    if LOCK in orjson.loads(image["properties"]):
        raise ImportConflict("Image has active task")
    chosen = _chosen_stores(ctx, body)
    if name == "copy-image":
        chosen = _missing_stores(image, chosen, all_stores=body.get("all_stores", False))
        if not chosen:
            return accepted()
    if name == "web-download" and not web.is_allowed(ctx, method.get("uri")):
        raise BadImport(f"URI for web-download does not pass filtering: {method.get('uri')}")
    given = {"image_id": image_id, "import_req": body, "backend": chosen}
    task_id = tasks.add(ctx, "api_image_import", image_id, given)
    change_properties(ctx, image, {LOCK: task_id})
    ctx.engine.begin(ctx, KIND, name, task_id, origin=ctx.request.origin)
    return accepted()


def _body(ctx: Context) -> dict[str, Any]:
    """The body, found possible (Glance 33.0.0, api.v2.images._validate_import_body)."""
    body = bodies.read_object(ctx)
    if "method" not in body:
        raise BadImport("Import request requires a 'method' field.")
    method = body["method"]
    if not isinstance(method, dict) or "name" not in method:
        raise BadImport("Import request requires a 'name' field.")
    if method["name"] not in stores.methods(ctx):
        raise BadImport(f"Unknown import method name '{method['name']}'.")
    for name in ("all_stores_must_succeed", "all_stores"):
        if not isinstance(body.get(name, True), bool):
            raise BadImport(f"'{name}' must be boolean value only")
    if not isinstance(body.get("stores", []), list):
        raise BadImport("'stores' must be a list")
    return body


def _check_image(image: Any, method: str) -> None:
    status = image["status"]
    if method != "copy-image" and status == "active":
        raise ImportConflict("Image with status active cannot be target for import")
    if method == "copy-image" and status != "active":
        raise ImportConflict("Only images with status active can be targeted for copying")
    if method in ("web-download", "glance-download") and status != "queued":
        raise ImportConflict(f"Image needs to be in 'queued' state to use '{method}' method")
    if method == "glance-direct" and status != "uploading":
        raise ImportConflict("Image needs to be staged before 'glance-direct' method can be used")
    for name in ("container_format", "disk_format"):
        if not image[name]:
            raise ImportConflict(f"'{name}' needs to be set before import")


def _check_source(method: Mapping[str, Any]) -> None:
    for name in ("glance_region", "glance_image_id"):
        if name not in method:
            raise BadImport(f"'{name}' needs to be set for glance-download import method")
    try:
        uuid.UUID(str(method["glance_image_id"]))
    except ValueError:
        raise BadImport(
            f"Remote image id does not look like a UUID: {method['glance_image_id']}"
        ) from None


def _chosen_stores(ctx: Context, body: Mapping[str, Any]) -> list[str]:
    """The stores to import to (Glance 33.0.0, common.utils.get_stores_from_request)."""
    header = ctx.request.headers.get("X-Image-Meta-Store")
    if body.get("all_stores", False):
        if "stores" in body or header is not None:
            raise BadImport(
                "All_stores parameter can't be used with x-image-meta-store header "
                "or stores parameter"
            )
        return [each.id for each in stores.STORES if not each.read_only]
    if "stores" in body and header is not None:
        raise BadImport("Stores parameter and x-image-meta-store header can't be both specified")
    chosen = body.get("stores", [header or stores.DEFAULT.id])
    for name in chosen:
        if not isinstance(name, str) or name not in stores.BY_ID:
            raise ImportConflict(UnknownStore.template % {"store": name})
    return list(chosen)


def _missing_stores(image: Any, chosen: list[str], *, all_stores: bool) -> list[str]:
    """The stores that a copy still has to go to."""
    present = [each["metadata"].get("store") for each in data.locations_of(image)]
    if all_stores:
        return [each for each in chosen if each not in present]
    for each in present:
        if each in chosen:
            raise BadImport(f"Image is already present at store '{each}'")
    return chosen


def check_legacy_source(ctx: Context, url: Any) -> None:
    """Refuse a task that would fetch from where nothing is fetched."""
    if not url or not isinstance(url, str):
        raise BadTask(f"Invalid location: {url}")
    if url.startswith(("file:///", "filesystem:///")):
        raise BadTask(
            "File based imports are not allowed. Please use a non-local source of image data."
        )
    if not url.startswith(("http://", "https://")):
        raise BadTask(
            "The given uri is not valid. Please specify a valid uri from the following list of "
            "supported uri ['http']"
        )
    if not web.is_allowed(ctx, url):
        raise BadTask(f"URI for legacy import task does not pass filtering: {url}")


def begin_legacy(ctx: Context, task_id: str) -> None:
    """Begin what a task created by hand asks for."""
    ctx.engine.begin(ctx, KIND, "import", task_id, origin=ctx.request.origin)


# Lifecycle


def change_properties(ctx: Context, image: Any, changes: Mapping[str, str | None]) -> None:
    """Set properties of Glance's own on an image; None removes one."""
    properties = orjson.loads(image["properties"])
    for name, value in changes.items():
        if value is None:
            properties.pop(name, None)
        else:
            properties[name] = value
    queries.update(ctx, image["id"], properties=properties)


def _image(ctx: Context, task: Any) -> Any:
    try:
        return queries.any_of(ctx, task["image_id"])
    except ImageNotFound:
        raise TransitionFailed("Image has been deleted, aborting import.") from None


def _request(task: Any) -> tuple[dict[str, Any], list[str]]:
    given = orjson.loads(task["input"])
    return given["import_req"], given["backend"]


def _start(ctx: Context, task: Any, arguments: Arguments) -> None:
    """The task is taken up: the image is importing."""
    image = _image(ctx, task)
    body, chosen = _request(task)
    check = usage.check_size if body["method"]["name"] == "glance-direct" else usage.check_staged
    check(ctx, image["size"] or 0, owner=image["owner"])
    if body["method"]["name"] != "copy-image":
        queries.update(ctx, image["id"], status="importing")
        image = _image(ctx, task)
    failed = _without(orjson.loads(image["properties"]).get(FAILED, ""), chosen)
    change_properties(ctx, image, {IMPORTING: ",".join(chosen), FAILED: failed})


def _without(text: str, names: Iterable[str]) -> str:
    return ",".join(each for each in text.split(",") if each and each not in names)


def _take_staged(ctx: Context, task: Any, arguments: Arguments) -> None:
    """glance-direct: the staged data becomes the image's."""
    image = _image(ctx, task)
    key = image["staged"]
    if key is None:
        raise TransitionFailed("The staged data is gone.")
    content = store.find(ctx, key)
    _finish(ctx, task, image, key, store.head(ctx, key, HEAD_BYTES), content["size"])


def _take_web(ctx: Context, task: Any, arguments: Arguments) -> None:
    """web-download: fetch the data."""
    image = _image(ctx, task)
    body, _ = _request(task)
    try:
        received = web.fetch(ctx, body["method"]["uri"], arguments["origin"])
    except web.Unreachable as problem:
        raise TransitionFailed(str(problem)) from None
    usage.check_size(ctx, received.size, owner=image["owner"])
    _finish(ctx, task, image, store.put(ctx, received), received.head, received.size)


def _take_other(ctx: Context, task: Any, arguments: Arguments) -> None:
    """glance-download: take data, formats and some properties from an image of this cloud."""
    image = _image(ctx, task)
    method = _request(task)[0]["method"]
    source = _remote_image(ctx, task, method)
    properties = orjson.loads(image["properties"])
    for name, value in orjson.loads(source["properties"]).items():
        if name.startswith(COPIED_PREFIXES):
            properties[name] = value
    queries.update(
        ctx,
        image["id"],
        properties=properties,
        disk_format=source["disk_format"],
        container_format=source["container_format"],
    )
    image = _image(ctx, task)
    key = source["content"]
    _finish(ctx, task, image, key, store.head(ctx, key, HEAD_BYTES), source["size"])


def _remote_image(ctx: Context, task: Any, method: Mapping[str, Any]) -> Any:
    """The image of the other region, which must be this one: the emulator has no other."""
    interface = method.get("glance_service_interface", "public")
    if not _has_endpoint(ctx, method["glance_region"], interface):
        raise TransitionFailed(
            f"{interface} glance endpoint not found for region {method['glance_region']}"
        )
    try:
        source = queries.any_of(ctx, method["glance_image_id"])
    except ImageNotFound as problem:
        raise TransitionFailed(problem.message) from None
    open_to_all = source["visibility"] in ("public", "community")
    if not open_to_all and source["owner"] != task["owner"]:
        raise TransitionFailed("HTTP Error 404: Not Found")
    if source["status"] != "active" or source["content"] is None:
        raise TransitionFailed(
            f"Source image status should be active instead of {source['status']}"
        )
    return source


def _has_endpoint(ctx: Context, region: str, interface: str) -> bool:
    return any(
        endpoint["region"] == region and endpoint["interface"] == interface
        for service in catalog.shown(ctx, None)
        if service["type"] == "image"
        for endpoint in service["endpoints"]
    )


def _finish(ctx: Context, task: Any, image: Any, key: str, head: bytes, size: int) -> None:
    """The data is there: into the stores with it."""
    _, chosen = _request(task)
    writable = _writable(task, chosen)
    try:
        data.check_content(ctx, image, head, size)
    except EmulatorError as problem:
        raise TransitionFailed(problem.message) from None
    data.settle(ctx, image, key, head, [stores.named(each) for each in writable])
    failed = [each for each in chosen if each not in writable]
    change_properties(ctx, _image(ctx, task), {IMPORTING: "", FAILED: ",".join(failed)})


def _writable(task: Any, chosen: list[str]) -> list[str]:
    """The stores that take data; where all must, one that does not ends the import."""
    body, _ = _request(task)
    writable = [each for each in chosen if not stores.named(each).read_only]
    if not writable or (body.get("all_stores_must_succeed", True) and writable != chosen):
        raise TransitionFailed("Error in store configuration. Adding images to store is disabled.")
    return writable


def _copy(ctx: Context, task: Any, arguments: Arguments) -> None:
    """copy-image: the data into further stores."""
    image = _image(ctx, task)
    _, chosen = _request(task)
    writable = _writable(task, chosen)
    locations = data.locations_of(image)
    locations += [stores.location(stores.named(each), image["id"]) for each in writable]
    locations.sort(key=stores.weight, reverse=True)
    queries.update(ctx, image["id"], locations=locations)
    failed = [each for each in chosen if each not in writable]
    change_properties(ctx, _image(ctx, task), {IMPORTING: "", FAILED: ",".join(failed)})


def _import_legacy(ctx: Context, task: Any, arguments: Arguments) -> Mapping[str, Any]:
    """A task made by hand: an image and its data in one go."""
    given = orjson.loads(task["input"])
    try:
        received = web.fetch(ctx, given.get("import_from", ""), arguments["origin"])
    except web.Unreachable as problem:
        raise TransitionFailed(str(problem)) from None
    described = given.get("image_properties") or {}
    values: dict[str, Any] = {"owner": task["owner"], "visibility": "shared"}
    values |= {name: described[name] for name in SETTABLE if name in described}
    properties = {name: described[name] for name in described if name not in IMAGE_PROPERTIES}
    image_id = values.pop("id", None) or ctx.ids.uuid()
    try:
        check(IMAGE, described)
        if queries.existed(ctx, image_id):
            raise DuplicateImage(image_id=image_id)
        queries.add(ctx, image_id, values, properties, described.get("tags", []))
        image = queries.any_of(ctx, image_id)
        data.check_formats(image)
        data.activate(ctx, image, received, [stores.DEFAULT])
    except EmulatorError as problem:
        raise TransitionFailed(problem.message) from None
    return {"image_id": image_id}


def _load(ctx: Context, task_id: str) -> Any:
    return ctx.db.get("image_tasks", task_id)


def _enter(
    ctx: Context, task_id: str, transition: Transition, step: Step, arguments: Arguments
) -> None:
    if step.state != "pending":
        tasks.write(ctx, task_id, "processing")


def _succeed(ctx: Context, task_id: str, transition: Transition, arguments: Arguments) -> None:
    task = _load(ctx, task_id)
    image_id = arguments.get("image_id", task["image_id"])
    size = queries.size_of(ctx, image_id) or 0
    message = f"Copied {size >> 20} MiB" if transition.name in stores.IMPORT_METHODS else ""
    tasks.write(ctx, task_id, "success", message=message, result={"image_id": image_id})
    unlock(ctx, image_id)


def unlock(ctx: Context, image_id: str | None) -> None:
    """Let others at the image again."""
    try:
        image = queries.any_of(ctx, image_id or "")
    except ImageNotFound:
        return
    change_properties(ctx, image, {LOCK: None})


def _fail(
    ctx: Context,
    task_id: str,
    transition: Transition,
    step: Step,
    arguments: Arguments,
    message: str,
) -> None:
    """The image waits for data again; a copy leaves it as it was."""
    tasks.write(ctx, task_id, "failure", message=message)
    if transition.name == "import":  # there is no image as yet
        return
    task = _load(ctx, task_id)
    try:
        image = _image(ctx, task)
    except TransitionFailed:
        return
    body, chosen = _request(task)
    if body["method"]["name"] != "copy-image":
        queries.update(ctx, image["id"], status="queued", size=None, virtual_size=None, staged=None)
        store.release(ctx, image["staged"])
    readonly = [each for each in chosen if stores.named(each).read_only]
    changes = {IMPORTING: "", FAILED: ",".join(readonly), LOCK: None}
    change_properties(ctx, queries.any_of(ctx, image["id"]), changes)


MACHINE = Machine(KIND, load=_load, enter=_enter, finish=_succeed, fail=_fail, facts=tasks.facts)
PENDING = Step("pending", fixed(0.1), then=_start)
MACHINE.add(
    Transition("glance-direct", (PENDING, Step("importing", uniform(0.5, 2.0), then=_take_staged))),
    Transition("web-download", (PENDING, Step("importing", uniform(1.0, 4.0), then=_take_web))),
    Transition(
        "glance-download", (PENDING, Step("importing", uniform(1.0, 4.0), then=_take_other))
    ),
    Transition("copy-image", (PENDING, Step("copying", uniform(0.5, 2.0), then=_copy))),
    Transition(
        "import",
        (Step("pending", fixed(0.1)), Step("importing", uniform(1.0, 4.0), then=_import_legacy)),
    ),
)

MACHINE.add_fault(
    "image-import-failed",
    "An image cannot be imported, and waits for its data again.",
    step="importing",
    outcome="fail",
    fault="The data could not be read",
)

"""Tasks: what Glance does in the background for an image, as records that can be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from emulator.errors import NotEmulated
from emulator.image import bodies, limits
from emulator.image.access import require
from emulator.image.errors import (
    BadTask,
    Hidden,
    ImageNotFound,
    InvalidQuery,
    MarkerNotFound,
    TaskNotFound,
)
from emulator.image.errors import TasksAreNotDeleted as NotDeleted
from emulator.image.images import queries as images
from emulator.image.images.listing import page_links
from emulator.image.schemas import TASK, UUID_PATTERN, check
from emulator.simulation.clock import iso
from emulator.store.paging import Page, select_page
from emulator.wire.links import service_root
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import View, field

LIFETIME_SECONDS = 48 * 3600  # Glance's [task]task_time_to_live
STATUSES = ("pending", "processing", "success", "failure")
SORT_KEYS = ("id", "type", "status", "created_at", "updated_at", "expires_at", "owner")

# View


def _short(name: str) -> Any:
    return lambda row, ctx: row[name] and row[name][:19] + "Z"


def _json(name: str) -> Any:
    return lambda row, ctx: None if row[name] is None else orjson.Fragment(row[name])


def _given(name: str) -> Any:
    return lambda row, ctx: bool(row[name])


STUB = View(
    field("id"),
    field("type"),
    field("status"),
    field("owner"),
    field("created_at", _short("created_at")),
    field("updated_at", _short("updated_at")),
    field("self", lambda row, ctx: f"/v2/tasks/{row['id']}"),
    field("schema", lambda row, ctx: "/v2/schemas/task"),
    field("expires_at", _short("expires_at"), when=_given("expires_at")),
)
WHOLE = View(
    field("id"),
    field("input", _json("input")),
    field("type"),
    field("status"),
    field("owner"),
    field("message"),
    field("result", _json("result")),
    field("created_at", _short("created_at")),
    field("updated_at", _short("updated_at")),
    field("self", lambda row, ctx: f"/v2/tasks/{row['id']}"),
    field("schema", lambda row, ctx: "/v2/schemas/task"),
    field("image_id", when=_given("image_id")),
    field("request_id", when=_given("request_id")),
    field("user_id", when=_given("user_id")),
    field("expires_at", _short("expires_at"), when=_given("expires_at")),
)
OF_IMAGE = View(
    field("id"),
    field("type"),
    field("status"),
    field("owner"),
    field("expires_at"),
    field("created_at"),
    field("updated_at"),
    field("deleted_at", lambda row, ctx: None),
    field("deleted", lambda row, ctx: False),
    field("image_id"),
    field("request_id"),
    field("user_id"),
    field("input", _json("input")),
    field("result", _json("result")),
    field("message"),
)

# Queries


def facts(ctx: Context, task_id: str) -> Mapping[str, Any]:
    """Return what stages of lifecycles can match of the image that a task is about."""
    task = ctx.db.get("image_tasks", task_id)
    image = None if task is None else ctx.db.get("image_images", task["image_id"])
    if image is None:
        return {}
    project = ctx.db.get("identity_projects", image["owner"])
    return {
        "id": image["id"],
        "name": image["name"],
        "project": (image["owner"], None if project is None else project["name"]),
        "image": (image["id"], image["name"]),
        "metadata": orjson.loads(image["properties"]),
    }


def find(ctx: Context, task_id: str) -> Any:
    """Return a task of the caller's, or any for admin. TaskNotFound when there is none."""
    row = ctx.db.get("image_tasks", task_id)
    if row is None or not (ctx.is_admin or row["owner"] == ctx.credentials.project_id):
        raise TaskNotFound(task_id=task_id)
    return row


def of_image(ctx: Context, image_id: str) -> list[Any]:
    """Return the tasks of an image, oldest first."""
    return ctx.db.all(
        "SELECT * FROM image_tasks WHERE image_id = ? ORDER BY created_at, rowid", (image_id,)
    )


def _page(ctx: Context, filters: Mapping[str, str], shape: Page) -> list[Any]:
    where, values = [], []
    for name, value in filters.items():
        where.append(f"{name} = ?")
        values.append(value)
    if not ctx.is_admin:
        where.append("owner = ?")
        values.append(ctx.credentials.project_id or "")
    return select_page(ctx.db, "*", "image_tasks", where, values, shape)


def add(
    ctx: Context, kind: str, image_id: str | None, given: Mapping[str, Any], task_id: str = ""
) -> str:
    """Write down a pending task; return its id."""
    task_id = task_id or ctx.ids.uuid()
    ctx.db.insert(
        "image_tasks",
        {
            "id": task_id,
            "type": kind,
            "status": "pending",
            "owner": ctx.credentials.project_id,
            "image_id": image_id,
            "user_id": ctx.credentials.user_id,
            "request_id": ctx.request_id,
            "input": orjson.dumps(given).decode(),
            "created_at": ctx.timestamp,
            "updated_at": ctx.timestamp,
        },
    )
    return task_id


def write(
    ctx: Context, task_id: str, status: str, *, message: str = "", result: Any = None
) -> None:
    """Write how a task goes; one that ended will be forgotten after its lifetime."""
    ended = status in ("success", "failure")
    ctx.db.update(
        "image_tasks",
        task_id,
        status=status,
        message=message,
        result=None if result is None else orjson.dumps(result).decode(),
        expires_at=iso(ctx.now + LIFETIME_SECONDS) if ended else None,
        updated_at=ctx.timestamp,
    )


# Operations


def index(ctx: Context) -> Any:
    """List tasks, newest first unless asked otherwise."""
    given = {name: values[-1] for name, values in ctx.query.items()}
    limit, key = _limit(given.pop("limit", None)), given.pop("sort_key", "created_at")
    direction, after = given.pop("sort_dir", "desc"), given.pop("marker", None)
    if direction not in ("asc", "desc"):
        raise InvalidQuery(f"Invalid sort direction: {direction}")
    if key not in SORT_KEYS:
        raise InvalidQuery("Sort key supplied was not valid.")
    status, kind = given.get("status"), given.get("type")
    if status and status not in STATUSES:
        raise InvalidQuery(f"Invalid status value: {status}")
    if kind and kind != "import":
        raise InvalidQuery(f"Invalid type value: {kind}")
    filters = {name: value for name, value in given.items() if name in SORT_KEYS and value}
    down = direction == "desc"
    keys = tuple((each, down) for each in dict.fromkeys((key, "created_at", "id")))
    rows = _page(ctx, filters, Page(keys, _marker(ctx, after), limit))
    following = rows[-1]["id"] if rows and len(rows) == limit else None
    return {
        "tasks": [STUB.render(row, ctx) for row in rows],
        **page_links("/v2/tasks", ctx.query, following),
        "schema": "/v2/schemas/tasks",
    }


def _limit(text: str | None) -> int:
    try:
        limit = limits.PAGE_DEFAULT if text is None else int(text)
    except ValueError:
        raise InvalidQuery("limit param must be an integer") from None
    if limit < 0:
        raise InvalidQuery("limit param must be positive")
    return min(limit, limits.PAGE_MAX)


def _marker(ctx: Context, text: str | None) -> Any:
    if text is None:
        return None
    import re

    if not re.match(UUID_PATTERN, text):
        raise InvalidQuery("Invalid marker format")
    try:
        return find(ctx, text)
    except TaskNotFound:
        raise MarkerNotFound(f"Could not find task {text}") from None


def show(ctx: Context, task_id: str) -> Any:
    """Show one task."""
    return WHOLE.render(find(ctx, task_id), ctx)


def index_of_image(ctx: Context, image_id: str) -> Any:
    """List the tasks of an image."""
    try:
        image = images.find(ctx, image_id)
    except ImageNotFound:
        raise Hidden() from None
    require(ctx, "get_image", image)
    return {"tasks": [OF_IMAGE.render(row, ctx) for row in of_image(ctx, image["id"])]}


def delete(ctx: Context, task_id: str) -> Reply:
    """Refuse: tasks are not deleted by hand."""
    raise NotDeleted(headers={"Allow": "GET"})


def create(ctx: Context) -> Reply:
    """Begin a task: an import of an image and its data in one."""
    from emulator.image import imports

    body = bodies.read_object(ctx)
    for name in ("type", "input"):
        if name not in body:
            raise BadTask(f"Task '{name}' is required")
    check(TASK, body)
    given = body["input"] or {}
    if body["type"] != "import":
        raise NotEmulated(feature=f"A task of type {body['type']} made by hand")
    imports.check_legacy_source(ctx, given.get("import_from"))
    task_id = add(ctx, body["type"], None, given)
    imports.begin_legacy(ctx, task_id)
    headers: dict[str, str | tuple[str, ...]] = {
        "Location": f"{service_root(ctx)}/v2/tasks/{task_id}"
    }
    return Reply(201, WHOLE.render(find(ctx, task_id), ctx), headers)

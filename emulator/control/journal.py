"""The journal, read and asked from outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from emulator.errors import UsageError
from emulator.journal import entries, hygiene, ignored, leftovers, past, selection
from emulator.journal import why as reasons
from emulator.journal.entries import Entry
from emulator.simulation.clock import iso
from emulator.wire.operation import Reply
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Object, Query, param, prop

if TYPE_CHECKING:
    from emulator.journal.record import Heard, Moved, Published, Record

KINDS = ("request", "control", "step", "fault", "notification")
NOT_OF_NOTIFICATIONS = {"operation", "status", "service", "user", "request_id"}
SHOWN_DEFAULT = 100  # entries of a list, unless more are asked for

LIST = Query(
    param("operation", multiple=False),
    param("service", multiple=False),
    param("status", {"type": "string", "pattern": "^[1-5](xx|[0-9]{2})$"}, multiple=False),
    param("kind", {"enum": list(KINDS)}),
    param("since", multiple=False),
    param("request_id", multiple=False),
    param("resource", multiple=False),
    param("user", multiple=False),
    param("detail", {"enum": ["true", "false"]}, multiple=False),
    param("limit", {"type": "string", "pattern": "^[0-9]{1,9}$"}, multiple=False),
    unknown=False,
)
AT = Body(
    schema=Object(
        prop("request_id", {"type": "string"}, required=True),
        prop("name", {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}),
    )
)


def record_of(ctx: Context) -> Record:
    """Return the cloud's record. UsageError when it keeps none."""
    return past.kept(ctx.cloud)


# Lists


def index(ctx: Context, query: dict[str, list[str]]) -> dict[str, Any]:
    """List requests, steps and faults in order, the newest so many; each filter narrows it."""
    record = record_of(ctx)
    given = {name: values[-1] for name, values in query.items()}
    since = _since(given.get("since", ""))
    found = [each for each in finder(record, query)(0) if since(each)]
    limit = int(given.get("limit", SHOWN_DEFAULT))
    shown = found[-limit:] if limit else []
    return {"journal": shown, "count": len(found), "forgotten": record.forgotten}


def finder(record: Record, query: dict[str, list[str]]) -> Callable[[int], list[Entry]]:
    """Return what finds the entries after a number that the filters of a query choose, in order.

    UsageError when a filter cannot be understood.
    """
    given = {name: values[-1] for name, values in query.items()}
    whole = given.get("detail") == "true"
    kinds = set(query.get("kind", KINDS))
    requests = not kinds.isdisjoint(("request", "control"))
    steps = not kinds.isdisjoint(("step", "fault")) and not given.keys() & {"operation", "status"}
    notifications = "notification" in kinds and not given.keys() & NOT_OF_NOTIFICATIONS
    if "operation" in given:
        selection.pattern(given["operation"])

    def find(after: int) -> list[Entry]:
        if record.number <= after:
            return []
        found = []
        if requests:
            chosen = (each for each in record.heard(after) if _is_chosen(each, given))
            found += [entries.request(each, whole=whole) for each in chosen]
        if steps:
            found += [entries.step(each) for each in record.moved(after) if _is_about(each, given)]
        if notifications:
            published = record.published(after)
            found += [entries.notification(each) for each in published if _is_of(each, given)]
        chosen_kinds = [each for each in found if each["kind"] in kinds]
        return sorted(chosen_kinds, key=lambda each: int(each["number"]))

    return find


def _since(text: str) -> Any:
    """A test whether an entry is of that moment or later, or has that number or a higher one."""
    if not text:
        return lambda entry: True
    if text.isdecimal():
        number = int(text)
        return lambda entry: entry["number"] >= number
    from datetime import datetime

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"since: {text!r} is no time and no number of an entry") from None
    if moment.tzinfo is None:
        from datetime import UTC

        moment = moment.replace(tzinfo=UTC)
    first = iso(moment.timestamp()) + "Z"
    return lambda entry: entry["time"] >= first


def _is_chosen(heard: Heard, given: dict[str, str]) -> bool:
    if "operation" in given and not selection.is_like(heard, given["operation"]):
        return False
    status = given.get("status", "").replace("xx", "")
    if status and not str(heard.status).startswith(status):
        return False
    if "service" in given and heard.service != given["service"]:
        return False
    if "user" in given and given["user"] not in (heard.who.user_name, heard.who.user_id):
        return False
    wanted = given.get("request_id")
    if wanted is not None and wanted not in (heard.request_id, heard.global_request_id):
        return False
    return "resource" not in given or entries.mentions(heard, given["resource"])


def _is_about(moved: Moved, given: dict[str, str]) -> bool:
    if "service" in given or "user" in given:
        return False
    if "request_id" in given and moved.message != given["request_id"]:
        return False
    return "resource" not in given or moved.entity == given["resource"]


def _is_of(published: Published, given: dict[str, str]) -> bool:
    return "resource" not in given or published.entity == given["resource"]


def clear(ctx: Context) -> Reply:
    """Forget what was kept; the cloud as it is now is the beginning of the journal."""
    record_of(ctx).clear(ctx.cloud)
    return Reply(204)


# Questions


def why(ctx: Context, request_id: str) -> dict[str, Any]:
    """Say what refused a request (or `last`), or what went wrong with what it began."""
    return {"why": reasons.why(ctx.cloud, record_of(ctx), request_id)}


def at(ctx: Context, body: dict[str, Any]) -> Reply:
    """Make a cloud beside this one as this one was when it had answered a request."""
    from emulator.control import clouds

    then = past.at(ctx.cloud, body["request_id"])
    name = body.get("name") or f"at-{past.find(record_of(ctx).heard(), body['request_id']).number}"
    try:
        return Reply(201, {"cloud": clouds.join(ctx, name, then)})
    except BaseException:
        then.close()
        raise


def clean(ctx: Context) -> dict[str, Any]:
    """Say what is in the cloud that was not there at the beginning, and which request made it."""
    left = leftovers.left(ctx.cloud, record_of(ctx))
    return {"clean": not left, "left": left}


def unread(ctx: Context) -> dict[str, Any]:
    """List what clients sent and nobody read: fields, parameters, headers."""
    return {"ignored": ignored.ignored(record_of(ctx))}


def habits(ctx: Context) -> dict[str, Any]:
    """Tell the clients' bad habits, and the oldest release on which all this would have worked."""
    return {"hygiene": hygiene.report(record_of(ctx))}


def timeline(ctx: Context) -> Reply:
    """Draw the journal as one HTML page: a lane a resource, requests and faults as marks."""
    from emulator.journal import timeline as drawing

    page = drawing.page(ctx.cloud, record_of(ctx))
    return Reply(200, page.encode(), content_type="text/html; charset=utf-8")

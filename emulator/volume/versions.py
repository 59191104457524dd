"""Cinder's microversions: what each brought, the behaviours with names, how one is agreed on."""

from __future__ import annotations

from emulator.errors import BadInput, UnsupportedMediaType
from emulator.volume.errors import ProjectMismatch
from emulator.wire.envelopes import HTML
from emulator.wire.negotiation import HEADER, agree, asked, version_text
from emulator.wire.operation import Operation, Reply
from emulator.wire.request import Context
from emulator.wire.steps import BODILESS, NoSuchAction
from emulator.wire.versioned import BEHAVIOUR, Version, history, since

HISTORY = history(
    ("3.0", "the first version, and the one spoken when none is asked for"),
    ("3.1", "visibility and protected when a volume becomes an image"),
    ("3.2", "the filter bootable takes only true and false", BEHAVIOUR),
    ("3.3", "messages"),
    ("3.4", "the filter glance_metadata", BEHAVIOUR),
    ("3.5", "pages of messages", BEHAVIOUR),
    ("3.6", "a consistency group's name and description may be emptied", BEHAVIOUR),
    ("3.7", "clusters; services say theirs"),
    ("3.8", "manageable volumes and snapshots under their present paths"),
    ("3.9", "backups are updated"),
    ("3.10", "the filter group_id", BEHAVIOUR),
    ("3.11", "group types and their specs"),
    ("3.12", "a summary of volumes"),
    ("3.13", "groups"),
    ("3.14", "group snapshots; groups made from them"),
    ("3.15", "metadata answers with an ETag", BEHAVIOUR),
    ("3.16", "volumes are migrated to, and managed in, clusters"),
    ("3.17", "manageable lists of a cluster", BEHAVIOUR),
    ("3.18", "backups tell their project"),
    ("3.19", "a group snapshot's status is reset"),
    ("3.20", "a group's status is reset"),
    ("3.21", "volumes tell their provider's id to admins"),
    ("3.22", "snapshots are filtered by metadata", BEHAVIOUR),
    ("3.23", "a volume is deleted by force", BEHAVIOUR),
    ("3.24", "workers are cleaned up"),
    ("3.25", "groups list their volumes", BEHAVIOUR),
    ("3.26", "fail-over of clusters", BEHAVIOUR),
    ("3.27", "attachments as resources"),
    ("3.28", "pools are filtered", BEHAVIOUR),
    ("3.29", "group snapshots are filtered, sorted and paged", BEHAVIOUR),
    ("3.30", "snapshots are sorted by name", BEHAVIOUR),
    ("3.31", "filters are what the operator allows", BEHAVIOUR),
    ("3.32", "log levels are read and set"),
    ("3.33", "resource filters are listed"),
    ("3.34", "filters that match parts: name~", BEHAVIOUR),
    ("3.35", "pools are filtered by volume type", BEHAVIOUR),
    ("3.36", "the summary has metadata"),
    ("3.37", "backups are sorted by name", BEHAVIOUR),
    ("3.38", "groups replicate"),
    ("3.39", "limits of another project", BEHAVIOUR),
    ("3.40", "a volume goes back to its newest snapshot"),
    ("3.41", "snapshots tell their user"),
    ("3.42", "a volume in use is extended", BEHAVIOUR),
    ("3.43", "backups have metadata"),
    ("3.44", "an attachment is completed"),
    ("3.45", "lists count", BEHAVIOUR),
    ("3.46", "volumes are made of images that have no data", BEHAVIOUR),
    ("3.47", "volumes are made of backups"),
    ("3.48", "volumes tell their service, and whether its targets are shared"),
    ("3.49", "services tell the state of their backend"),
    ("3.50", "multiattach is the volume type's to say", BEHAVIOUR),
    ("3.51", "backups name their availability zone"),
    ("3.52", "types are filtered by extra specs", BEHAVIOUR),
    ("3.53", "create and update refuse what they do not know"),
    ("3.54", "attachments have a mode"),
    ("3.55", "transfers carry snapshots, under their present path"),
    ("3.56", "backups tell their user"),
    ("3.57", "transfers tell from whom to whom"),
    ("3.58", "groups tell their project"),
    ("3.59", "pages of transfers", BEHAVIOUR),
    ("3.60", "filters compare times", BEHAVIOUR),
    ("3.61", "volumes tell their cluster to admins"),
    ("3.62", "default types of projects"),
    ("3.63", "volumes tell the id of their type"),
    ("3.64", "volumes tell the key they are encrypted with"),
    ("3.65", "volumes and snapshots tell whether they count"),
    ("3.66", "volumes in use are snapped without force", BEHAVIOUR),
    ("3.67", "the project is optional in URLs", BEHAVIOUR),
    ("3.68", "a volume gets another image"),
    ("3.69", "whether targets are shared may be unknown", BEHAVIOUR),
    ("3.70", "encrypted volumes are transferred", BEHAVIOUR),
    ("3.71", "the end of an extension is reported"),
)

BOOTABLE_IS_STRICT = since("3.2")
SUMMARY_HAS_METADATA = since("3.36")
LIMITS_OF_OTHERS = since("3.39")
EXTEND_IN_USE = since("3.42")
LISTS_COUNT = since("3.45")
IMAGES_WITHOUT_DATA = since("3.46")
MULTIATTACH_BY_TYPE = since("3.50")
TYPES_BY_EXTRA_SPECS = since("3.52")
SNAPSHOTS_SORTED_BY_NAME = since("3.30")
SNAPSHOT_IN_USE = since("3.66")

MALFORMED = (
    "The server could not comply with the request since it is either malformed or otherwise "
    "incorrect."
)
MEDIA_TYPES = ("application/json", "application/vnd.openstack.volume+json")
MINIMUM: Version = (3, 0)
MAXIMUM: Version = (3, 71)


def negotiate(ctx: Context) -> None:
    """Agree on the version; the URL's project must be the token's, as Cinder 29.0.0 wants it.

    A version for other services only is no version at all.
    """
    if "volume" not in ctx.request.headers.get(HEADER, "volume"):
        raise BadInput(MALFORMED)
    agree(ctx, asked(ctx, "volume"), MINIMUM, ctx.newest(MAXIMUM))
    project_id = ctx.arguments.pop("project_id", None)
    if project_id is not None and project_id != ctx.credentials.project_id:
        raise ProjectMismatch()


def check_body(ctx: Context) -> None:
    """Refuse a body of a type that Cinder does not read; an action must have one."""
    request, operation = ctx.request, ctx.operation
    assert operation is not None
    kind = request.headers.get("Content-Type")
    if request.body and kind is not None and request.method not in BODILESS:
        if kind.partition(";")[0].strip().lower() not in MEDIA_TYPES:
            raise UnsupportedMediaType("Unsupported Content-Type")
    elif operation.actions is not None and not request.body:
        raise NoSuchAction(action=None)


def _is_page(operation: Operation) -> bool:
    """Say whether Cinder 29.0.0 answers with a plain WebOb response where there is nothing to say.

    That one calls itself a page; all others are JSON.
    """
    if operation.method == "DELETE":
        return not operation.path.startswith(JSON_WHEN_DELETED)
    return operation.action in PAGES if operation.action else "/qos-specs/" in operation.path


JSON_WHEN_DELETED = ("/os-quota-sets", "/backups", "/default-types", "/types/{type_id}/extra_specs")
PAGES = (
    "os-unmanage", "os-unset_image_metadata", "os-update_snapshot_status",
    "addProjectAccess", "removeProjectAccess", "delete", "reset_status",
)  # fmt: skip


def say_version(ctx: Context, reply: Reply) -> None:
    """Put the version that was used, and the request id, on an answer."""
    reply.headers["X-OpenStack-Request-ID"] = ctx.request_id
    reply.headers["X-Compute-Request-Id"] = ctx.request_id
    if reply.body is None:
        operation = ctx.operation
        is_page = operation is not None and _is_page(operation)
        reply.headers["Content-Type"] = HTML if is_page else reply.content_type
    if ctx.version_known and ctx.version >= MINIMUM:
        reply.headers[HEADER] = f"volume {version_text(ctx.version)}"
        reply.headers["Vary"] = HEADER

"""What servers look like: one table of fields, and the answers that show more or fewer of them.

SQLite writes them: a field is an SQL expression of a server's columns, whose value is shown as it
is, or the text of its value in JSON (`json_field`). In these self_prefix is what links to the
servers begin with, bookmark_prefix what bookmarks do (`queries.PREFIXED`).
"""

from __future__ import annotations

from typing import Any

import orjson

from emulator.compute.links import bookmark_href, self_href
from emulator.compute.servers.lifecycle import PROGRESS_STATUSES
from emulator.compute.servers.queries import (
    HOST_STATUS,
    STATUS,
    VOLUMES,
    VOLUMES_KEPT,
    Links,
    host_id,
    written,
)
from emulator.compute.servers.states import NOSTATE
from emulator.network.servers_shown import ADDRESSES, PLAIN_ADDRESSES, SECURITY_GROUPS
from emulator.wire.request import Context
from emulator.wire.versioned import Field, View, field, json_field

ADMIN = "context_is_admin"
EXTENDED = "os_compute_api:os-extended-server-attributes"
EXTRA_SPECS = "os_compute_api:servers:show:flavor-extra-specs"
HOST_STATUS_RULE = "os_compute_api:servers:show:host_status"
UNKNOWN_HOST_STATUS_RULE = "os_compute_api:servers:show:host_status:unknown-only"
PREFIXES = {"self": "self_prefix", "bookmark": "bookmark_prefix"}  # what links of a kind begin with
VOLUMES_ATTACHED = "os-extended-volumes:volumes_attached"

# Values


def _second(column: str) -> str:
    """A moment as it is shown: without its fractions."""
    return f"substr({column}, 1, 19) || 'Z'"


def _same(before: str, link: str, collection: str) -> str:
    """The text before an id in a link. In parentheses: SQLite writes it once for all rows.

    Ids have no characters that JSON would have to quote.
    """
    return f"""('{before}{{"rel":"{link}","href":"' || {PREFIXES[link]} || '/{collection}/')"""


def _linked(collection: str, column: str, more: str = "") -> str:
    """A thing as its id and a bookmark; `more` writes further keys."""
    bookmark = _same('","links":[', "bookmark", collection)
    return f"""'{{"id":"' || {column} || {bookmark} || {column} || '"}}]{more}}}'"""


def _fault(details: str) -> str:
    """What went wrong, while the status says that something did; `details` says when they show."""
    plain = f"'code', fault_code, 'created', {_second('fault_created')}, 'message', fault_message"
    return (
        f"iif(fault_code IS NOT NULL AND {STATUS} IN ('ERROR', 'DELETED'),"
        f" iif(fault_details != '' AND {details},"
        f" json_object({plain}, 'details', fault_details), json_object({plain})), NULL)"
    )


PROGRESS = f"iif({STATUS} IN {PROGRESS_STATUSES}, progress, NULL)"
LINKS = f"""{_same("[", "self", "servers")} || uuid
 || {_same('"},', "bookmark", "servers")} || uuid || '"}}]'"""
IMAGE = f"""iif(image_ref = '', '""', {_linked("images", "image_ref")})"""
PROPERTIES = ""","properties":' || image_properties || '"""
IMAGE_WITH_PROPERTIES = f"""iif(image_ref = '', '""',
 {_linked("images", "image_ref", PROPERTIES)})"""
UNKNOWN_HOST_STATUS = f"iif({HOST_STATUS} = 'UNKNOWN', '\"UNKNOWN\"', NULL)"

# Fields

COMMON = (
    field("id", column="uuid"),
    field("name", column="display_name"),
    field("status", column=STATUS),
    field("tenant_id", column="project_id"),
    field("user_id"),
    json_field("metadata", "metadata"),
    field("hostId", column=host_id("project_id")),
    json_field("image", IMAGE, until="2.97"),
    json_field("image", IMAGE_WITH_PROPERTIES, since="2.98"),
    json_field("flavor", _linked("flavors", "flavorid"), until="2.46"),
    json_field("flavor", "flavor", since="2.47", policy=EXTRA_SPECS),
    json_field("flavor", "json_remove(flavor, '$.extra_specs')", since="2.47", unless=EXTRA_SPECS),
    field("created", column=_second("created_at")),
    field("updated", column=_second("coalesce(updated_at, created_at)")),
    field("accessIPv4", column="coalesce(access_ip_v4, '')"),
    field("accessIPv6", column="coalesce(access_ip_v6, '')"),
    json_field("links", LINKS),
    field("OS-DCF:diskConfig", column="iif(auto_disk_config, 'AUTO', 'MANUAL')"),
    json_field("progress", PROGRESS),
    json_field("fault", _fault("1"), policy=ADMIN),
    json_field("fault", _fault("fault_code != 500"), unless=ADMIN),
    json_field("locked", "iif(locked_by IS NULL, 'false', 'true')", since="2.9"),
    field("description", column="display_description", since="2.19"),
    json_field("tags", "tags", since="2.26"),
    json_field("trusted_image_certificates", "coalesce(trusted_certs, 'null')", since="2.63"),
    field("locked_reason", since="2.73"),
    field("OS-EXT-SRV-ATTR:hostname", column="hostname", since="2.90"),
    json_field("scheduler_hints", "scheduler_hints", since="2.100"),
)
"""What every answer about one server has."""


def _rest(
    *, of_all: bool, key_name: str | None = None, user_data: bool = True
) -> tuple[Field, ...]:
    """What GET has and PUT and rebuild have from 2.75 (of a rebuild, `key_name` earlier)."""
    first = None if of_all else "2.75"
    extended: dict[str, Any] = {"since": first or "2.3", "policy": EXTENDED}
    more = (field("OS-EXT-SRV-ATTR:user_data", column="user_data", **extended),)
    return (
        field(
            "OS-EXT-AZ:availability_zone",
            column="coalesce(availability_zone, '')",
            since=first,
        ),
        field("config_drive", since=first),
        field("key_name", since=key_name or first),
        field("OS-SRV-USG:launched_at", column="launched_at", since=first),
        field("OS-SRV-USG:terminated_at", column="terminated_at", since=first),
        json_field("security_groups", SECURITY_GROUPS, since=first),
        field("OS-EXT-SRV-ATTR:host", column="host", since=first, policy=EXTENDED),
        field(
            "OS-EXT-SRV-ATTR:instance_name",
            column="printf('instance-%08x', id)",
            since=first,
            policy=EXTENDED,
        ),
        field("OS-EXT-SRV-ATTR:hypervisor_hostname", column="node", since=first, policy=EXTENDED),
        field("OS-EXT-SRV-ATTR:hostname", column="hostname", until="2.89", **extended),
        field("OS-EXT-SRV-ATTR:kernel_id", column="kernel_id", **extended),
        field("OS-EXT-SRV-ATTR:launch_index", column="launch_index", **extended),
        field("OS-EXT-SRV-ATTR:ramdisk_id", column="ramdisk_id", **extended),
        field("OS-EXT-SRV-ATTR:reservation_id", column="reservation_id", **extended),
        field("OS-EXT-SRV-ATTR:root_device_name", column="root_device_name", **extended),
        *(more if user_data else ()),
        field("OS-EXT-STS:task_state", column="task_state", since=first),
        field("OS-EXT-STS:vm_state", column="vm_state", since=first),
        field("OS-EXT-STS:power_state", column="power_state", since=first),
        *((json_field(VOLUMES_ATTACHED, VOLUMES, until="2.2"),) if of_all else ()),
        json_field(VOLUMES_ATTACHED, VOLUMES_KEPT, since=first or "2.3"),
        *_host_status(since=first or "2.16"),
        field("pinned_availability_zone", since="2.96"),
    )


def _host_status(since: str) -> tuple[Field, ...]:
    """Who may not see the state of a host may be told that it is unknown."""
    unknown = json_field(
        "host_status",
        UNKNOWN_HOST_STATUS,
        since=since,
        policy=UNKNOWN_HOST_STATUS_RULE,
        unless=HOST_STATUS_RULE,
    )
    return field("host_status", column=HOST_STATUS, since=since, policy=HOST_STATUS_RULE), unknown


def _addresses(extended: str) -> str:
    return f"iif(vm_state = 'building', '{{}}', {extended})"


OF_GET = (json_field("addresses", _addresses(ADDRESSES)),)
OF_CHANGES = (
    json_field("addresses", _addresses(PLAIN_ADDRESSES), until="2.74"),
    json_field("addresses", _addresses(ADDRESSES), since="2.75"),
)
SERVER_GROUPS = (
    json_field(
        "server_groups",
        "iif(coalesce(server_group, '') = '', '[]', json_array(server_group))",
        since="2.71",
    ),
)

DETAIL = View(*COMMON, *OF_GET, *_rest(of_all=True))
SERVER = View(*DETAIL.fields, *SERVER_GROUPS)
UPDATED = View(*COMMON, *OF_CHANGES, *_rest(of_all=False), *SERVER_GROUPS)
REBUILT = View(
    *COMMON,
    *OF_CHANGES,
    *_rest(of_all=False, key_name="2.54", user_data=False),
    *SERVER_GROUPS,
    field("user_data", since="2.57"),
)
BASIC = View(
    field("id", column="uuid"),
    field("name", column="display_name"),
    json_field("links", LINKS),
)
UNREACHABLE_BASIC = View(
    field("id", column="uuid"), field("status", column="'UNKNOWN'"), json_field("links", LINKS)
)
UNREACHABLE_DETAIL = View(
    *UNREACHABLE_BASIC.fields,
    field("tenant_id", column="project_id"),
    field("created", column=_second("created_at")),
)
UNREACHABLE_SERVER = View(
    *UNREACHABLE_DETAIL.fields,
    field("user_id"),
    json_field("image", IMAGE),
    json_field("flavor", "flavor", policy=EXTRA_SPECS),
    json_field("flavor", "json_remove(flavor, '$.extra_specs')", unless=EXTRA_SPECS),
    field("OS-EXT-AZ:availability_zone", column="coalesce(pinned_availability_zone, 'UNKNOWN')"),
    field("OS-EXT-STS:power_state", column=str(NOSTATE)),
    *SERVER_GROUPS,
)
"""What is known of a server whose cell is down: that it was asked for."""


def links(ctx: Context) -> Links:
    """Return what links and bookmarks begin with in this request, as it stands in JSON."""
    return _quoted(self_href(ctx)), _quoted(bookmark_href(ctx))


def _quoted(text: str) -> str:
    return orjson.dumps(text)[1:-1].decode()


def shown(ctx: Context, view: View, server_uuid: str, **more: str) -> Any:
    """Return a server as it is now, with `more` beside its fields, as JSON ready for the answer."""
    text = written(ctx, view.sql(ctx), server_uuid, links(ctx))
    if more:
        text = text[:-1] + "," + orjson.dumps(more)[1:].decode()
    return orjson.Fragment(text)

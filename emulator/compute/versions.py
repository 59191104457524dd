"""Nova's microversions: what each brought, and the behaviours with names.

Spans of fields, parameters and operations stand beside those; this is the list they refer to.
"""

from __future__ import annotations

from emulator.wire.versioned import BEHAVIOUR, Version, history, since

HISTORY = history(
    ("2.1", "the first version, and the one spoken when none is asked for"),
    ("2.2", "key pairs have a type; creating one answers 201, deleting 204"),
    ("2.3", "admins see seven more extended attributes of a server"),
    ("2.4", "os-fixed-ips said whether an address is reserved; that API is gone", BEHAVIOUR),
    ("2.5", "everyone may filter servers by ip6", BEHAVIOUR),
    ("2.6", "consoles are resources of a server; the four console actions end"),
    ("2.7", "giving a project access to a public flavor is a conflict", BEHAVIOUR),
    ("2.8", "remote consoles speak mks"),
    ("2.9", "a server shows whether it is locked"),
    ("2.10", "admins manage the key pairs of other users"),
    ("2.11", "a compute service can be forced down"),
    ("2.12", "os-virtual-interfaces had network ids; that API is gone", BEHAVIOUR),
    ("2.13", "a server group shows whose it is"),
    ("2.14", "evacuate takes no onSharedStorage and returns no password"),
    ("2.15", "server groups can ask for soft affinity and soft anti-affinity"),
    ("2.16", "admins see the status of a server's host"),
    ("2.17", "a server can be made to dump its memory"),
    ("2.18", "the project id in the URL is optional", BEHAVIOUR),
    ("2.19", "servers have a description"),
    ("2.20", "volumes come to and go from shelved servers", BEHAVIOUR),
    ("2.21", "the actions of deleted servers can be read", BEHAVIOUR),
    ("2.22", "a live migration can be forced to complete"),
    ("2.23", "the live migrations of a server are resources"),
    ("2.24", "a live migration can be aborted"),
    ("2.25", "os-migrateLive knows block_migration auto and no disk_over_commit"),
    ("2.26", "servers have tags"),
    ("2.27", "the header is called OpenStack-API-Version", BEHAVIOUR),
    ("2.28", "a hypervisor's cpu_info is an object"),
    ("2.29", "evacuate asks the scheduler about the host, unless forced"),
    ("2.30", "os-migrateLive asks the scheduler about the host, unless forced"),
    ("2.31", "the token of any console can be looked up", BEHAVIOUR),
    ("2.32", "networks and block devices of a new server can be tagged"),
    ("2.33", "hypervisors are listed in pages"),
    ("2.34", "live-migration checks run after the 202", BEHAVIOUR),
    ("2.35", "key pairs are listed in pages"),
    ("2.36", "Compute speaks for Image, Network and Block Storage no more"),
    ("2.37", "a new server must say its networks, or auto, or none"),
    ("2.38", "an unknown status to filter servers by is an error", BEHAVIOUR),
    ("2.39", "Compute changes no image metadata and counts none"),
    ("2.40", "tenant usage is listed in pages"),
    ("2.41", "aggregates show their uuid"),
    ("2.42", "networks and block devices can be tagged again"),
    ("2.43", "os-hosts ends"),
    ("2.44", "the four address actions end"),
    ("2.45", "the id of a server's new image is in the body", BEHAVIOUR),
    ("2.46", "the request id has a header of the same name everywhere", BEHAVIOUR),
    ("2.47", "a server holds its flavor's values instead of a link"),
    ("2.48", "diagnostics are alike for all hypervisors"),
    ("2.49", "interfaces and volumes can be tagged while they are attached"),
    ("2.50", "quota classes name what quota sets name"),
    ("2.51", "the event volume-extended; everyone sees the events of an action"),
    ("2.52", "a new server can be given tags"),
    ("2.53", "services and hypervisors go by uuid"),
    ("2.54", "a rebuild can change the key pair"),
    ("2.55", "flavors have a description, which can be changed"),
    ("2.56", "a cold migration can name its host"),
    ("2.57", "no file injection; a rebuild can change the user data"),
    ("2.58", "the actions of a server are listed in pages and show when they changed"),
    ("2.59", "migrations are listed in pages and have a uuid"),
    ("2.60", "a multiattach volume goes to several servers", BEHAVIOUR),
    ("2.61", "a flavor shows its extra specs"),
    ("2.62", "the events of an action say on which host"),
    ("2.63", "servers name the certificates their image must be signed with"),
    ("2.64", "a server group has one policy, with rules"),
    ("2.65", "a live migration can be aborted while it is queued", BEHAVIOUR),
    ("2.66", "lists take changes-before"),
    ("2.67", "a new block device can say its volume type"),
    ("2.68", "nothing can be forced past the scheduler"),
    ("2.69", "what an unreachable cell holds is listed with gaps", BEHAVIOUR),
    ("2.70", "attached volumes and interfaces show their tag"),
    ("2.71", "a server shows its server group"),
    ("2.72", "a new server takes ports that ask for bandwidth", BEHAVIOUR),
    ("2.73", "a server can be locked with a reason"),
    ("2.74", "a new server can name its host or hypervisor"),
    ("2.75", "unknown query parameters are errors; answers about one server are alike"),
    ("2.76", "the event power-update"),
    ("2.77", "unshelving can name the availability zone"),
    ("2.78", "a server's topology can be read"),
    ("2.79", "an attached volume can be deleted with its server"),
    ("2.80", "migrations show whose they are"),
    ("2.81", "an aggregate's hosts can be told to cache images"),
    ("2.82", "the event accelerator-request-bound"),
    ("2.83", "everyone may filter servers by eleven more attributes", BEHAVIOUR),
    ("2.84", "a failed event says why"),
    ("2.85", "delete_on_termination of an attached volume can be changed"),
    ("2.86", "extra specs of known namespaces are checked", BEHAVIOUR),
    ("2.87", "a volume-backed server can be rescued", BEHAVIOUR),
    ("2.88", "a hypervisor shows its uptime and no usage"),
    ("2.89", "an attachment shows the ids of what it is made of"),
    ("2.90", "a server's hostname can be chosen"),
    ("2.91", "unshelving can name the host, or unpin the zone"),
    ("2.92", "key pairs are imported only, with more characters in their names"),
    ("2.93", "a volume-backed server can be rebuilt; the event volume-reimaged"),
    ("2.94", "a hostname may have dots"),
    ("2.95", "an evacuated server stays stopped", BEHAVIOUR),
    ("2.96", "a server shows the zone it is pinned to"),
    ("2.97", "shares can be attached to a server"),
    ("2.98", "a server shows its image's properties"),
    ("2.99", "the console spice-direct"),
    ("2.100", "a server shows its scheduler hints"),
    ("2.101", "attaching a volume answers before it is done"),
    ("2.102", "flavors are found by name; unknown query parameters are errors everywhere"),
    ("2.103", "os-volumes_boot ends"),
    ("2.104", "a server's pinned zone can be changed"),
)

# Behaviours that no table can hold, asked as `if NAME in ctx`.
IP6_FILTERS_FOR_ALL = since("2.5")
PUBLIC_FLAVORS_TAKE_NO_ACCESS = since("2.7")
HOST_STATUS_IS_SHOWN = since("2.16")
DESCRIPTION_IS_NULL_UNLESS_GIVEN = since("2.19")
SHELVED_SERVERS_TAKE_VOLUMES = since("2.20")
EVACUATE_RETURNS_NO_PASSWORD = since("2.14")
DELETED_SERVERS_SHOW_ACTIONS = since("2.21")
EVACUATE_ASKS_THE_SCHEDULER = since("2.29")
LIVE_MIGRATION_ASKS_THE_SCHEDULER = since("2.30")
ANY_CONSOLE_HAS_A_TOKEN = since("2.31")
LIVE_MIGRATION_CHECKS_ARE_ASYNC = since("2.34")
KEYPAIRS_ARE_PAGED = since("2.35")
STATUS_FILTER_IS_CHECKED = since("2.38")
IMAGE_METADATA_IS_NOT_COUNTED = since("2.39")
USAGE_IS_PAGED = since("2.40")
NEW_IMAGE_IS_IN_THE_BODY = since("2.45")
FLAVOR_IS_EMBEDDED = since("2.47")
DIAGNOSTICS_ARE_ALIKE = since("2.48")
EVENTS_ARE_FOR_ALL = since("2.51")
MIGRATIONS_CAN_NAME_HOSTS = since("2.56")
INSTANCE_ACTIONS_ARE_PAGED = since("2.58")
MIGRATIONS_ARE_PAGED = since("2.59")
VOLUMES_MULTIATTACH = since("2.60")
QUEUED_MIGRATIONS_CAN_BE_ABORTED = since("2.65")
UNREACHABLE_CELLS_ARE_LISTED = since("2.69")
PORTS_MAY_ASK_FOR_BANDWIDTH = since("2.72")
LOCKS_HAVE_REASONS = since("2.73")
LOCKED_SERVERS_ARE_SORTED = since("2.73")
REQUESTED_HOSTS = since("2.74")
UNSHELVE_TAKES_A_ZONE = since("2.77")
MORE_FILTERS_FOR_ALL = since("2.83")
ATTACHMENTS_CAN_BE_CHANGED = since("2.85")
EXTRA_SPECS_ARE_CHECKED = since("2.86")
VOLUME_BACKED_SERVERS_CAN_BE_RESCUED = since("2.87")
HOSTNAME_FILTER_FOR_ALL = since("2.90")
ATTACHMENTS_HAVE_IDS = since("2.89")
UNSHELVE_TAKES_A_HOST = since("2.91")
VOLUME_BACKED_SERVERS_CAN_BE_REBUILT = since("2.93")
EVACUATED_SERVERS_STAY_STOPPED = since("2.95")
DIRECT_SPICE_HAS_A_TLS_PORT = since("2.99")
IMAGE_PROPERTIES_ARE_SHOWN = since("2.98")
VOLUMES_ATTACH_IN_THE_BACKGROUND = since("2.101")

MINIMUM: Version = (2, 1)
MAXIMUM: Version = (2, 104)

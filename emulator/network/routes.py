"""Neutron v2.0: every operation, one row each. Dashes and underscores mean the same in a path."""

from dataclasses import replace

from emulator.network import extensions, quotas, root, routers
from emulator.network.floatingips import FLOATINGIP
from emulator.network.networks import NETWORK
from emulator.network.ports import PORT
from emulator.network.resource import verbs
from emulator.network.security_group_rules import SECURITY_GROUP_RULE
from emulator.network.security_groups import SECURITY_GROUP
from emulator.network.subnets import SUBNET
from emulator.wire.operation import Operation, op

DOCUMENTS: tuple[Operation, ...] = (
    op("GET", "", root.versions, open=True),
    op("GET", "/", root.versions, open=True),
)

ROWS: tuple[Operation, ...] = (
    op("GET", "", root.resources),
    op("GET", "/", root.resources),
    op("GET", "/extensions", extensions.index),
    op("GET", "/extensions/{alias}", extensions.show),
    *verbs(NETWORK),
    *verbs(SUBNET),
    *verbs(PORT),
    *verbs(SECURITY_GROUP),
    *verbs(SECURITY_GROUP_RULE),
    *routers.OPERATIONS,
    *verbs(FLOATINGIP),
    op("GET", "/quotas", quotas.index),
    op("GET", "/quotas/tenant", quotas.show_own),
    op("GET", "/quotas/project", quotas.show_own),
    op("GET", "/quotas/{id}", quotas.show),
    op("PUT", "/quotas/{id}", quotas.update),
    op("DELETE", "/quotas/{id}", quotas.delete, status=204),
    op("GET", "/quotas/{id}/default", quotas.show_default),
    op("GET", "/quotas/{id}/details", quotas.show_details),
)


def spellings(path: str) -> list[str]:
    """Return a path with dashes and with underscores between the words of its literals."""
    parts = path.split("/")
    dashed = "/".join(p if p.startswith("{") else p.replace("_", "-") for p in parts)
    lined = "/".join(p if p.startswith("{") else p.replace("-", "_") for p in parts)
    return list(dict.fromkeys((path, dashed, lined)))


OPERATIONS: tuple[Operation, ...] = tuple(
    replace(row, path=path) for row in ROWS for path in spellings(row.path)
)

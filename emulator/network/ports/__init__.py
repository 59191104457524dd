"""Ports: where devices are plugged into networks, with their addresses and groups."""

from emulator.network.listing import Pages
from emulator.network.ports.operations import create, delete, missing, update
from emulator.network.ports.queries import NETWORK_COLUMNS, in_groups, sees, with_addresses
from emulator.network.ports.schemas import ATTRIBUTES
from emulator.network.ports.views import facts, view
from emulator.network.resource import Resource

PORT = Resource(
    member="port",
    collection="ports",
    path="/ports",
    table="network_ports",
    attributes=ATTRIBUTES,
    missing=missing,
    view=view,
    create=create,
    update=update,
    delete=delete,
    sees=sees,
    columns=NETWORK_COLUMNS,
    filters={"fixed_ips": with_addresses, "security_groups": in_groups},
    pages=Pages.CHECKED,
    blank_fields=True,
    facts=facts,
    facts_differ_by=("project_id", "network_id"),
)

__all__ = ["PORT", "create", "delete", "update"]

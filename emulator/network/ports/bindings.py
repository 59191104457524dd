"""Where a port is plugged in: its host, and how the hypervisor is to do it."""

from __future__ import annotations

from typing import Any

from emulator.network.attributes import Values, given
from emulator.network.resource import Row
from emulator.network.standard import json_text, parsed
from emulator.wire.request import Context

UNBOUND = "unbound"
VIF_TYPE = "ovs"
VIF_DETAILS = json_text(
    {
        "connectivity": "l2",
        "port_filter": True,
        "ovs_hybrid_plug": False,
        "datapath_type": "system",
        "bridge_name": "br-int",
        "bound_drivers": {"0": "openvswitch"},
    }
)
WIRED_OWNERS = ("compute:", "baremetal:", "network:dhcp", "network:router")


def columns(ctx: Context, host: str, port: Any) -> dict[str, Any]:
    """Return the columns that say how a port is bound to a host; "" unbinds it."""
    if not host:
        return {
            "binding_host_id": "",
            "binding_vif_type": UNBOUND,
            "binding_vif_details": "{}",
            "status": port["status"] if port["device_owner"].startswith("network:") else "DOWN",
        }
    return {
        "binding_host_id": host,
        "binding_vif_type": VIF_TYPE,
        "binding_vif_details": VIF_DETAILS,
        "status": status(port["device_owner"], bool(port["admin_state_up"])),
    }


def status(owner: str, up: bool) -> str:
    """Return the status of a bound port: the agent has wired it when something uses it."""
    return "ACTIVE" if up and owner.startswith(WIRED_OWNERS) else "DOWN"


def changes(ctx: Context, row: Row, values: Values) -> dict[str, Any]:
    """Return the columns that an update of a port's binding changes."""
    wanted: dict[str, Any] = {}
    if "binding:vnic_type" in values:
        wanted["binding_vnic_type"] = values["binding:vnic_type"]
    if "binding:profile" in values:
        profile = given(values, "binding:profile") or {}
        if profile != parsed(row["binding_profile"]):
            wanted["binding_profile"] = json_text(profile)
    after = {
        "device_owner": values.get("device_owner", row["device_owner"]),
        "admin_state_up": values.get("admin_state_up", row["admin_state_up"]),
        "status": row["status"],
    }
    if "binding:host_id" in values:
        host = given(values, "binding:host_id") or ""
        if host != row["binding_host_id"]:
            wanted.update(columns(ctx, host, after))
    elif row["binding_host_id"] and ("admin_state_up" in values or "device_owner" in values):
        wanted["status"] = status(after["device_owner"], bool(after["admin_state_up"]))
    return wanted

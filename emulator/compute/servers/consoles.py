"""Consoles: where a server's screen or serial port is to be had, and the tokens that open them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import count
from typing import Any
from urllib.parse import quote

from emulator.compute.errors import InstanceInvalidState, InstanceNotReady
from emulator.compute.servers import guests
from emulator.compute.servers.actions.errors import (
    ActionGone,
    ConsoleTypeInvalid,
    MalformedRequest,
    TokenNotFound,
)
from emulator.compute.versions import ANY_CONSOLE_HAS_A_TOKEN, DIRECT_SPICE_HAS_A_TLS_PORT
from emulator.simulation.clock import iso
from emulator.wire.request import Context
from emulator.wire.versioned import Body, Query, Switch, either, prop

# type → where it is served, at which port of its proxy, and the first port of guests on their
# hosts (Nova 34.0.0, nova.conf; libvirt gives VNC and SPICE ports from one range)
ACCESS: Mapping[str, tuple[str, int, int]] = {
    "novnc": ("http://127.0.0.1:{port}/vnc_auto.html?path=%s", 6080, 5900),
    "spice-html5": ("http://127.0.0.1:{port}/spice_auto.html?%s", 6082, 5900),
    "spice-direct": ("http://127.0.0.1:{port}/nova?%s", 13002, 5900),
    "serial": ("ws://127.0.0.1:{port}/?%s", 6083, 10000),
    "webmks": ("http://127.0.0.1:{port}/?%s", 6090, 902),
}
GUEST_ADDRESS = "127.0.0.1"
"""Where proxies reach a guest's own ports: Nova's default for [vnc]server_proxyclient_address, …"""
OF_PROTOCOL: Mapping[str, tuple[str, ...]] = {
    "vnc": ("novnc",),
    "spice": ("spice-html5", "spice-direct"),
    "mks": ("webmks",),
}
"""protocol → the types it has; a serial port is one whatever type is asked for."""
REJECTED_TASKS = ("deleting", "migrating")

# Schemas


def _body(key: str, *types: str) -> Body:
    return Body(key, prop("type", {"type": "string", "enum": [*types]}, required=True))


VNC_BODY = _body("os-getVNCConsole", "novnc", "xvpvnc")
SPICE_BODY = _body("os-getSPICEConsole", "spice-html5")
SERIAL_BODY = _body("os-getSerialConsole", "serial")
OLD_PROTOCOLS = ["vnc", "spice", "serial", "rdp"]
OLD_TYPES = ["novnc", "xvpvnc", "spice-html5", "serial", "rdp-html5"]
REMOTE_BODY = Body(
    "remote_console",
    prop(
        "protocol",
        Switch(
            either({"type": "string", "enum": OLD_PROTOCOLS}, until="2.7"),
            either({"type": "string", "enum": [*OLD_PROTOCOLS, "mks"]}, since="2.8"),
        ),
        required=True,
    ),
    prop(
        "type",
        Switch(
            either({"type": "string", "enum": OLD_TYPES}, until="2.7"),
            either({"type": "string", "enum": [*OLD_TYPES, "webmks"]}, since="2.8", until="2.98"),
            either(
                {"type": "string", "enum": [*OLD_TYPES, "webmks", "spice-direct"]}, since="2.99"
            ),
        ),
        required=True,
    ),
)
TOKEN_QUERY = Query(unknown=Switch(either(True, until="2.98"), either(False, since="2.99")))

# Queries


def _grant(ctx: Context, server: Any, kind: str, protocol: str = "") -> str:
    """Give out a token for a console; return the console's URL."""
    served = "serial" if protocol == "serial" else kind
    place, proxy_port, first_port = ACCESS[served]
    place = place.replace("{port}", str(ctx.cloud.proxy_ports.get(served, proxy_port)))
    if served != kind == "novnc":
        place = place.replace("%s", "path=%s")
    token = ctx.ids.uuid()
    fake = guests.of(ctx, server).console
    port = fake.port if fake else _port(ctx, server, served, first_port)
    ctx.db.insert(
        "compute_console_tokens",
        {
            "token": token,
            "server_uuid": server["uuid"],
            "console_type": kind,
            "host": fake.hosts[_protocol(served)] if fake else GUEST_ADDRESS,
            "port": port,
            "tls_port": fake.tls_port if fake and kind == "spice-direct" else None,
            "internal_access_path": server["uuid"] if kind == "webmks" else None,
            "expires_at": iso(ctx.now + ctx.settings.console_token_ttl_seconds),
        },
    )
    opened = f"token={token}"
    return place % (quote(f"?{opened}") if kind == "novnc" else opened)


def _protocol(kind: str) -> str:
    """What all types of a guest's console have in common: both kinds of SPICE are one port."""
    return kind.partition("-")[0]


def _port(ctx: Context, server: Any, kind: str, first: int) -> int:
    """The port of a guest's console: the one it has, else the lowest that is free."""
    if kind == "webmks":
        return first
    taken, is_free = set(), partial(ctx.cloud.signals.emit, "guest_port")
    for row in ctx.db.all(f"{LIVE} WHERE t.expires_at > ?", (ctx.timestamp,)):
        same = _protocol(row["console_type"]) == _protocol(kind) and is_of_its_type(row)
        if same and row["server_uuid"] == server["uuid"]:
            port: int = row["port"]
            return port
        taken.add(row["port"])
    return next(port for port in count(first) if port not in taken and is_free(port))


LIVE = (
    "SELECT t.*, s.* FROM compute_console_tokens t"
    " JOIN compute_servers s ON s.uuid = t.server_uuid AND s.deleted = 0"
)


def granted(ctx: Context, token: str) -> Any:
    """Return what a token opens, with the server's columns; None when it opens nothing now."""
    return ctx.db.one(
        f"{LIVE} WHERE t.token = ? AND t.expires_at > ?",
        (token, ctx.timestamp),
    )


def at_port(ctx: Context, port: int) -> list[Any]:
    """Return the consoles that are at a guest's own port, as `granted`."""
    return ctx.db.all(f"{LIVE} WHERE t.port = ? AND t.expires_at > ?", (port, ctx.timestamp))


def open_ports(ctx: Context) -> list[int]:
    """Return the ports of guests that have a console open which the emulator serves."""
    rows = ctx.db.all(
        f"{LIVE} WHERE t.host = ? AND t.expires_at > ?", (GUEST_ADDRESS, ctx.timestamp)
    )
    return [row["port"] for row in rows if row["console_type"] != "webmks"]


def is_of_its_type(row: Any) -> bool:
    """Say whether a token's port is one of its type: a serial port asked for as a screen is not.

    Proxies ask this (Nova 34.0.0, validate_console_port).
    """
    return (row["port"] >= ACCESS["serial"][2]) is (row["console_type"] == "serial")


# Operations


def vnc(ctx: Context, server: Any, body: Any) -> dict[str, Any]:
    """Open a VNC console (below 2.6)."""
    return _old(ctx, server, body["os-getVNCConsole"]["type"])


def spice(ctx: Context, server: Any, body: Any) -> dict[str, Any]:
    """Open a SPICE console (below 2.6)."""
    return _old(ctx, server, body["os-getSPICEConsole"]["type"])


def serial(ctx: Context, server: Any, body: Any) -> dict[str, Any]:
    """Open a serial console (below 2.6)."""
    return _old(ctx, server, body["os-getSerialConsole"]["type"])


def rdp(ctx: Context, **arguments: Any) -> None:
    """Refuse an RDP console: those went with the Hyper-V driver."""
    raise MalformedRequest()


def _old(ctx: Context, server: Any, kind: str) -> dict[str, Any]:
    _check(server)
    if kind not in ACCESS:
        raise ConsoleTypeInvalid(console_type=kind)
    return {"console": {"type": kind, "url": _grant(ctx, server, kind)}}


def create(ctx: Context, server: Any, body: Any) -> dict[str, Any]:
    """Open a console of any type."""
    asked = body["remote_console"]
    protocol, kind = asked["protocol"], asked["type"]
    if protocol == "rdp":
        raise MalformedRequest()
    _check(server)
    if kind not in OF_PROTOCOL.get(protocol, (kind,)):
        raise ConsoleTypeInvalid(console_type=kind)
    url = _grant(ctx, server, kind, protocol)
    return {"remote_console": {"protocol": protocol, "type": kind, "url": url}}


def _check(server: Any) -> None:
    """A console is of a server on a host that is neither going nor moving."""
    if not server["host"]:
        raise InstanceNotReady(instance_id=server["uuid"])
    if server["task_state"] in REJECTED_TASKS:
        raise InstanceInvalidState.of(server, "get_vnc_console", "task_state", server["task_state"])


def show_token(ctx: Context, token: str) -> dict[str, Any]:
    """Say where a console is that a token opens; proxies ask this."""
    if ANY_CONSOLE_HAS_A_TOKEN not in ctx:
        raise MalformedRequest()
    ctx.authorize("os_compute_api:os-console-auth-tokens")
    row = granted(ctx, token)
    if row is None:
        raise TokenNotFound()
    console = {
        "instance_uuid": row["server_uuid"],
        "host": row["host"],
        "port": row["port"],
        "internal_access_path": row["internal_access_path"],
    }
    if row["console_type"] == "spice-direct" and DIRECT_SPICE_HAS_A_TLS_PORT in ctx:
        console["tls_port"] = row["tls_port"]
    return {"console": console}


def gone(ctx: Context, **arguments: Any) -> None:
    """Refuse the consoles of a hypervisor that Nova no longer has."""
    raise ActionGone()

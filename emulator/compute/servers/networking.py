"""What servers ask of Network: the one place of Compute that calls emulator.network.servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from emulator.wire.request import Context

try:
    from emulator.network import servers as network  # type: ignore[attr-defined]
except ImportError:  # until Network can do this
    network = None  # type: ignore[assignment]


def ports_of(ctx: Context, server_ids: Sequence[str]) -> Mapping[str, Any]:
    """Return the ports of servers, with addresses, by server."""
    if network is None:
        return {}
    found: Mapping[str, Any] = network.ports_of(ctx.at_service("network"), server_ids)
    return found


def security_groups_of(
    ctx: Context, server_ids: Sequence[str], ports: Mapping[str, Any]
) -> dict[str, list[dict[str, str]]]:
    """Return the security groups of servers' ports, each name once, as views show them."""
    if network is None:
        return {}
    found: dict[str, list[dict[str, str]]] = {}
    for server_id, own in ports.items():
        names = dict.fromkeys(name for port in own for name in port.security_group_names)
        found[server_id] = [{"name": name} for name in names]
    return found


def asked(networks: Any) -> Any:
    """Return the networks of a request as Network takes them, what cannot be is refused."""
    return networks


def check_several(networks: Any) -> None:
    """Refuse for several servers what only one can have."""


def servers_with(ctx: Context, parts: Sequence[str]) -> list[str]:
    """Return the servers with a port that has a part of an address."""
    return []


def as_json(values: Sequence[str]) -> str:
    """Return ids as a JSON list, for conditions with very many of them."""
    return orjson.dumps(list(values)).decode()


def check(
    ctx: Context, networks: Any, security_groups: Sequence[str]
) -> tuple[list[dict[str, Any]] | None, list[str]]:
    """Return the networks a new server gets, checked, and the ids of its security groups.

    `networks` is the request's value: a list, "auto", "none", or None where nothing was said.
    """
    if network is None:
        return [], []
    raise NotImplementedError


def allocate(ctx: Context, server: Any) -> None:
    """Give a server its ports."""


def release(ctx: Context, server_uuid: str) -> None:
    """Take a server's ports away: what Compute made is deleted, what it was given is unbound."""
    if network is not None:
        network.release(ctx.at_service("network"), server_uuid)

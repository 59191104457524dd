"""Names of ports in the cloud's own domain, the setting `dns_domain`.

With Neutron's default, openstacklocal, nobody's names are kept: each address is called after
itself. With another domain ports have the names that they were given, and servers' ports those of
their servers (neutron 29.0.0, ml2 dns_integration). No floating IP has a name, as that takes a
service of names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.wire.request import Context

DEFAULT = "openstacklocal."
NAMES = ("dns_name", "dns_domain")


def domain(ctx: Context) -> str:
    """Return the cloud's domain, with a dot at its end; "" when it has none."""
    own = ctx.settings.dns_domain
    return own if not own or own.endswith(".") else f"{own}."


def keeps_names(ctx: Context) -> bool:
    """Say whether ports keep the names they are given."""
    return domain(ctx) not in ("", DEFAULT)


def kept(ctx: Context, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the names among the values of a port, as far as names are kept."""
    return {name: values[name] for name in NAMES if name in values and keeps_names(ctx)}


def assignments(ctx: Context, name: str, addresses: Iterable[str]) -> list[dict[str, str]]:
    """Return what the addresses of a port are called: by its name, or each after itself."""
    own = domain(ctx)
    found = []
    for address in addresses:
        host = name or "host-" + address.replace(".", "-").replace(":", "-")
        whole = f"{host}.{own}" if own and not host.endswith(".") else host
        found.append({"ip_address": address, "hostname": host, "fqdn": whole})
    return found

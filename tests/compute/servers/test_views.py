"""What a server shows beside its columns, and to whom."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.policy import Enforcer

NETWORK = "/networking/v2.0"
RULE = "os_compute_api:servers:show:host_status"


def shown(server: Any, version: str = "2.100", who: str = "demo") -> Any:
    return server.ask("GET", version=version, who=who).json["server"]


def network_id(api: Any, name: str) -> str:
    return str(api.get(f"{NETWORK}/networks?name={name}", who="admin").json["networks"][0]["id"])


def plug(server: Any, network: str) -> str:
    """Give a server one more port; return its id."""
    body = {"interfaceAttachment": {"net_id": network}}
    made = server.ask("POST", "/os-interface", body)
    assert made.status == 200, made.text
    return str(made.json["interfaceAttachment"]["port_id"])


@pytest.fixture
def side(boot: Any) -> Any:
    """A server of demo, and a network of its own beside the usual ones."""
    server = boot()
    made = server.api.post(f"{NETWORK}/networks", {"network": {"name": "side"}}, who="demo")
    subnet = {"network_id": made.json["network"]["id"], "ip_version": 4, "cidr": "10.9.0.0/24"}
    server.api.post(f"{NETWORK}/subnets", {"subnet": subnet}, who="demo")
    return server


def test_addresses_stand_under_their_networks_the_floating_ones_last(side: Any) -> None:
    server, api = side, side.api
    plug(server, network_id(api, "side"))
    inside = plug(server, network_id(api, "private"))
    plug(server, network_id(api, "side"))
    public = network_id(api, "public")
    body = {"floatingip": {"floating_network_id": public, "port_id": inside}}
    made = api.post(f"{NETWORK}/floatingips", body, who="demo")
    assert made.status == 201, made.text
    addresses = shown(server)["addresses"]
    kinds = {name: [each["OS-EXT-IPS:type"] for each in own] for name, own in addresses.items()}
    assert kinds["side"] == ["fixed", "fixed"]
    assert kinds["private"][-1] == "floating"
    assert list(addresses) == ["side", "private"]
    plain = server.ask("GET", "/ips").json["addresses"]
    assert plain == {
        name: [{"version": each["version"], "addr": each["addr"]} for each in own]
        for name, own in addresses.items()
    }


def test_addresses_of_one_network_stand_in_the_order_of_the_ports(side: Any) -> None:
    server, api = side, side.api
    network = network_id(api, "side")
    port = {"network_id": network, "fixed_ips": [{"ip_address": "10.9.0.103"}]}
    older = api.post(f"{NETWORK}/ports", {"port": port}, who="demo").json["port"]["id"]
    wanted = ["10.9.0.101", "10.9.0.100", "10.9.0.103"]
    for attached in (
        {"net_id": network, "fixed_ips": [{"ip_address": wanted[0]}]},
        {"net_id": network, "fixed_ips": [{"ip_address": wanted[1]}]},
        {"port_id": older},
    ):
        made = server.ask("POST", "/os-interface", {"interfaceAttachment": attached})
        assert made.status == 200, made.text
    addresses = shown(server)["addresses"]["side"]
    assert [each["addr"] for each in addresses] == wanted


def test_any_name_is_shown_as_it_is(boot: Any) -> None:
    name = 'quotes " and }\\ and ünï'
    server = boot(name=name)
    assert shown(server)["name"] == name
    listed = server.api.get("/compute/v2.1/servers", who="demo").json["servers"]
    assert listed[0]["name"] == name


def test_an_ipv6_address_is_kept_in_its_shortest_form(boot: Any) -> None:
    server = boot()
    changed = server.ask("PUT", "", {"server": {"accessIPv6": "2001:DB8:0:0:0:0:0:1"}})
    assert changed.json["server"]["accessIPv6"] == "2001:db8::1"
    path = "/compute/v2.1/servers?all_tenants=1&access_ip_v6=^2001:db8::1$"
    assert server.api.get(path, who="admin").json["servers"]


def test_the_details_of_a_fault_of_the_cloud_are_for_admins(boot: Any) -> None:
    server = boot()
    fault = {"fault_message": "m", "fault_details": "d", "fault_created": "2030-01-01T00:00:00.0"}
    server.become(vm_state="error", fault_code=500, **fault)
    assert shown(server)["fault"] == {
        "code": 500, "created": "2030-01-01T00:00:00Z", "message": "m"
    }  # fmt: skip
    assert shown(server, who="admin")["fault"]["details"] == "d"
    server.become(fault_code=404)
    assert shown(server)["fault"]["details"] == "d"
    server.become(vm_state="active")
    assert "fault" not in shown(server)


def test_who_may_see_only_unknown_hosts_sees_only_those(boot: Any, monkeypatch: Any) -> None:
    server = boot()
    enforcers = server.api.cloud.enforcers
    changed = Enforcer(enforcers["compute"].rules, {f"{RULE}:unknown-only": "@"})
    monkeypatch.setitem(enforcers, "compute", changed)
    assert "host_status" not in shown(server)
    server.become(host="gone")
    assert shown(server)["host_status"] == "UNKNOWN"
    server.become(host=None)
    assert "host_status" not in shown(server)


@pytest.mark.parametrize("version", ["2.74", "2.75"])
def test_what_a_change_answers_has_addresses_in_full_from_2_75(side: Any, version: str) -> None:
    plug(side, network_id(side.api, "side"))
    answer = side.ask("PUT", "", {"server": {"name": "other"}}, version=version)
    keys = {key for own in answer.json["server"]["addresses"].values() for key in own[0]}
    assert ("OS-EXT-IPS:type" in keys) == (version == "2.75")

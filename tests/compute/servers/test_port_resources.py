"""Ports with guaranteed bandwidth and packet rates: Nova, Neutron and Placement agree on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

NET, NOVA = "/networking/v2.0", "/compute/v2.1/servers"
EGRESS, INGRESS = "NET_BW_EGR_KILOBIT_PER_SEC", "NET_BW_IGR_KILOBIT_PER_SEC"
PACKETS = "NET_PACKET_RATE_KILOPACKET_PER_SEC"
FLAVOR = {"VCPU": 1, "MEMORY_MB": 512, "DISK_GB": 1}
ROOM = 1_000_000  # kilobits a second each way, of each host
TOO_MUCH = 2**31 - 1


class Lab:
    """A cloud with a network on the physical network `public`, and what tests do in it."""

    def __init__(self, api: Any) -> None:
        self.api = api
        network = {
            "shared": True,
            "provider:network_type": "vlan",
            "provider:physical_network": "public",
            "provider:segmentation_id": 7,
        }
        self.network = self.make("networks", network)["id"]
        subnet = {"network_id": self.network, "ip_version": 4, "cidr": "10.9.0.0/24"}
        self.make("subnets", subnet)
        (image,) = api.get("/image/v2/images?name=cirros-0.6.3-x86_64-disk").json["images"]
        self.image = image["id"]

    def make(self, kind: str, values: dict[str, Any]) -> dict[str, Any]:
        member = kind[:-1]
        answer = self.api.post(f"{NET}/{kind}", {member: values}, who="admin")
        assert answer.status == 201, answer.text
        return dict(answer.json[member])

    def policy(self, *, kpps: int = 0, kpps_ways: Any = (), **kbps: int) -> str:
        """A policy that guarantees bandwidth by direction, and packets."""
        made = self.api.post(f"{NET}/qos/policies", {"policy": {"name": "p", "shared": True}})
        path = f"{NET}/qos/policies/{made.json['policy']['id']}"
        for way, amount in kbps.items():
            rule = {"minimum_bandwidth_rule": {"min_kbps": amount, "direction": way}}
            assert self.api.post(f"{path}/minimum_bandwidth_rules", rule).status == 201
        for way in kpps_ways or ("any",) * bool(kpps):
            rule = {"minimum_packet_rate_rule": {"min_kpps": kpps, "direction": way}}
            assert self.api.post(f"{path}/minimum_packet_rate_rules", rule).status == 201
        return str(made.json["policy"]["id"])

    def port(self, policy: str | None = None, **more: Any) -> str:
        values = {"network_id": self.network, "qos_policy_id": policy, **more}
        return str(self.make("ports", values)["id"])

    def boot(self, *ports: str, version: str = "compute 2.72", **more: Any) -> Any:
        networks = [{"port": each} for each in ports]
        server = {"name": "s", "imageRef": self.image, "flavorRef": "1", "networks": networks}
        answer = self.api.post(NOVA, {"server": {**server, **more}}, version=version)
        self.api.cloud.settle()
        return answer

    def server(self, *ports: str, **more: Any) -> str:
        answer = self.boot(*ports, **more)
        assert answer.status == 202, answer.text
        return str(answer.json["server"]["id"])

    def act(self, server: str, action: Any, version: str = "compute 2.72") -> Any:
        answer = self.api.post(f"{NOVA}/{server}/action", action, version=version)
        self.api.cloud.settle()
        return answer

    def shown(self, server: str) -> dict[str, Any]:
        return dict(self.api.get(f"{NOVA}/{server}").json["server"])

    def held(self, consumer: str) -> dict[str, dict[str, int]]:
        """What a consumer holds, by the name of the provider below its host."""
        path = f"/placement/allocations/{consumer}"
        found = self.api.get(path, version="placement 1.39").json["allocations"]
        return {self.name(uuid): each["resources"] for uuid, each in found.items()}

    def name(self, uuid: str) -> str:
        path = f"/placement/resource_providers/{uuid}"
        return str(self.api.get(path, version="placement 1.39").json["name"])

    def shown_port(self, port: str) -> dict[str, Any]:
        return dict(self.api.get(f"{NET}/ports/{port}").json["port"])

    def served(self, port: str) -> dict[str, str]:
        """Who serves what a port asks for, by resource class, as its binding profile has it."""
        shown = self.shown_port(port)
        allocation = shown["binding:profile"].get("allocation", {})
        groups = (shown["resource_request"] or {"request_groups": []})["request_groups"]
        assert set(allocation) <= {each["id"] for each in groups}
        return {
            name: self.name(allocation[each["id"]])
            for each in groups
            if each["id"] in allocation
            for name in each["resources"]
        }

    def give(self, port: str, policy: str | None) -> Any:
        return self.api.put(f"{NET}/ports/{port}", {"port": {"qos_policy_id": policy}})

    def used(self) -> dict[str, int]:
        rows = self.api.cloud.database.all(
            "SELECT resource_class, sum(used) FROM placement_inventories"
            " WHERE resource_class LIKE 'NET_%' GROUP BY resource_class"
        )
        return {row[0]: row[1] for row in rows if row[1]}


@pytest.fixture
def lab(open_cloud: Callable[..., Any]) -> Lab:
    return Lab(open_cloud(who=("admin",)))


def agent(host: str) -> str:
    return f"{host}:Open vSwitch agent"


def bridge(host: str) -> str:
    return f"{host}:Open vSwitch agent:br-ex"


def test_a_new_server_holds_what_its_port_asks_for(lab: Lab) -> None:
    port = lab.port(lab.policy(ingress=1000, egress=200, kpps=50))
    server = lab.server(port)
    host = lab.shown(server)["OS-EXT-SRV-ATTR:host"]
    assert lab.held(server) == {
        host: FLAVOR,
        bridge(host): {INGRESS: 1000, EGRESS: 200},
        agent(host): {PACKETS: 50},
    }
    assert lab.served(port) == {
        INGRESS: bridge(host), EGRESS: bridge(host), PACKETS: agent(host)
    }  # fmt: skip
    assert lab.api.delete(f"{NOVA}/{server}").status == 204
    lab.api.cloud.settle()
    assert lab.held(server) == {}
    assert lab.shown_port(port)["binding:profile"] == {}
    assert lab.used() == {}


def test_below_2_72_such_a_port_is_refused(lab: Lab) -> None:
    port = lab.port(lab.policy(ingress=1000))
    refused = lab.boot(port, version="compute 2.71")
    assert refused.status == 400
    assert refused.json["badRequest"]["message"] == (
        "Creating servers with ports having resource requests, like a port with a QoS minimum "
        "bandwidth policy, is not supported until microversion 2.72."
    )
    limit = lab.policy()
    rule = {"bandwidth_limit_rule": {"max_kbps": 1000}}
    lab.api.post(f"{NET}/qos/policies/{limit}/bandwidth_limit_rules", rule)
    assert lab.boot(lab.port(limit), version="compute 2.1").status == 202


@pytest.mark.parametrize("policy", [{"ingress": TOO_MUCH}, {"ingress": 1, "kpps": TOO_MUCH}])
def test_where_no_host_has_so_much_the_server_is_in_error(lab: Lab, policy: Any) -> None:
    port = lab.port(lab.policy(**policy))
    server = lab.server(port)
    assert lab.shown(server)["fault"]["message"] == "No valid host was found. "
    assert lab.held(server) == {}
    assert lab.shown_port(port)["binding:profile"] == {}


def test_a_tunnelled_network_has_no_bandwidth_to_guarantee(lab: Lab) -> None:
    tunnelled = lab.make("networks", {"name": "t"})["id"]
    lab.make("subnets", {"network_id": tunnelled, "ip_version": 4, "cidr": "10.8.0.0/24"})
    port = lab.port(lab.policy(egress=1), network_id=tunnelled)
    (group,) = lab.shown_port(port)["resource_request"]["request_groups"]
    assert group["required"] == ["CUSTOM_NETWORK_TUNNEL_PROVIDER", "CUSTOM_VNIC_TYPE_NORMAL"]
    assert lab.shown(lab.server(port))["status"] == "ERROR"


def test_two_ports_share_a_bridge(lab: Lab) -> None:
    ports = [lab.port(lab.policy(ingress=amount)) for amount in (1000, 2000)]
    server = lab.server(*ports)
    host = lab.shown(server)["OS-EXT-SRV-ATTR:host"]
    assert lab.held(server) == {host: FLAVOR, bridge(host): {INGRESS: 3000}}
    assert [lab.served(each) for each in ports] == [{INGRESS: bridge(host)}] * 2
    lab.give(ports[0], lab.policy(ingress=5000))
    assert lab.held(server)[bridge(host)] == {INGRESS: 7000}


def test_bandwidth_decides_on_the_host(lab: Lab) -> None:
    hosts = {
        lab.shown(lab.server(lab.port(lab.policy(ingress=ROOM))))["OS-EXT-SRV-ATTR:host"]
        for _ in range(3)
    }
    assert hosts == {"compute1", "compute2", "compute3"}
    assert lab.shown(lab.server(lab.port(lab.policy(ingress=1))))["status"] == "ERROR"
    assert lab.shown(lab.server(lab.port()))["status"] == "ACTIVE"


def test_a_network_with_guarantees_needs_ports_made_before(lab: Lab) -> None:
    policy = lab.policy(ingress=1000)
    lab.api.put(f"{NET}/networks/{lab.network}", {"network": {"qos_policy_id": policy}})
    server = lab.server(networks=[{"uuid": lab.network}])
    assert lab.shown(server)["fault"]["message"] == (
        f"Build of instance {server} aborted: Failed to allocate the network(s), not rescheduling."
    )
    assert lab.used() == {}
    server = lab.server(networks="none", version="compute 2.74")
    body = {"interfaceAttachment": {"net_id": lab.network}}
    refused = lab.api.post(f"{NOVA}/{server}/os-interface", body)
    assert refused.status == 400
    assert refused.json["badRequest"]["message"] == (
        f"Using networks with QoS policy is not supported for instance {server}. "
        f"(Network ID is {lab.network})"
    )
    port = lab.port()
    assert lab.served(port) == {}
    assert lab.held(lab.server(port)).keys() > {"compute1"} - {"compute1"}


# Moves


@pytest.mark.parametrize("end", ["confirmResize", "revertResize"])
@pytest.mark.parametrize("action", [{"migrate": None}, {"resize": {"flavorRef": "84"}}])
def test_a_server_that_moves_takes_what_its_ports_ask_for(lab: Lab, action: Any, end: str) -> None:
    port = lab.port(lab.policy(ingress=1000, kpps=50))
    server = lab.server(port)
    source = lab.shown(server)["OS-EXT-SRV-ATTR:host"]
    before = lab.held(server)
    assert lab.act(server, action).status == 202
    there = lab.shown(server)["OS-EXT-SRV-ATTR:host"]
    assert there != source
    assert lab.served(port) == {INGRESS: bridge(there), PACKETS: agent(there)}
    assert lab.used() == {INGRESS: 2000, PACKETS: 100}
    assert lab.act(server, {end: None}).status in (202, 204)
    host = lab.shown(server)["OS-EXT-SRV-ATTR:host"]
    assert host == (there if end == "confirmResize" else source)
    assert lab.served(port) == {INGRESS: bridge(host), PACKETS: agent(host)}
    assert lab.used() == {INGRESS: 1000, PACKETS: 50}
    assert end == "confirmResize" or lab.held(server) == before


def test_a_live_migration_takes_them_along(lab: Lab) -> None:
    port = lab.port(lab.policy(ingress=1000, kpps=50))
    server = lab.server(port)
    source = lab.shown(server)["OS-EXT-SRV-ATTR:host"]
    action = {"os-migrateLive": {"host": None, "block_migration": "auto"}}
    assert lab.act(server, action).status == 202
    host = lab.shown(server)["OS-EXT-SRV-ATTR:host"]
    assert host != source
    assert lab.held(server).keys() == {host, bridge(host), agent(host)}
    assert lab.served(port) == {INGRESS: bridge(host), PACKETS: agent(host)}
    assert lab.used() == {INGRESS: 1000, PACKETS: 50}


def test_a_move_cannot_be_forced(lab: Lab) -> None:
    server = lab.server(lab.port(lab.policy(ingress=1000)))
    held = lab.held(server)
    host = next(each for each in ("compute2", "compute1") if each not in held)
    action = {"os-migrateLive": {"host": host, "block_migration": "auto", "force": True}}
    assert lab.act(server, action, "compute 2.67").status == 202
    assert lab.held(server) == held
    (migration,) = lab.api.get(f"/compute/v2.1/os-migrations?instance_uuid={server}",
                               version="compute 2.59").json["migrations"]  # fmt: skip
    assert migration["status"] == "error"
    fault = lab.api.cloud.database.value(
        "SELECT fault_message FROM compute_servers WHERE uuid = ?", (server,)
    )
    assert fault == (
        f"No valid host was found. Unable to move instance {server} to host {host}. The instance "
        "has complex allocations on the source host so move cannot be forced."
    )


def test_an_evacuated_server_holds_them_on_its_new_host(lab: Lab) -> None:
    port = lab.port(lab.policy(ingress=1000))
    server = lab.server(port)
    dead = lab.shown(server)["OS-EXT-SRV-ATTR:host"]
    services = lab.api.get("/compute/v2.1/os-services", version="compute 2.53").json["services"]
    (down,) = [each["id"] for each in services if each["host"] == dead]
    path = f"/compute/v2.1/os-services/{down}"
    lab.api.put(path, {"forced_down": True}, version="compute 2.53")
    assert lab.act(server, {"evacuate": {}}).status == 200
    host = lab.shown(server)["OS-EXT-SRV-ATTR:host"]
    assert host != dead
    assert lab.held(server) == {host: FLAVOR, bridge(host): {INGRESS: 1000}}
    assert lab.served(port) == {INGRESS: bridge(host)}


def test_a_shelved_server_gives_them_back_and_gets_them_again(lab: Lab) -> None:
    port = lab.port(lab.policy(ingress=1000))
    mine = {"port": {"binding:profile": {"mine": 1}}}
    assert lab.api.put(f"{NET}/ports/{port}", mine, who="nova@service").status == 200
    server = lab.server(port)
    assert lab.act(server, {"shelve": None}).status == 202
    assert lab.shown(server)["status"] == "SHELVED_OFFLOADED"
    assert lab.held(server) == {}
    assert lab.shown_port(port)["binding:profile"] == {"mine": 1}
    assert lab.act(server, {"unshelve": None}).status == 202
    host = lab.shown(server)["OS-EXT-SRV-ATTR:host"]
    assert lab.held(server)[bridge(host)] == {INGRESS: 1000}
    assert lab.served(port) == {INGRESS: bridge(host)}
    lab.api.delete(f"{NOVA}/{server}")
    lab.api.cloud.settle()
    assert lab.shown_port(port)["binding:profile"] == {"mine": 1}


def test_no_room_elsewhere_and_the_server_stays(lab: Lab) -> None:
    port = lab.port(lab.policy(ingress=600_000))
    server = lab.server(port)
    host, before = lab.shown(server)["OS-EXT-SRV-ATTR:host"], lab.held(server)
    for _ in range(2):
        lab.server(lab.port(lab.policy(ingress=600_000)))
    assert lab.act(server, {"migrate": None}).status == 202
    assert lab.shown(server)["OS-EXT-SRV-ATTR:host"] == host
    assert lab.held(server) == before
    assert lab.served(port) == {INGRESS: bridge(host)}


# Interfaces


def test_an_interface_is_attached_and_detached_with_what_it_asks_for(lab: Lab) -> None:
    server = lab.server(lab.port())
    host, before = lab.shown(server)["OS-EXT-SRV-ATTR:host"], lab.held(server)
    port = lab.port(lab.policy(ingress=1000, kpps=50))
    path = f"{NOVA}/{server}/os-interface"
    body = {"interfaceAttachment": {"port_id": port}}
    assert lab.api.post(path, body).status == 200
    assert lab.served(port) == {INGRESS: bridge(host), PACKETS: agent(host)}
    assert lab.held(server) == {
        **before, bridge(host): {INGRESS: 1000}, agent(host): {PACKETS: 50}
    }  # fmt: skip
    assert lab.api.delete(f"{path}/{port}").status == 202
    lab.api.cloud.settle()
    assert lab.held(server) == before
    assert lab.shown_port(port)["binding:profile"] == {}


def test_an_interface_that_the_host_has_no_room_for_is_refused(lab: Lab) -> None:
    server = lab.server(lab.port())
    before = lab.held(server)
    port = lab.port(lab.policy(ingress=ROOM + 1))
    body = {"interfaceAttachment": {"port_id": port}}
    refused = lab.api.post(f"{NOVA}/{server}/os-interface", body)
    assert refused.status == 400
    assert refused.json["badRequest"]["message"] == (
        f"Failed to allocate additional resources to {server} during interface attach"
    )
    assert lab.held(server) == before
    assert lab.shown_port(port)["device_id"] == ""


def test_of_a_port_that_is_deleted_the_server_holds_the_claim_until_it_goes(lab: Lab) -> None:
    port = lab.port(lab.policy(ingress=1000))
    server = lab.server(port)
    assert lab.api.delete(f"{NET}/ports/{port}").status == 204
    assert lab.used() == {INGRESS: 1000}
    lab.api.delete(f"{NOVA}/{server}")
    lab.api.cloud.settle()
    assert lab.used() == {}


# Policies of ports that are in use


def test_a_claim_follows_the_ports_policy(lab: Lab) -> None:
    port = lab.port(lab.policy(ingress=1000, kpps=100))
    server = lab.server(port)
    host = lab.shown(server)["OS-EXT-SRV-ATTR:host"]
    assert lab.give(port, lab.policy(ingress=2000, kpps=50)).status == 200
    assert lab.held(server) == {
        host: FLAVOR, bridge(host): {INGRESS: 2000}, agent(host): {PACKETS: 50}
    }  # fmt: skip
    assert lab.served(port) == {INGRESS: bridge(host), PACKETS: agent(host)}
    assert lab.give(port, lab.policy(egress=300)).status == 200
    assert lab.held(server) == {host: FLAVOR, bridge(host): {EGRESS: 300}}
    assert lab.served(port) == {EGRESS: bridge(host)}
    assert lab.give(port, None).status == 200
    assert lab.held(server) == {host: FLAVOR}
    assert lab.shown_port(port)["binding:profile"] == {"allocation": {}}


def test_what_nothing_was_held_of_stays_without_a_claim(lab: Lab) -> None:
    bare, thin = lab.port(), lab.port(lab.policy(ingress=1000))
    server = lab.server(bare, thin)
    host = lab.shown(server)["OS-EXT-SRV-ATTR:host"]
    both = lab.policy(ingress=2000, kpps=50)
    assert lab.give(bare, both).status == 200
    assert lab.give(thin, both).status == 200
    assert lab.held(server) == {host: FLAVOR, bridge(host): {INGRESS: 2000}}
    assert lab.served(bare) == {}
    assert lab.served(thin) == {INGRESS: bridge(host)}


def test_more_than_the_host_has_is_a_conflict(lab: Lab) -> None:
    policy = lab.policy(ingress=1000)
    port = lab.port(policy)
    server = lab.server(port)
    host, before = lab.shown(server)["OS-EXT-SRV-ATTR:host"], lab.held(server)
    refused = lab.give(port, lab.policy(ingress=ROOM + 1))
    assert refused.status == 409
    error = refused.json["NeutronError"]
    assert error["type"] == "QosPlacementAllocationUpdateConflict"
    path = f"/placement/resource_providers?name={bridge(host)}".replace(" ", "%20")
    uuid = lab.api.get(path).json["resource_providers"][0]["uuid"]
    assert error["message"] == (
        f"Updating placement allocation with {{'{uuid}': {{'{INGRESS}': {ROOM - 999}}}}} for "
        f"consumer {server} failed. The requested resources would exceed the capacity available."
    )
    assert lab.held(server) == before
    assert lab.shown_port(port)["qos_policy_id"] == policy


def test_packets_of_both_ways_do_not_become_packets_of_one(lab: Lab) -> None:
    port = lab.port(lab.policy(kpps=100))
    lab.server(port)
    refused = lab.give(port, lab.policy(kpps=100, kpps_ways=("egress", "ingress")))
    assert refused.status == 501
    assert refused.json["NotImplementedError"]["message"] == (
        "Changing from direction-less QoS minimum packet rate rule to a direction-oriented "
        "minimum packet rate rule, or vice versa, is not supported."
    )


def test_a_networks_policy_counts_for_ports_without_their_own(lab: Lab) -> None:
    network = f"{NET}/networks/{lab.network}"
    lab.api.put(network, {"network": {"qos_policy_id": lab.policy(ingress=1000)}})
    follower, other = lab.port(), lab.port(lab.policy(ingress=10))
    server = lab.server(follower, other)
    host = lab.shown(server)["OS-EXT-SRV-ATTR:host"]
    assert lab.held(server)[bridge(host)] == {INGRESS: 1010}
    lab.api.put(network, {"network": {"qos_policy_id": lab.policy(ingress=500)}})
    assert lab.held(server)[bridge(host)] == {INGRESS: 510}
    assert lab.served(follower) == {INGRESS: bridge(host)}
    lab.api.put(network, {"network": {"qos_policy_id": lab.policy(ingress=TOO_MUCH)}})
    assert lab.held(server)[bridge(host)] == {INGRESS: 510}


@pytest.mark.parametrize("follows", ["port", "network"])
def test_guarantees_that_servers_have_cannot_be_changed(lab: Lab, follows: str) -> None:
    policy = lab.policy(ingress=1000)
    if follows == "network":
        body = {"network": {"qos_policy_id": policy}}
        lab.api.put(f"{NET}/networks/{lab.network}", body)
    lab.server(lab.port(policy if follows == "port" else None))
    path = f"{NET}/qos/policies/{policy}"
    (rule,) = lab.api.get(path).json["policy"]["rules"]
    rules = f"{path}/minimum_bandwidth_rules"
    changed = {"minimum_bandwidth_rule": {"min_kbps": 5}}
    added = {"minimum_packet_rate_rule": {"min_kpps": 5, "direction": "any"}}
    for answer in (
        lab.api.put(f"{rules}/{rule['id']}", changed),
        lab.api.delete(f"{rules}/{rule['id']}"),
        lab.api.post(f"{path}/minimum_packet_rate_rules", added),
    ):
        assert answer.status == 501
        assert answer.json == {
            "NotImplementedError": {
                "type": "NotImplementedError",
                "message": "Cannot update QoS policies/rules backed by resources tracked in "
                "Placement",
                "detail": "",
            }
        }
    limit = {"bandwidth_limit_rule": {"max_kbps": 2000, "direction": "ingress"}}
    assert lab.api.post(f"{path}/bandwidth_limit_rules", limit).status == 201
    assert lab.api.get(path).json["policy"]["rules"][0] == rule


# Hosts


def test_a_compute_that_is_deleted_takes_its_agents_providers_along(lab: Lab) -> None:
    services = lab.api.get("/compute/v2.1/os-services", version="compute 2.53").json["services"]
    (compute,) = [each["id"] for each in services if each["host"] == "compute3"]
    path = f"/compute/v2.1/os-services/{compute}"
    assert lab.api.delete(path, version="compute 2.53").status == 204
    rows = lab.api.get("/placement/resource_providers").json["resource_providers"]
    assert not [each["name"] for each in rows if each["name"].startswith("compute3")]


def test_agents_say_that_placement_knows(lab: Lab) -> None:
    agents = lab.api.get(f"{NET}/agents").json["agents"]
    synced = {(each["host"], each["binary"]): each["resources_synced"] for each in agents}
    assert synced["compute1", "neutron-openvswitch-agent"] is True
    assert synced["controller", "neutron-dhcp-agent"] is None
    (one,) = [each for each in agents if each["host"] == "compute1"]
    assert one["configurations"]["resource_provider_bandwidths"] == {
        "br-ex": {"egress": ROOM, "ingress": ROOM}
    }

"""What holds whatever is done: addresses are unique, references resolve, usage is what lives."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

NETWORKING = "/networking/v2.0"


class Networking(RuleBasedStateMachine):
    """A project at work on its networks, as members are."""

    networks: Any = Bundle("networks")
    subnets: Any = Bundle("subnets")
    ports: Any = Bundle("ports")
    routers: Any = Bundle("routers")
    floating: Any = Bundle("floating")
    api: Any = None
    beginning: bytes = b""

    @initialize(target=networks)
    def start(self) -> Any:
        self.api.cloud.restore(self.beginning)
        found = self.ask("GET", "/networks").json["networks"]
        return multiple(*(each["id"] for each in found if each["name"] == "private"))

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.api(method, NETWORKING + path, body, who="demo")
        assert answer.status < 500, answer.text
        return answer

    def make(self, kind: str, **values: Any) -> Any:
        answer = self.ask("POST", f"/{kind}s", {kind: values})
        return answer.json[kind]["id"] if answer.status == 201 else multiple()

    @rule(target=networks)
    def create_network(self) -> Any:
        return self.make("network", name="n")

    @rule(target=subnets, network=networks, number=st.integers(0, 3), six=st.booleans())
    def create_subnet(self, network: str, number: int, six: bool) -> Any:
        if six:
            mode = {"ipv6_ra_mode": "slaac", "ipv6_address_mode": "slaac"}
            cidr = f"fd00:{number}::/64"
            return self.make("subnet", network_id=network, ip_version=6, cidr=cidr, **mode)
        return self.make("subnet", network_id=network, ip_version=4, cidr=f"10.8.{number}.0/28")

    @rule(target=ports, network=networks)
    def create_port(self, network: str) -> Any:
        return self.make("port", network_id=network)

    @rule(target=routers, out=st.booleans())
    def create_router(self, out: bool) -> Any:
        public = self.ask("GET", "/networks?name=public").json["networks"][0]["id"]
        return self.make("router", external_gateway_info={"network_id": public} if out else None)

    @rule(target=floating, port=ports)
    def create_floating_ip(self, port: str) -> Any:
        public = self.ask("GET", "/networks?name=public").json["networks"][0]["id"]
        return self.make("floatingip", floating_network_id=public, port_id=port)

    @rule(router=routers, subnet=subnets)
    def plug(self, router: str, subnet: str) -> None:
        self.ask("PUT", f"/routers/{router}/add_router_interface", {"subnet_id": subnet})

    @rule(router=routers, subnet=subnets)
    def unplug(self, router: str, subnet: str) -> None:
        self.ask("PUT", f"/routers/{router}/remove_router_interface", {"subnet_id": subnet})

    @rule(port=ports, subnet=subnets)
    def move_port(self, port: str, subnet: str) -> None:
        self.ask("PUT", f"/ports/{port}", {"port": {"fixed_ips": [{"subnet_id": subnet}]}})

    @rule(port=consumes(ports))
    def delete_port(self, port: str) -> None:
        self.ask("DELETE", f"/ports/{port}")

    @rule(floating=consumes(floating))
    def delete_floating_ip(self, floating: str) -> None:
        self.ask("DELETE", f"/floatingips/{floating}")

    @rule(router=routers)
    def delete_router(self, router: str) -> None:
        self.ask("DELETE", f"/routers/{router}")

    @rule(subnet=subnets)
    def delete_subnet(self, subnet: str) -> None:
        self.ask("DELETE", f"/subnets/{subnet}")

    @rule(network=networks)
    def delete_network(self, network: str) -> None:
        self.ask("DELETE", f"/networks/{network}")

    @invariant()
    def every_reference_resolves(self) -> None:
        database = self.api.cloud.database
        for child, column, parent in REFERENCES:
            lost = database.all(
                f"SELECT {column} FROM {child} WHERE {column} IS NOT NULL AND {column} != ''"
                f" AND {column} NOT IN (SELECT id FROM {parent})"
            )
            assert not lost, f"{child}.{column}: {[tuple(row) for row in lost]}"

    @invariant()
    def addresses_are_unique_and_of_their_subnet(self) -> None:
        rows = self.api.cloud.database.all(
            "SELECT a.subnet_id, a.ip_address, a.network_id, s.network_id, p.network_id"
            " FROM network_ip_allocations AS a JOIN network_subnets AS s ON s.id = a.subnet_id"
            " JOIN network_ports AS p ON p.id = a.port_id"
        )
        taken = Counter((row[0], row[1]) for row in rows)
        assert not [each for each, count in taken.items() if count > 1]
        assert all(row[2] == row[3] == row[4] for row in rows)

    @invariant()
    def quota_usage_is_what_lives(self) -> None:
        project = self.api.cloud.database.value(
            "SELECT id FROM identity_projects WHERE name = 'demo'"
        )
        used = self.api.get(f"{NETWORKING}/quotas/{project}/details").json["quota"]
        for kind in ("network", "subnet", "port", "router", "floatingip"):
            found = self.api.get(f"{NETWORKING}/{kind}s?project_id={project}").json[f"{kind}s"]
            assert used[kind]["used"] == len(found), kind


REFERENCES = (
    ("network_ports", "network_id", "network_networks"),
    ("network_subnets", "network_id", "network_networks"),
    ("network_segments", "network_id", "network_networks"),
    ("network_ip_allocations", "port_id", "network_ports"),
    ("network_ip_allocations", "subnet_id", "network_subnets"),
    ("network_port_security_groups", "port_id", "network_ports"),
    ("network_port_security_groups", "security_group_id", "network_security_groups"),
    ("network_floatingips", "port_id", "network_ports"),
    ("network_floatingips", "floating_port_id", "network_ports"),
    ("network_floatingips", "router_id", "network_routers"),
    ("network_routers", "gw_port_id", "network_ports"),
)


@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
def test_what_holds_whatever_is_done(api: Any) -> None:
    api.token("demo")
    machine = type("Machine", (Networking,), {"api": api, "beginning": api.cloud.snapshot()})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )

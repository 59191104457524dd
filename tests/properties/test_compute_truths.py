"""What is true of a cloud whatever its users do, found out by doing anything at all.

Servers are made, changed and deleted at random, and time passes at random; after each step what
Compute, Network, Placement and the quotas say of each other must agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

VERSION = "compute 2.90"
FLAVORS = ("1", "2", "42", "84")  # m1.tiny, m1.small, m1.nano, m1.micro
ACTIONS = (
    {"os-stop": None},
    {"os-start": None},
    {"reboot": {"type": "SOFT"}},
    {"reboot": {"type": "HARD"}},
    {"pause": None},
    {"unpause": None},
    {"suspend": None},
    {"resume": None},
    {"lock": None},
    {"unlock": None},
    {"confirmResize": None},
    {"revertResize": None},
    {"shelve": None},
    {"unshelve": None},
    {"rescue": {}},
    {"unrescue": None},
)
SECONDS = st.sampled_from((60, 5, 1, 0.1, 0))  # that pass after something was done
SERVERS = "/compute/v2.1/servers"


class ServersAtRandom(RuleBasedStateMachine):
    """Users of project demo do with servers what comes to their minds."""

    servers = Bundle("servers")

    def __init__(self, open_cloud: Callable[..., Any]) -> None:
        super().__init__()
        self.open_cloud = open_cloud

    @initialize(target=servers)
    def begin(self) -> Any:
        self.api = self.open_cloud(who=["admin", "demo"], clock="manual", durations="typical")
        self.api.who = "demo"
        networks = self.api.get("/networking/v2.0/networks?name=private").json["networks"]
        self.network = networks[0]["id"]
        images = self.api.get("/image/v2/images?name=cirros-0.6.3-x86_64-disk").json["images"]
        self.image = images[0]["id"]
        return self.create("1", 2, 60)

    def teardown(self) -> None:
        if hasattr(self, "api"):
            self.api.cloud.close()

    def expect(self, answer: Any, *allowed: int) -> Any:
        """Nothing that users do is ever a 500, and what is refused is refused for a reason."""
        assert answer.status in allowed, f"{answer.status} {answer.text}"
        return answer

    @rule(target=servers, flavor=st.sampled_from(FLAVORS), count=st.integers(1, 3), then=SECONDS)
    def make(self, flavor: str, count: int, then: float) -> Any:
        return self.create(flavor, count, then)

    def create(self, flavor: str, count: int, then: float) -> Any:
        body = {
            "name": "vm", "imageRef": self.image, "flavorRef": flavor,
            "networks": [{"uuid": self.network}], "max_count": count, "min_count": count,
        }  # fmt: skip
        answer = self.expect(self.api.post(SERVERS, {"server": body}, version=VERSION), 202, 403)
        if answer.status == 403:
            assert "Quota exceeded" in answer.text
            return multiple()
        found = self.api.get(f"{SERVERS}?limit={count}", version=VERSION).json["servers"]
        self.api.cloud.advance(then)
        return multiple(*(each["id"] for each in found))

    @rule(server=servers, action=st.sampled_from(ACTIONS), then=SECONDS)
    def act(self, server: str, action: dict[str, Any], then: float) -> None:
        answer = self.api.post(f"{SERVERS}/{server}/action", action, version=VERSION)
        self.expect(answer, 200, 202, 204, 400, 404, 409)
        self.api.cloud.advance(then)

    @rule(server=servers, flavor=st.sampled_from(FLAVORS), then=SECONDS)
    def resize(self, server: str, flavor: str, then: float) -> None:
        body = {"resize": {"flavorRef": flavor}}
        answer = self.api.post(f"{SERVERS}/{server}/action", body, version=VERSION)
        self.expect(answer, 202, 400, 403, 404, 409)
        self.api.cloud.advance(then)

    @rule(server=consumes(servers), then=SECONDS)
    def delete(self, server: str, then: float) -> None:
        self.expect(self.api.delete(f"{SERVERS}/{server}"), 204, 404, 409)
        self.api.cloud.advance(then)

    def live(self) -> list[dict[str, Any]]:
        answer = self.api.get(f"{SERVERS}/detail?limit=1000", version=VERSION)
        return list(self.expect(answer, 200).json["servers"])

    @invariant()
    @precondition(lambda self: hasattr(self, "api"))
    def usage_is_what_lives(self) -> None:
        limits = self.api.get("/compute/v2.1/limits", version=VERSION).json["limits"]["absolute"]
        live = self.live()
        assert limits["totalInstancesUsed"] == len(live)
        assert limits["totalCoresUsed"] == sum(each["flavor"]["vcpus"] for each in live)
        assert limits["totalRAMUsed"] == sum(each["flavor"]["ram"] for each in live)
        assert limits["totalInstancesUsed"] <= limits["maxTotalInstances"]

    @invariant()
    @precondition(lambda self: hasattr(self, "api"))
    def no_port_is_of_a_server_that_is_gone(self) -> None:
        live = {each["id"] for each in self.live()}
        ports = self.api.get("/networking/v2.0/ports", who="admin").json["ports"]
        owners = [each["device_id"] for each in ports if each["device_owner"].startswith("compute")]
        assert set(owners) <= live
        addresses = Counter(
            (fixed["subnet_id"], fixed["ip_address"])
            for port in ports
            for fixed in port["fixed_ips"]
        )
        assert all(count == 1 for count in addresses.values())

    @invariant()
    @precondition(lambda self: hasattr(self, "api"))
    def hosts_hold_what_their_servers_were_given(self) -> None:
        live = {each["id"]: each for each in self.live()}
        providers = self.api.get(
            "/placement/resource_providers", who="admin", version="placement 1.39"
        ).json["resource_providers"]
        held: Counter[str] = Counter()
        for provider in providers:
            where = f"/placement/resource_providers/{provider['uuid']}"
            usages = self.api.get(f"{where}/usages", who="admin").json["usages"]
            allocations = self.api.get(f"{where}/allocations", who="admin").json["allocations"]
            summed: Counter[str] = Counter()
            for consumer, allocation in allocations.items():
                summed.update(allocation["resources"])
                held[consumer] += allocation["resources"].get("MEMORY_MB", 0)
            assert {key: used for key, used in usages.items() if used} == dict(summed)
        migrations = self.api.get("/compute/v2.1/os-migrations", who="admin", version=VERSION).json[
            "migrations"
        ]
        assert set(held) <= set(live) | {each["uuid"] for each in migrations}
        for server in live.values():
            if server["status"] in ("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED"):
                assert held[server["id"]] == server["flavor"]["ram"], server["status"]
            if server["status"] == "SHELVED_OFFLOADED":
                assert held[server["id"]] == 0

    @invariant()
    @precondition(lambda self: hasattr(self, "api"))
    def no_timer_is_without_its_entity(self) -> None:
        sql = (
            "SELECT count(*) FROM timers WHERE kind = 'server' AND entity NOT IN"
            " (SELECT uuid FROM compute_servers WHERE deleted = 0)"
        )
        assert self.api.cloud.database.value(sql) == 0


def test_whatever_is_done_with_servers_the_services_agree(open_cloud: Callable[..., Any]) -> None:
    run_state_machine_as_test(
        lambda: ServersAtRandom(open_cloud),
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )

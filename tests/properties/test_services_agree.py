"""What is true between the services whatever is done with all of them at once.

Two projects and an admin do anything with servers, volumes, images, networks and hosts, and time
passes; after each step what each service says is held against what the others say. `AGREE_EXAMPLES`
asks for more examples, at random.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

EXAMPLES = int(os.environ.get("AGREE_EXAMPLES", "0"))
NOVA, NET, GLANCE = "/compute/v2.1", "/networking/v2.0", "/image/v2"
COMPUTE, VOLUME, PLACEMENT = "compute 2.95", "volume 3.70", "placement 1.39"
WHO = st.sampled_from(("demo", "demo", "demo", "alt_demo"))
WHICH = st.integers(0, 3)
SECONDS = st.sampled_from((60, 120, 2, 0.3, 0))
HOSTS = ("compute1", "compute2", "compute3")
ACTIONS: tuple[dict[str, Any], ...] = (
    {"os-stop": None}, {"os-start": None}, {"pause": None}, {"suspend": None}, {"resume": None},
    {"shelve": None}, {"unshelve": None}, {"shelveOffload": None}, {"rescue": {}},
    {"unrescue": None}, {"resize": {"flavorRef": "2"}}, {"resize": {"flavorRef": "84"}},
    {"confirmResize": None}, {"revertResize": None}, {"createImage": {"name": "of a server"}},
    {"lock": None}, {"unlock": None}, {"addSecurityGroup": {"name": "group"}},
    {"removeSecurityGroup": {"name": "group"}}, {"createBackup": {
        "name": "b", "backup_type": "daily", "rotation": 1}},
)  # fmt: skip
ADMIN_ACTIONS: tuple[dict[str, Any], ...] = (
    {"migrate": None}, {"os-migrateLive": {"host": None, "block_migration": "auto"}},
    {"evacuate": {}}, {"evacuate": {"host": "compute2"}}, {"shelveOffload": None},
    {"os-resetState": {"state": "error"}},
    {"forceDelete": None},
)  # fmt: skip
VOLUME_ACTIONS: tuple[dict[str, Any], ...] = (
    {"os-extend": {"new_size": 3}}, {"os-set_bootable": {"bootable": True}},
    {"os-volume_upload_image": {"image_name": "of a volume"}}, {"os-reserve": {}},
    {"os-unreserve": {}},
    {"os-retype": {"new_type": "lvmdriver-1", "migration_policy": "on-demand"}},
)  # fmt: skip
GUARANTEES: tuple[tuple[tuple[str, dict[str, Any]], ...], ...] = (  # rules of policies
    (("minimum_bandwidth", {"min_kbps": 400_000, "direction": "ingress"}),),
    (
        ("minimum_bandwidth", {"min_kbps": 300_000, "direction": "ingress"}),
        ("minimum_bandwidth", {"min_kbps": 100_000, "direction": "egress"}),
        ("minimum_packet_rate", {"min_kpps": 4_000, "direction": "any"}),
    ),
    (("minimum_packet_rate", {"min_kpps": 6_000, "direction": "any"}),),
)
POLICY = st.integers(0, len(GUARANTEES))
SERVICE_CHANGES: tuple[dict[str, Any], ...] = (
    {"status": "disabled"}, {"status": "enabled"}, {"forced_down": True}, {"forced_down": False},
)  # fmt: skip

# child column → the table and column it must be found in; "" and NULL are no reference
REFERENCES = (
    ("network_ports", "network_id", "network_networks", "id"),
    ("network_ip_allocations", "port_id", "network_ports", "id"),
    ("network_ip_allocations", "subnet_id", "network_subnets", "id"),
    ("network_port_security_groups", "port_id", "network_ports", "id"),
    ("network_port_security_groups", "security_group_id", "network_security_groups", "id"),
    ("network_port_bindings", "port_id", "network_ports", "id"),
    ("network_floatingips", "port_id", "network_ports", "id"),
    ("network_floatingips", "floating_port_id", "network_ports", "id"),
    ("network_floatingips", "router_id", "network_routers", "id"),
    ("network_routers", "gw_port_id", "network_ports", "id"),
    ("volume_attachments", "volume_id", "volume_volumes", "id"),
    ("volume_attachments", "server_id", "compute_servers", "uuid"),
    ("volume_snapshots", "volume_id", "volume_volumes", "id"),
    ("compute_block_devices", "volume_id", "volume_volumes", "id"),
    ("compute_block_devices", "attachment_id", "volume_attachments", "id"),
    ("compute_servers", "flavor_id", "compute_flavors", "id"),
    ("placement_allocations", "consumer_id", "placement_consumers", "id"),
    ("placement_allocations", "provider_id", "placement_resource_providers", "id"),
    ("placement_consumers", "id", "placement_allocations", "consumer_id"),
    ("image_images", "content", "image_contents", "key"),
)
MACHINES = {
    "server": "SELECT uuid FROM compute_servers WHERE deleted = 0",
    "deadline": "SELECT uuid FROM compute_servers WHERE deleted = 0",
    "block_device": "SELECT uuid FROM compute_block_devices",
    "volume": "SELECT id FROM volume_volumes",
    "snapshot": "SELECT id FROM volume_snapshots",
    "backup": "SELECT id FROM volume_backups",
    "group": "SELECT id FROM volume_groups",
    "group_snapshot": "SELECT id FROM volume_group_snapshots",
    "image_content": "SELECT key FROM image_contents",
    "image_import": "SELECT id FROM image_tasks",
    "image_location": "SELECT id FROM image_tasks",
    "image_cache": "SELECT image_id FROM image_cache",
    "port": "SELECT id FROM network_ports",
    "floatingip": "SELECT id FROM network_floatingips",
    "disaster": "SELECT name FROM rules",
    "timeline": "SELECT CAST(seq AS TEXT) FROM control_timeline",
    "breakage": "SELECT uuid FROM compute_servers UNION SELECT id FROM volume_volumes",
}
TENANT_LISTS = (  # where, and the table and column whose rows of the project it may show
    (f"{NOVA}/servers", "compute_servers", "uuid"),
    ("/volume/v3/volumes", "volume_volumes", "id"),
    ("/volume/v3/snapshots", "volume_snapshots", "id"),
    ("/volume/v3/backups", "volume_backups", "id"),
    (f"{NET}/ports", "network_ports", "id"),
    (f"{NET}/floatingips", "network_floatingips", "id"),
    (f"{NET}/routers", "network_routers", "id"),
    (f"{NET}/security-groups", "network_security_groups", "id"),
)


class EverythingAtRandom(RuleBasedStateMachine):
    """Users of two projects, and who runs the cloud, do what comes to their minds."""

    def __init__(self, open_cloud: Callable[..., Any]) -> None:
        super().__init__()
        self.open_cloud = open_cloud

    @initialize()
    def begin(self) -> None:
        who = ["admin", "demo", "alt_demo"]
        self.api = self.open_cloud(who=who, clock="manual", durations="typical")
        self.db = self.api.cloud.database
        self.lost: set[str | None] = set()  # servers that may have lost a port while they used it
        rows = self.db.all("SELECT name, id FROM identity_projects")
        self.projects = {row["name"]: row["id"] for row in rows}
        self.networks = {
            row["name"]: row["id"] for row in self.db.all("SELECT name, id FROM network_networks")
        }
        self.image = self.db.value("SELECT id FROM image_images WHERE name LIKE 'cirros%disk'")
        self.ask("POST", f"{NET}/security-groups", {"security_group": {"name": "group"}})
        mine = {"name": "alt", "admin_state_up": True}
        network = self.ask("POST", f"{NET}/networks", {"network": mine}, who="alt_demo").json
        subnet = {"network_id": network["network"]["id"], "ip_version": 4, "cidr": "10.77.0.0/24"}
        self.ask("POST", f"{NET}/subnets", {"subnet": subnet}, who="alt_demo")
        self.own = {"demo": self.networks["private"], "alt_demo": network["network"]["id"]}
        self.make_policies()
        self.boot("demo", 0, 60)
        self.make_volume("demo", 0, "nothing", 60)

    def make_policies(self) -> None:
        """A network on a physical one, and policies that guarantee something of it."""
        wire = {
            "name": "wire",
            "shared": True,
            "provider:network_type": "vlan",
            "provider:physical_network": "public",
        }
        made = self.ask("POST", f"{NET}/networks", {"network": wire}, who="admin").json
        self.wire = made["network"]["id"]
        subnet = {"network_id": self.wire, "ip_version": 4, "cidr": "10.78.0.0/24"}
        self.ask("POST", f"{NET}/subnets", {"subnet": subnet}, who="admin")
        self.policies: list[str | None] = [None]
        for rules in GUARANTEES:
            policy = {"policy": {"name": "p", "shared": True}}
            made = self.ask("POST", f"{NET}/qos/policies", policy, who="admin").json["policy"]
            for kind, each in rules:
                path = f"{NET}/qos/policies/{made['id']}/{kind}_rules"
                assert self.ask("POST", path, {f"{kind}_rule": each}, who="admin").status == 201
            self.policies.append(made["id"])

    def teardown(self) -> None:
        if hasattr(self, "api"):
            self.api.cloud.close()

    def ask(self, method: str, path: str, body: Any = None, *, who: str = "demo") -> Any:
        """What is asked may be refused, never fail."""
        version = VOLUME if path.startswith("/volume") else COMPUTE
        version = PLACEMENT if path.startswith("/placement") else version
        answer = self.api(method, path, body, who=who, version=version)
        assert answer.status < 500, f"{method} {path} {body} → {answer.status} {answer.text}"
        return answer

    def pick(self, table: str, number: int, where: str = "1", column: str = "id") -> str:
        """The id of one that there is, or of nothing."""
        rows = self.db.all(f"SELECT {column} AS id FROM {table} WHERE {where} ORDER BY rowid")
        return str(rows[number % len(rows)]["id"]) if rows else "nothing"

    def server(self, number: int) -> str:
        return self.pick("compute_servers", number, "deleted = 0", "uuid")

    def act(self, path: str, body: Any, who: str, then: float) -> None:
        self.ask("POST", f"{path}/action", body, who=who)
        self.api.cloud.advance(then)

    # Servers

    @rule(who=WHO, kind=st.integers(0, 4), then=SECONDS)
    def boot(self, who: str, kind: int, then: float) -> None:
        server: dict[str, Any] = {
            "name": "s", "flavorRef": "1", "networks": [{"uuid": self.own[who]}],
        }  # fmt: skip
        source: dict[str, Any] = {"uuid": self.image, "source_type": "image", "volume_size": 1}
        if kind == 3:
            source = {"uuid": self.pick("volume_volumes", kind), "source_type": "volume"}
        if kind == 4:
            source = {"uuid": self.pick("volume_snapshots", kind), "source_type": "snapshot"}
        if kind < 2:
            server |= {"imageRef": self.image, "min_count": kind + 1}
        else:
            source |= {"boot_index": 0, "destination_type": "volume"}
            source["delete_on_termination"] = kind == 2
            server["block_device_mapping_v2"] = [source]
        self.ask("POST", f"{NOVA}/servers", {"server": server}, who=who)
        self.api.cloud.advance(then)

    @rule(number=WHICH, who=WHO, action=st.sampled_from(ACTIONS), then=SECONDS)
    def act_on_server(self, number: int, who: str, action: Any, then: float) -> None:
        self.act(f"{NOVA}/servers/{self.server(number)}", action, who, then)

    @rule(number=WHICH, action=st.sampled_from(ADMIN_ACTIONS), then=SECONDS)
    def administer_server(self, number: int, action: Any, then: float) -> None:
        self.act(f"{NOVA}/servers/{self.server(number)}", action, "admin", then)

    @rule(number=WHICH, who=WHO, then=SECONDS)
    def delete_server(self, number: int, who: str, then: float) -> None:
        self.ask("DELETE", f"{NOVA}/servers/{self.server(number)}", who=who)
        self.api.cloud.advance(then)

    @rule(host=st.sampled_from(HOSTS), change=st.sampled_from(SERVICE_CHANGES))
    def change_host(self, host: str, change: dict[str, Any]) -> None:
        where = f"host = '{host}' AND \"binary\" = 'nova-compute'"
        service = self.pick("compute_services", 0, where, "uuid")
        self.ask("PUT", f"{NOVA}/os-services/{service}", change, who="admin")

    @rule(number=WHICH, back=st.booleans(), then=SECONDS)
    def lose_host(self, number: int, back: bool, then: float) -> None:
        """A host is lost, its server goes to another; the host may come back."""
        host = self.pick("compute_servers", number, "deleted = 0 AND host IS NOT NULL", "host")
        if host in HOSTS:
            self.change_host(host, {"forced_down": True})
            self.act(f"{NOVA}/servers/{self.server(number)}", {"evacuate": {}}, "admin", then)
            if back:
                self.change_host(host, {"forced_down": False})

    # Volumes

    @rule(who=WHO, number=WHICH, then=SECONDS,
          source=st.sampled_from(("nothing", "image", "volume", "snapshot")))  # fmt: skip
    def make_volume(self, who: str, number: int, source: str, then: float) -> None:
        volume: dict[str, Any] = {"size": 1}
        if source == "image":
            volume["imageRef"] = self.image
        if source == "volume":
            volume["source_volid"] = self.pick("volume_volumes", number)
        if source == "snapshot":
            volume["snapshot_id"] = self.pick("volume_snapshots", number)
        self.ask("POST", "/volume/v3/volumes", {"volume": volume}, who=who)
        self.api.cloud.advance(then)

    @rule(who=WHO, number=WHICH, action=st.sampled_from(VOLUME_ACTIONS), then=SECONDS)
    def act_on_volume(self, who: str, number: int, action: Any, then: float) -> None:
        self.act(f"/volume/v3/volumes/{self.pick('volume_volumes', number)}", action, who, then)

    @rule(who=WHO, number=WHICH, cascade=st.booleans(), then=SECONDS)
    def delete_volume(self, who: str, number: int, cascade: bool, then: float) -> None:
        query = "?cascade=true" if cascade else ""
        volume = self.pick("volume_volumes", number)
        self.ask("DELETE", f"/volume/v3/volumes/{volume}{query}", who=who)
        self.api.cloud.advance(then)

    @rule(who=WHO, number=WHICH, kind=st.sampled_from(("snapshot", "backup")), then=SECONDS)
    def keep_volume(self, who: str, number: int, kind: str, then: float) -> None:
        body = {kind: {"volume_id": self.pick("volume_volumes", number), "force": True}}
        self.ask("POST", f"/volume/v3/{kind}s", body, who=who)
        self.api.cloud.advance(then)

    @rule(who=WHO, number=WHICH, kind=st.sampled_from(("snapshot", "backup")), then=SECONDS)
    def forget_kept(self, who: str, number: int, kind: str, then: float) -> None:
        self.ask("DELETE", f"/volume/v3/{kind}s/{self.pick(f'volume_{kind}s', number)}", who=who)
        self.api.cloud.advance(then)

    @rule(who=WHO, server=WHICH, volume=WHICH, then=SECONDS)
    def attach(self, who: str, server: int, volume: int, then: float) -> None:
        body = {"volumeAttachment": {"volumeId": self.pick("volume_volumes", volume)}}
        where = f"{NOVA}/servers/{self.server(server)}/os-volume_attachments"
        self.ask("POST", where, body, who=who)
        self.api.cloud.advance(then)

    @rule(who=WHO, number=WHICH, then=SECONDS)
    def detach(self, who: str, number: int, then: float) -> None:
        some = "volume_id IS NOT NULL"
        server = self.pick("compute_block_devices", number, some, "server_uuid")
        volume = self.pick("compute_block_devices", number, some, "volume_id")
        self.ask("DELETE", f"{NOVA}/servers/{server}/os-volume_attachments/{volume}", who=who)
        self.api.cloud.advance(then)

    @rule(number=WHICH, who=WHO)
    def delete_image(self, number: int, who: str) -> None:
        image = self.pick("image_images", number, "deleted = 0 AND name LIKE 'of a%'")
        self.ask("DELETE", f"{GLANCE}/images/{image}", who=who)

    # Networks

    @rule(who=WHO, number=WHICH)
    def make_floating_ip(self, who: str, number: int) -> None:
        port = self.pick("network_ports", number, "device_owner LIKE 'compute:%'")
        body: dict[str, Any] = {"floating_network_id": self.networks["public"]}
        if number:
            body["port_id"] = port
        self.ask("POST", f"{NET}/floatingips", {"floatingip": body}, who=who)

    @rule(who=WHO, number=WHICH, kind=st.sampled_from(("floatingips", "ports", "routers")))
    def delete_of_network(self, who: str, number: int, kind: str) -> None:
        gone = self.pick(f"network_{kind}", -number)
        if kind == "ports":
            self.lost.add(
                self.db.value("SELECT device_id FROM network_ports WHERE id = ?", (gone,))
            )
        self.ask("DELETE", f"{NET}/{kind}/{gone}", who=who)

    @rule(who=WHO)
    def make_router(self, who: str) -> None:
        gateway = {"network_id": self.networks["public"]}
        self.ask("POST", f"{NET}/routers", {"router": {"external_gateway_info": gateway}}, who=who)

    @rule(who=WHO, number=WHICH, subnet=WHICH, verb=st.sampled_from(("add", "remove")))
    def plug_router(self, who: str, number: int, subnet: int, verb: str) -> None:
        router = self.pick("network_routers", number)
        body = {"subnet_id": self.pick("network_subnets", -subnet)}
        self.ask("PUT", f"{NET}/routers/{router}/{verb}_router_interface", body, who=who)

    @rule(who=WHO, server=WHICH, number=WHICH, own=st.booleans())
    def plug_server(self, who: str, server: int, number: int, own: bool) -> None:
        attachment = {"net_id": self.own[who]}
        if own:
            made = self.ask(
                "POST", f"{NET}/ports", {"port": {"network_id": self.own[who]}}, who=who
            )
            if made.status == 201:
                attachment = {"port_id": made.json["port"]["id"]}
        where = f"{NOVA}/servers/{self.server(server)}/os-interface"
        self.ask("POST", where, {"interfaceAttachment": attachment}, who=who)

    @rule(who=WHO, number=WHICH)
    def unplug_server(self, who: str, number: int) -> None:
        bound = "device_owner LIKE 'compute:%'"
        port = self.pick("network_ports", number, bound)
        server = self.pick("network_ports", number, bound, "device_id")
        self.ask("DELETE", f"{NOVA}/servers/{server}/os-interface/{port}", who=who)

    # Ports with guarantees

    def make_port(self, who: str, policy: int) -> str:
        port = {
            "network_id": self.wire,
            "project_id": self.projects[who],
            "qos_policy_id": self.policies[policy],
        }
        made = self.ask("POST", f"{NET}/ports", {"port": port}, who="admin")
        return str(made.json["port"]["id"]) if made.status == 201 else ""

    @rule(who=WHO, policies=st.lists(POLICY, min_size=1, max_size=2), then=SECONDS)
    def boot_with_ports(self, who: str, policies: list[int], then: float) -> None:
        networks = [{"port": self.make_port(who, each)} for each in policies]
        server = {"name": "q", "flavorRef": "1", "imageRef": self.image, "networks": networks}
        self.ask("POST", f"{NOVA}/servers", {"server": server}, who=who)
        self.api.cloud.advance(then)

    @rule(who=WHO, server=WHICH, policy=POLICY)
    def plug_port(self, who: str, server: int, policy: int) -> None:
        attachment = {"port_id": self.make_port(who, policy)}
        where = f"{NOVA}/servers/{self.server(server)}/os-interface"
        self.ask("POST", where, {"interfaceAttachment": attachment}, who=who)

    @rule(number=WHICH, policy=POLICY)
    def change_policy(self, number: int, policy: int) -> None:
        """Where a server waits for its resize to be confirmed two claims are at stake: not then."""
        waiting = "SELECT uuid FROM compute_servers WHERE vm_state = 'resized' OR task_state"
        where = f"network_id = '{self.wire}' AND device_id NOT IN ({waiting} IS NOT NULL)"
        port = self.pick("network_ports", number, where)
        change = {"port": {"qos_policy_id": self.policies[policy]}}
        self.ask("PUT", f"{NET}/ports/{port}", change, who="admin")

    @rule(then=SECONDS)
    def wait(self, then: float) -> None:
        self.api.cloud.advance(then)

    # What is true

    def listed(self, path: str, who: str = "admin") -> list[dict[str, Any]]:
        answer = self.ask("GET", path, who=who)
        assert answer.status == 200, answer.text
        (found,) = (value for value in answer.json.values() if isinstance(value, list))
        return list(found)

    @invariant()
    @precondition(lambda self: hasattr(self, "api"))
    def every_reference_resolves(self) -> None:
        for child, column, parent, key in REFERENCES:
            alive = "deleted = 0" if child in ("compute_servers", "image_images") else "1"
            kept = "WHERE deleted = 0" if parent == "compute_servers" else ""
            lost = self.db.all(
                f"SELECT {column} FROM {child} WHERE {alive} AND {column} IS NOT NULL"
                f" AND {column} != '' AND {column} NOT IN (SELECT {key} FROM {parent} {kept})"
            )
            assert not lost, f"{child}.{column}: {[tuple(row) for row in lost]}"

    @invariant()
    @precondition(lambda self: hasattr(self, "api"))
    def devices_of_ports_are_there(self) -> None:
        for owner, devices in (
            ("compute:%", "SELECT uuid FROM compute_servers WHERE deleted = 0"),
            ("network:router%", "SELECT id FROM network_routers"),
            ("network:floatingip", "SELECT id FROM network_floatingips"),
        ):
            lost = self.db.all(
                "SELECT id, device_id FROM network_ports WHERE device_owner LIKE ?"
                f" AND device_id != '' AND device_id NOT IN ({devices})",
                (owner,),
            )
            assert not lost, f"{owner}: {[tuple(row) for row in lost]}"
        rows = self.db.all("SELECT subnet_id, ip_address FROM network_ip_allocations")
        assert all(count == 1 for count in Counter(map(tuple, rows)).values())

    @invariant()
    @precondition(lambda self: hasattr(self, "api"))
    def no_timer_is_without_its_entity(self) -> None:
        assert set(MACHINES) == set(self.api.cloud.engine.machines)
        for kind, alive in MACHINES.items():
            lost = self.db.all(
                f"SELECT entity, transition FROM timers WHERE kind = ? AND entity NOT IN ({alive})",
                (kind,),
            )
            assert not lost, f"{kind}: {[tuple(row) for row in lost]}"

    @invariant()
    @precondition(lambda self: hasattr(self, "api"))
    def volumes_and_servers_agree_on_attachments(self) -> None:
        servers = self.listed(f"{NOVA}/servers/detail?all_tenants=1")
        by_server = {
            (each["id"], volume["id"])
            for each in servers
            for volume in each["os-extended-volumes:volumes_attached"]
        }
        by_volume = set()
        for volume in self.listed("/volume/v3/volumes/detail?all_tenants=1"):
            attached = [each for each in volume["attachments"] if each["server_id"]]
            by_volume |= {(each["server_id"], volume["id"]) for each in attached}
            if volume["status"] == "available":
                assert not attached, volume
            if volume["status"] == "in-use":
                assert attached, volume
        assert by_volume <= by_server, by_volume - by_server

    @invariant()
    @precondition(lambda self: hasattr(self, "api"))
    def hosts_hold_what_their_servers_were_given(self) -> None:
        used: Counter[tuple[int, str]] = Counter()
        for row in self.db.all(
            "SELECT provider_id, resource_class, used FROM placement_allocations"
        ):
            used[row[0], row[1]] += row[2]
        for row in self.db.all(
            "SELECT provider_id, resource_class, used FROM placement_inventories"
        ):
            assert row[2] == used.pop((row[0], row[1]), 0), tuple(row)
        assert not used
        consumers = {row[0] for row in self.db.all("SELECT uuid FROM placement_consumers")}
        servers = self.db.all("SELECT * FROM compute_servers WHERE deleted = 0")
        migrations = self.db.all(
            "SELECT uuid FROM compute_migrations WHERE server_uuid IN"
            " (SELECT uuid FROM compute_servers WHERE deleted = 0)"
        )
        known = {row["uuid"] for row in servers} | {row["uuid"] for row in migrations}
        assert consumers <= known, consumers - known
        for row in servers:
            if row["task_state"] is None and row["vm_state"] in ("active", "stopped", "paused"):
                assert row["uuid"] in consumers, (row["uuid"], row["vm_state"])
            if row["vm_state"] == "shelved_offloaded" and row["task_state"] is None:
                assert row["uuid"] not in consumers

    @invariant()
    @precondition(lambda self: hasattr(self, "api"))
    def ports_and_placement_agree(self) -> None:
        """Beside its host a server holds just what the profiles of its ports say.

        What a port was holding that was deleted in use is held until its server goes.
        """
        told: dict[str, Counter[tuple[str, str]]] = {}
        for port in self.listed(f"{NET}/ports?network_id={self.wire}"):
            profile = port["binding:profile"].get("allocation", {})
            assert port["device_id"] or not profile, port
            for group in (port["resource_request"] or {"request_groups": ()})["request_groups"]:
                if group["id"] in profile:
                    mine = told.setdefault(port["device_id"], Counter())
                    for name, amount in group["resources"].items():
                        mine[profile[group["id"]], name] += amount
        roots = {row[0]: row[1] for row in self.db.all("SELECT host, uuid FROM compute_hosts")}
        for server in self.db.all("SELECT * FROM compute_servers WHERE deleted = 0"):
            if server["task_state"] is not None or server["vm_state"] in ("building", "error"):
                continue
            held: Counter[tuple[str, str]] = Counter()
            for row in self.db.all(
                "SELECT p.uuid, r.uuid, a.resource_class, a.used FROM placement_allocations AS a"
                " JOIN placement_resource_providers AS p ON p.id = a.provider_id"
                " JOIN placement_resource_providers AS r ON r.id = p.root_id"
                " JOIN placement_consumers AS c ON c.id = a.consumer_id WHERE c.uuid = ?",
                (server["uuid"],),
            ):
                assert row[1] == roots[server["host"]], tuple(row)
                if row[0] != row[1]:
                    held[row[0], row[2]] += row[3]
            mine = told.get(server["uuid"], Counter())
            assert mine == held if server["uuid"] not in self.lost else mine <= held

    @invariant()
    @precondition(lambda self: hasattr(self, "api"))
    def usage_is_what_lives(self) -> None:
        for who in ("demo", "alt_demo"):
            project = self.projects[who]
            self.compute_usage(who)
            answer = self.ask("GET", f"/volume/v3/{project}/limits", who=who)
            used = answer.json["limits"]["absolute"]
            volumes = self.listed("/volume/v3/volumes/detail", who)
            snapshots = self.listed("/volume/v3/snapshots/detail", who)
            assert used["totalVolumesUsed"] == len(volumes)
            assert used["totalSnapshotsUsed"] == len(snapshots)
            sizes = sum(each["size"] for each in volumes + snapshots)
            assert used["totalGigabytesUsed"] == sizes
            backups = self.listed("/volume/v3/backups/detail", who)
            assert used["totalBackupsUsed"] == len(backups)
            details = self.ask("GET", f"{NET}/quotas/{project}/details.json", who="admin").json
            for kind in ("network", "port", "router", "floatingip"):
                found = self.listed(f"{NET}/{kind}s?project_id={project}")
                assert details["quota"][kind]["used"] == len(found), kind

    def compute_usage(self, who: str) -> None:
        answer = self.ask("GET", f"{NOVA}/limits", who=who)
        used = answer.json["limits"]["absolute"]
        live = self.listed(f"{NOVA}/servers/detail", who)
        assert used["totalInstancesUsed"] == len(live)
        assert used["totalCoresUsed"] == sum(each["flavor"]["vcpus"] for each in live)
        assert used["totalRAMUsed"] == sum(each["flavor"]["ram"] for each in live)

    @invariant()
    @precondition(lambda self: hasattr(self, "api"))
    def tenants_never_see_each_other(self) -> None:
        for who in ("demo", "alt_demo"):
            project = self.projects[who]
            for path, table, column in TENANT_LISTS:
                seen = {each["id"] for each in self.listed(path, who)}
                rows = self.db.all(f"SELECT {column} FROM {table} WHERE project_id = ?", (project,))
                strange = seen - {row[0] for row in rows}
                assert not strange, (who, path, strange)
            for image in self.listed(f"{GLANCE}/images?visibility=private", who):
                assert image["owner"] == project


def test_whatever_is_done_the_services_agree(open_cloud: Callable[..., Any]) -> None:
    run_state_machine_as_test(
        lambda: EverythingAtRandom(open_cloud),
        settings=settings(
            max_examples=EXAMPLES or 15,
            report_multiple_bugs=False,
            stateful_step_count=25,
            deadline=None,
            derandomize=not EXAMPLES,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

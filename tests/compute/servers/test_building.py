"""How servers come to be, and what happens when they cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

SERVERS = "/compute/v2.1/servers"


@pytest.fixture
def api(open_cloud: Callable[..., Any]) -> Any:
    return open_cloud(who=("demo", "admin", "alt_demo"), clock="manual", durations="typical")


def image_of(api: Any) -> str:
    (image,) = api.get("/image/v2/images?name=cirros-0.6.3-x86_64-disk", who="demo").json["images"]
    return str(image["id"])


def create(api: Any, *, version: str = "compute 2.74", who: str = "demo", **fields: Any) -> Any:
    server = {"name": "vm", "imageRef": image_of(api), "flavorRef": "1", "networks": "none"}
    hints = fields.pop("hints", None)
    body = {"server": {**server, **fields}}
    if hints:
        body["os:scheduler_hints"] = hints
    return api.post(SERVERS, body, who=who, version=version)


def shown(api: Any, server_id: str) -> Any:
    return api.get(f"{SERVERS}/{server_id}", who="admin", version="compute 2.96").json["server"]


def test_states_pass_by_the_clock(api: Any) -> None:
    server_id = create(api).json["server"]["id"]
    seen = []
    for _ in range(100):
        server = shown(api, server_id)
        state = (server["status"], server["OS-EXT-STS:task_state"])
        if state not in seen:
            seen.append(state)
        api.cloud.advance(0.1)
    assert seen == [
        ("BUILD", "scheduling"),
        ("BUILD", "networking"),
        ("BUILD", "block_device_mapping"),
        ("BUILD", "spawning"),
        ("ACTIVE", None),
    ]


def test_how_often_one_looks_changes_nothing(open_cloud: Callable[..., Any]) -> None:
    rows = []
    for looks in (1, 50):
        api = open_cloud(who=("demo", "admin"), clock="manual", durations="typical", seed=7)
        for number in range(3):
            create(api, name=f"vm{number}", networks="auto")
        for _ in range(looks):
            api.cloud.advance(20 / looks)
        rows.append([
            tuple(row)
            for table in ("compute_servers", "compute_instance_action_events", "network_ports")
            for row in api.cloud.database.all(f"SELECT * FROM {table} ORDER BY rowid")
        ])  # fmt: skip
    assert rows[0] == rows[1]


def test_nowhere_to_go_is_an_error_with_a_fault(api: Any) -> None:
    api.cloud.database.execute("UPDATE placement_inventories SET used = total * 20")
    server_id = create(api, networks="auto").json["server"]["id"]
    api.cloud.settle()
    server = shown(api, server_id)
    assert server["status"] == "ERROR"
    assert server["OS-EXT-STS:vm_state"] == "error"
    assert server["OS-EXT-STS:task_state"] is None
    assert server["OS-EXT-SRV-ATTR:host"] is None
    assert server["fault"]["code"] == 500
    assert server["fault"]["message"] == "No valid host was found. "
    assert server["addresses"] == {}
    actions = f"{SERVERS}/{server_id}/os-instance-actions"
    (action,) = api.get(actions, who="admin").json["instanceActions"]
    assert action["message"] == "Error"
    events = api.get(f"{actions}/{action['request_id']}", who="admin").json["instanceAction"]
    assert [(event["event"], event["result"]) for event in events["events"]] == [
        ("conductor_schedule_and_build_instances", "Error")
    ]


def test_of_several_all_find_room_or_none(api: Any) -> None:
    api.cloud.database.execute(
        "UPDATE placement_inventories SET used = total * allocation_ratio - 512 - reserved"
        " WHERE resource_class = 'MEMORY_MB'"
    )
    create(api, min_count=8)
    api.cloud.settle()
    servers = api.get(f"{SERVERS}/detail", who="demo").json["servers"]
    assert [server["status"] for server in servers] == ["ERROR"] * 8
    assert api.cloud.database.all("SELECT * FROM placement_consumers") == []


def tiny_network(api: Any) -> str:
    """A network that has an address for one server."""
    network: str = api.post(
        "/networking/v2.0/networks", {"network": {"name": "tiny"}}, who="demo"
    ).json["network"]["id"]
    subnet = {"network_id": network, "ip_version": 4, "cidr": "10.9.0.0/30", "enable_dhcp": False}
    api.post("/networking/v2.0/subnets", {"subnet": subnet}, who="demo")
    return network


def test_a_host_where_a_build_failed_is_avoided_until_one_succeeds(api: Any) -> None:
    network, ids = tiny_network(api), []
    for _ in range(2):
        ids.append(create(api, networks=[{"uuid": network}]).json["server"]["id"])
        api.cloud.settle()
    assert shown(api, ids[1])["status"] == "ERROR"
    failed = api.cloud.database.value("SELECT host FROM compute_hosts WHERE failed_builds = 1")

    def hosts_of_new(count: int, **fields: Any) -> set[str]:
        made = [create(api, **fields).json["server"]["id"] for _ in range(count)]
        api.cloud.settle()
        return {shown(api, each)["OS-EXT-SRV-ATTR:host"] for each in made}

    assert failed not in hosts_of_new(4)
    assert hosts_of_new(1, who="admin", availability_zone=f"nova:{failed}") == {failed}
    assert failed in hosts_of_new(3)


def test_a_network_without_addresses_fails_the_build(api: Any) -> None:
    network = tiny_network(api)
    ids = []
    for _ in range(2):
        ids.append(create(api, networks=[{"uuid": network}]).json["server"]["id"])
        api.cloud.settle()
    first, second = (shown(api, server_id) for server_id in ids)
    assert first["status"] == "ACTIVE"
    assert second["status"] == "ERROR"
    assert "Failed to allocate the network(s)" in second["fault"]["message"]
    assert second["OS-EXT-SRV-ATTR:host"] is None
    consumers = api.cloud.database.all("SELECT uuid FROM placement_consumers")
    assert [row["uuid"] for row in consumers] == [first["id"]]


def test_deleting_while_building_gives_everything_back(api: Any) -> None:
    server_id = create(api, networks="auto").json["server"]["id"]
    api.cloud.advance(3)
    assert api.delete(f"{SERVERS}/{server_id}", who="demo").status == 204
    api.cloud.settle()
    assert api.get(f"{SERVERS}/{server_id}", who="demo").status == 404
    assert api.cloud.database.all("SELECT * FROM placement_consumers") == []
    owners = "SELECT * FROM network_ports WHERE device_owner LIKE 'compute:%'"
    assert api.cloud.database.all(owners) == []


def test_a_preexisting_port_outlives_its_server(api: Any) -> None:
    (network,) = api.get("/networking/v2.0/networks?name=private", who="demo").json["networks"]
    port = api.post(
        "/networking/v2.0/ports", {"port": {"network_id": network["id"]}}, who="demo"
    ).json["port"]["id"]
    server_id = create(api, networks=[{"port": port}]).json["server"]["id"]
    api.cloud.settle()
    held = api.get(f"/networking/v2.0/ports/{port}", who="demo").json["port"]
    assert (held["device_id"], held["device_owner"]) == (server_id, "compute:nova")
    again = create(api, networks=[{"port": port}])
    assert again.status == 409
    assert again.json["conflictingRequest"]["message"] == f"Port {port} is still in use."
    api.delete(f"{SERVERS}/{server_id}", who="demo")
    api.cloud.settle()
    freed = api.get(f"/networking/v2.0/ports/{port}", who="demo").json["port"]
    assert (freed["device_id"], freed["device_owner"]) == ("", "")


def test_a_host_can_be_asked_for(api: Any) -> None:
    wanted = create(api, who="admin", host="compute2").json["server"]["id"]
    forced = create(api, who="admin", availability_zone="nova:compute1").json["server"]["id"]
    api.cloud.settle()
    assert shown(api, wanted)["OS-EXT-SRV-ATTR:host"] == "compute2"
    assert shown(api, forced)["OS-EXT-SRV-ATTR:host"] == "compute1"
    refused = create(api, host="compute2")
    assert refused.status == 403
    unknown = create(api, who="admin", host="mars")
    assert unknown.json["badRequest"]["message"] == "Compute host mars could not be found."
    both = create(api, who="admin", host="compute1", availability_zone="nova:compute1")
    assert both.status == 400


def test_hints_keep_servers_together_and_apart(api: Any) -> None:
    first = create(api).json["server"]["id"]
    api.cloud.settle()
    same = create(api, hints={"same_host": first}).json["server"]["id"]
    other = create(api, hints={"different_host": [first]}).json["server"]["id"]
    api.cloud.settle()
    hosts = [shown(api, each)["OS-EXT-SRV-ATTR:host"] for each in (first, same, other)]
    assert hosts[0] == hosts[1] != hosts[2]


def test_the_same_get_costs_the_same_statements_with_many_servers(api: Any) -> None:
    api.cloud.database.execute("UPDATE compute_quotas SET hard_limit = -1")
    statements: list[str] = []
    counts = []
    for number in (1, 4):
        for _ in range(number):
            create(api, networks="auto")
        api.cloud.settle()
        statements.clear()
        api.cloud.database.connection.set_trace_callback(statements.append)
        api.get(f"{SERVERS}/detail", who="demo", version="compute 2.96")
        api.cloud.database.connection.set_trace_callback(None)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def own(api: Any, kind: str, who: str = "alt_demo") -> list[Any]:
    """What the caller's project has of a kind of network resource."""
    found = api.get(f"/networking/v2.0/{kind}", who=who).json[kind]
    return [each for each in found if not each.get("shared") and not each.get("router:external")]


def test_a_project_without_networks_gets_one_for_all_its_servers(api: Any) -> None:
    made = create(api, who="alt_demo", networks="auto", min_count=3)
    assert made.status == 202
    assert own(api, "networks") == []
    api.cloud.settle()
    servers = api.get(f"{SERVERS}/detail", who="alt_demo").json["servers"]
    assert [server["status"] for server in servers] == ["ACTIVE"] * 3
    (network,) = own(api, "networks")
    (router,) = own(api, "routers")
    assert (network["name"], network["admin_state_up"]) == ("auto_allocated_network", True)
    assert router["external_gateway_info"]["external_fixed_ips"]
    for server in servers:
        (addresses,) = server["addresses"].values()
        assert {each["version"] for each in addresses} == {4, 6}
        assert list(server["addresses"]) == ["auto_allocated_network"]


def test_a_deleted_topology_is_made_anew(api: Any) -> None:
    path = "/networking/v2.0/auto-allocated-topology/None"
    first = api.get(path, who="alt_demo").json["auto_allocated_topology"]["id"]
    (router,) = own(api, "routers")
    for subnet in api.get(f"/networking/v2.0/subnets?network_id={first}", who="alt_demo").json[
        "subnets"
    ]:
        interface = f"/networking/v2.0/routers/{router['id']}/remove_router_interface"
        assert api.put(interface, {"subnet_id": subnet["id"]}, who="alt_demo").status == 200
    assert api.delete(f"/networking/v2.0/routers/{router['id']}", who="alt_demo").status == 204
    assert api.delete(f"/networking/v2.0/networks/{first}", who="alt_demo").status == 204
    second = api.get(path, who="alt_demo").json["auto_allocated_topology"]["id"]
    assert second != first
    assert [each["id"] for each in own(api, "networks")] == [second]


def test_no_network_can_be_made_without_a_default_external_one(api: Any) -> None:
    waiting = create(api, who="alt_demo", networks="auto").json["server"]["id"]
    (public,) = api.get("/networking/v2.0/networks?name=public", who="admin").json["networks"]
    path = f"/networking/v2.0/networks/{public['id']}"
    assert api.put(path, {"network": {"is_default": False}}, who="admin").status == 200
    refused = create(api, who="alt_demo", networks="auto")
    assert refused.status == 400
    assert refused.json["badRequest"]["message"].startswith(
        "Unable to automatically allocate a network for project "
    )
    api.cloud.settle()
    failed = shown(api, waiting)
    assert failed["status"] == "ERROR"
    assert failed["fault"]["message"] == (
        f"Build of instance {waiting} aborted: Failed to allocate the network(s), not rescheduling."
    )

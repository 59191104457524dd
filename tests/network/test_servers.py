"""What Compute gets of Network: ports with addresses, and what is left when the server goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.errors import Conflict, NotFound
from emulator.network import server_requests, servers
from emulator.network.errors import FixedIpAlreadyInUse, NetworkAmbiguous, PortInUse
from emulator.wire.request import Context, Credentials

SERVER = "33333333-3333-4333-8333-333333333333"
OTHER = "44444444-4444-4444-8444-444444444444"


def acting(cloud: Any, project: str, *roles: str) -> Context:
    """Return a context of somebody in a project of the fixture."""
    project_id = cloud.database.value(
        "SELECT id FROM identity_projects WHERE name = ? AND is_domain = 0", (project,)
    )
    who = Credentials(user_id="u", project_id=project_id, roles=frozenset(roles or ("member",)))
    context: Context = cloud.context(who)
    return context


@pytest.fixture
def ctx(open_cloud: Callable[..., Any]) -> Context:
    """demo, in a cloud as DevStack makes it."""
    return acting(open_cloud().cloud, "demo")


def boot(ctx: Context, server_id: str = SERVER, **more: Any) -> list[Any]:
    requests = [server_requests.Request(**more)] if more else None
    checked, groups = server_requests.check(ctx, requests, [])
    return servers.allocate(ctx, server_id, "compute1", "nova", checked, groups, ctx.project_id)


def test_a_server_gets_a_port_on_the_one_network_there_is(ctx: Context) -> None:
    (row,) = boot(ctx)
    assert (row["device_owner"], row["status"]) == ("compute:nova", "ACTIVE")
    assert (row["binding_host_id"], row["binding_vif_type"]) == ("compute1", "ovs")
    (info,) = servers.ports_of(ctx, [SERVER, OTHER])[SERVER]
    assert info.network_name == "private"
    assert [version for _, version, _ in info.fixed_ips] == [4, 6]
    assert info.security_groups == ["default"]
    assert not info.preserve


def test_several_networks_need_a_choice(ctx: Context) -> None:
    private = server_requests.usable_networks(ctx, ctx.project_id)[0]["id"]
    ctx.db.execute(
        "INSERT INTO network_networks SELECT 'other', project_id, 'second', admin_state_up, status,"
        " mtu, router_external, is_default, port_security_enabled, qos_policy_id, dns_domain,"
        " availability_zone_hints, description, created_at, updated_at, revision_number, tags"
        " FROM network_networks WHERE id = ?",
        (private,),
    )
    with pytest.raises(NetworkAmbiguous):
        server_requests.check(ctx, None, [])


def test_a_project_without_networks_gets_none(ctx: Context) -> None:
    lonely = acting(ctx.cloud, "invisible_to_admin")
    assert server_requests.check(lonely, None, [])[0] == []


def test_a_port_that_was_there_before_outlives_its_server(ctx: Context) -> None:
    (row,) = boot(ctx)
    servers.detach(ctx, SERVER, row["id"])
    (row,) = boot(ctx)
    kept = row["id"]
    ctx.db.update("network_ports", kept, made_for_server=0, device_id="", device_owner="")
    boot(ctx, OTHER, port_id=kept)
    with pytest.raises(PortInUse):
        server_requests.check(ctx, [server_requests.Request(port_id=kept)], [])
    servers.release(ctx, OTHER)
    after = ctx.db.get("network_ports", kept)
    assert (after["device_id"], after["binding_vif_type"], after["status"]) == (
        "", "unbound", "DOWN",
    )  # fmt: skip


def test_what_was_made_for_a_server_goes_with_it(ctx: Context) -> None:
    (row,) = boot(ctx)
    servers.release(ctx, SERVER)
    assert ctx.db.get("network_ports", row["id"]) is None
    assert not servers.ports_of(ctx, [SERVER])[SERVER]


def test_a_fixed_address_is_had_once(ctx: Context) -> None:
    network = server_requests.usable_networks(ctx, ctx.project_id)[0]["id"]
    boot(ctx, network_id=network, fixed_ip="10.0.0.40")
    with pytest.raises((Conflict, FixedIpAlreadyInUse)):
        boot(ctx, OTHER, network_id=network, fixed_ip="10.0.0.40")


def test_the_ports_follow_a_server_to_another_host(ctx: Context) -> None:
    (row,) = boot(ctx)
    servers.rebind(ctx, SERVER, "compute2")
    assert ctx.db.get("network_ports", row["id"])["binding_host_id"] == "compute2"


def test_interfaces_come_and_go(ctx: Context) -> None:
    boot(ctx)
    network = server_requests.usable_networks(ctx, ctx.project_id)[0]["id"]
    added = servers.attach(
        ctx, SERVER, "compute1", "nova", server_requests.Request(network_id=network)
    )
    assert [info.id for info in servers.ports_of(ctx, [SERVER])[SERVER]][-1] == added["id"]
    servers.detach(ctx, SERVER, added["id"])
    assert len(servers.ports_of(ctx, [SERVER])[SERVER]) == 1
    with pytest.raises(NotFound):
        servers.detach(ctx, SERVER, added["id"])


def test_the_ports_of_many_servers_are_one_query(ctx: Context) -> None:
    ids = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(20)]
    for server_id in ids:
        boot(ctx, server_id)
    seen: list[str] = []
    ctx.db.connection.set_trace_callback(seen.append)
    found = servers.ports_of(ctx, ids)
    ctx.db.connection.set_trace_callback(None)
    assert all(len(each) == 1 for each in found.values())
    assert len(seen) == 1

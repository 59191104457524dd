"""What hangs on a server: interfaces, groups, volumes, consoles, diagnostics, external events."""

from __future__ import annotations

from typing import Any

import pytest

NETWORK = "/networking/v2.0"


@pytest.fixture
def plugged(boot: Any) -> Any:
    """A server of demo on its private network."""
    listed = boot().api.get(f"{NETWORK}/networks?name=private", who="demo").json["networks"]
    return boot(networks=[{"uuid": listed[0]["id"]}])


def network_of(server: Any) -> str:
    shown = server.ask("GET", "/os-interface").json["interfaceAttachments"]
    return str(shown[0]["net_id"])


def test_an_interface_is_attached_and_detached(plugged: Any) -> None:
    network = network_of(plugged)
    body = {"interfaceAttachment": {"net_id": network, "tag": "second"}}
    made = plugged.ask("POST", "/os-interface", body, version="2.70")
    assert made.status == 200, made.text
    attached = made.json["interfaceAttachment"]
    assert (attached["net_id"], attached["tag"]) == (network, "second")
    assert "tag" not in plugged.ask("GET", "/os-interface", version="2.69").text
    port = f"/os-interface/{attached['port_id']}"
    assert plugged.ask("GET", port).json["interfaceAttachment"] == attached
    assert plugged.ask("DELETE", port).status == 202
    assert len(plugged.ask("GET", "/os-interface").json["interfaceAttachments"]) == 1
    gone = plugged.ask("GET", port)
    assert gone.json["itemNotFound"]["message"] == (
        f"Port id {attached['port_id']} could not be found."
    )
    names = [name for name, _, _ in plugged.actions()]
    assert names == ["create", "attach_interface", "detach_interface"]


def test_detaching_what_is_not_attached_fails_after_the_answer(plugged: Any) -> None:
    nothing = "00000000-0000-4000-8000-000000000000"
    assert plugged.ask("DELETE", f"/os-interface/{nothing}").status == 202
    assert plugged.actions()[-1] == (
        "detach_interface",
        "Error",
        [("compute_detach_interface", "Error")],
    )


def test_a_server_follows_security_groups(plugged: Any) -> None:
    body = {"security_group": {"name": "extra"}}
    plugged.api.post(f"{NETWORK}/security-groups", body, who="demo")
    assert plugged.act({"addSecurityGroup": {"name": "extra"}}).status == 202
    groups = plugged.ask("GET", "/os-security-groups").json["security_groups"]
    assert [group["name"] for group in groups] == ["default", "extra"]
    assert {rule["group"]["name"] for rule in groups[0]["rules"]} == {"default"}
    again = plugged.act({"addSecurityGroup": {"name": "extra"}})
    assert (again.status, "Duplicate items" in again.text) == (400, True)
    assert plugged.act({"removeSecurityGroup": {"name": "extra"}}).status == 202
    missing = plugged.act({"removeSecurityGroup": {"name": "extra"}})
    assert missing.json["itemNotFound"]["message"] == (
        f"Security group extra not associated with the instance {plugged.id}"
    )
    unknown = plugged.act({"addSecurityGroup": {"name": "nope"}})
    assert "Security group nope is not found for project" in unknown.text


def test_a_floating_ip_comes_and_goes_below_2_44(plugged: Any) -> None:
    public = plugged.api.get(f"{NETWORK}/networks?name=public", who="demo").json["networks"][0]
    body = {"floatingip": {"floating_network_id": public["id"]}}
    made = plugged.api.post(f"{NETWORK}/floatingips", body, who="demo").json["floatingip"]
    address = {"address": made["floating_ip_address"]}
    answer = plugged.act({"addFloatingIp": address}, version="2.43")
    assert answer.status == 202, answer.text
    assert address["address"] in plugged.ask("GET", "/ips").text
    assert plugged.act({"removeFloatingIp": address}, version="2.43").status == 202
    again = plugged.act({"removeFloatingIp": address}, version="2.43")
    assert again.status == 403  # of one that leads nowhere only an administrator hears more
    again = plugged.act({"removeFloatingIp": address}, version="2.43", who="admin")
    assert again.status == 409
    assert plugged.act({"addFloatingIp": address}, version="2.44").status == 404


def test_a_fixed_address_comes_and_goes_below_2_44(plugged: Any) -> None:
    body = {"addFixedIp": {"networkId": network_of(plugged)}}
    assert plugged.act(body, version="2.43").status == 202
    addresses = plugged.ask("GET", "/ips").json["addresses"]["private"]
    before = len(addresses)
    removed = {"removeFixedIp": {"address": addresses[0]["addr"]}}
    assert plugged.act(removed, version="2.43").status == 202
    assert len(plugged.ask("GET", "/ips").json["addresses"]["private"]) == before - 1


def test_ports_follow_a_server_to_its_host(plugged: Any) -> None:
    plugged.act({"os-migrateLive": {"host": None, "block_migration": "auto"}}, who="admin")
    path = f"{NETWORK}/ports?device_id={plugged.id}"
    (port,) = plugged.api.get(path).json["ports"]
    assert port["binding:host_id"] == plugged.row["host"]


def test_a_volume_is_attached_and_detached(server: Any) -> None:
    project = server.row["project_id"]
    path = f"/volume/v3/{project}/volumes"
    volume = server.api.post(path, {"volume": {"size": 1}}, who="demo").json["volume"]["id"]
    server.api.cloud.settle()
    body = {"volumeAttachment": {"volumeId": volume, "delete_on_termination": True}}
    made = server.ask("POST", "/os-volume_attachments", body, version="2.79")
    assert made.status == 200, made.text
    assert made.json["volumeAttachment"] == {
        "id": volume,
        "volumeId": volume,
        "serverId": server.id,
        "device": "/dev/vdb",
        "tag": None,
        "delete_on_termination": True,
    }
    server.api.cloud.settle()
    shown = server.api.get(f"{path}/{volume}", who="demo").json["volume"]
    assert (shown["status"], shown["attachments"][0]["server_id"]) == ("in-use", server.id)
    again = server.ask("POST", "/os-volume_attachments", body, version="2.79")
    assert again.json["badRequest"]["message"] == (
        f"Invalid volume: volume {volume} is already attached to instances: {server.id}"
    )
    kept = {"volumeAttachment": {"volumeId": volume, "delete_on_termination": False}}
    one = f"/os-volume_attachments/{volume}"
    assert server.ask("PUT", one, kept, version="2.85").status == 202
    shown = server.ask("GET", one, version="2.89").json["volumeAttachment"]
    assert shown["delete_on_termination"] is False
    assert {"attachment_id", "bdm_uuid"} < set(shown)
    assert server.ask("DELETE", one).status == 202
    server.api.cloud.settle()
    assert server.api.get(f"{path}/{volume}", who="demo").json["volume"]["status"] == "available"
    gone = server.ask("DELETE", one)
    assert gone.json["itemNotFound"]["message"] == (
        f"Instance {server.id} is not attached to volume {volume}"
    )


def test_a_server_hears_from_the_services_that_its_volume_grew(server: Any) -> None:
    path = f"/volume/v3/{server.row['project_id']}/volumes"
    volume = server.api.post(path, {"volume": {"size": 1}}, who="demo").json["volume"]["id"]
    server.api.cloud.settle()
    server.ask("POST", "/os-volume_attachments", {"volumeAttachment": {"volumeId": volume}})
    server.api.cloud.settle()
    grown = server.api.post(
        f"{path}/{volume}/action", {"os-extend": {"new_size": 2}}, who="demo", version="volume 3.42"
    )
    assert grown.status == 202
    server.api.cloud.settle()
    newest = server.ask("GET", "/os-instance-actions").json["instanceActions"][0]
    names = server.api.cloud.names
    assert newest["action"] == "extend_volume"
    assert newest["user_id"] == names["user", "nova"]
    assert newest["project_id"] == names["project", "service"]


def test_a_shelved_server_takes_a_volume_from_2_20(server: Any) -> None:
    path = f"/volume/v3/{server.row['project_id']}/volumes"
    volume = server.api.post(path, {"volume": {"size": 1}}, who="demo").json["volume"]["id"]
    server.api.cloud.settle()
    server.act({"shelve": None})
    body = {"volumeAttachment": {"volumeId": volume}}
    refused = server.ask("POST", "/os-volume_attachments", body, version="2.19")
    assert refused.json["conflictingRequest"]["message"] == (
        f"Cannot 'attach_volume' instance {server.id} while it is in vm_state shelved_offloaded"
    )
    made = server.ask("POST", "/os-volume_attachments", body, version="2.20")
    assert made.json["volumeAttachment"]["device"] is None
    assert server.api.get(f"{path}/{volume}", who="demo").json["volume"]["status"] == "in-use"
    server.act({"unshelve": None})
    shown = server.ask("GET", f"/os-volume_attachments/{volume}").json["volumeAttachment"]
    assert shown["device"] == "/dev/vdb"


def test_volumes_are_let_go_with_their_server(server: Any) -> None:
    path = f"/volume/v3/{server.row['project_id']}/volumes"
    ids = []
    for deleted in (True, False):
        volume = server.api.post(path, {"volume": {"size": 1}}, who="demo").json["volume"]["id"]
        server.api.cloud.settle()
        body = {"volumeAttachment": {"volumeId": volume, "delete_on_termination": deleted}}
        assert server.ask("POST", "/os-volume_attachments", body).status == 200
        server.api.cloud.settle()
        ids.append(volume)
    server.ask("DELETE")
    server.api.cloud.settle()
    assert server.api.get(f"{path}/{ids[0]}", who="demo").status == 404
    kept = server.api.get(f"{path}/{ids[1]}", who="demo").json["volume"]
    assert (kept["status"], kept["attachments"]) == ("available", [])


def test_the_token_of_a_console_leads_to_its_server(server: Any) -> None:
    body = {"remote_console": {"protocol": "vnc", "type": "novnc"}}
    console = server.ask("POST", "/remote-consoles", body).json["remote_console"]
    token = console["url"].partition("token%3D")[2]
    path = f"/compute/v2.1/os-console-auth-tokens/{token}"
    shown = server.api.get(path, version="compute 2.31")
    assert shown.json["console"]["instance_uuid"] == server.id
    assert server.api.get(path, version="compute 2.30").status == 400
    server.api.cloud.advance(601)
    assert server.api.get(path, version="compute 2.31").status == 404
    wrong = {"remote_console": {"protocol": "vnc", "type": "serial"}}
    refused = server.ask("POST", "/remote-consoles", wrong)
    assert refused.json["badRequest"]["message"] == "Invalid console type serial"


def test_the_console_shows_the_last_lines_of_a_boot(server: Any) -> None:
    whole = server.act({"os-getConsoleOutput": {}}).json["output"]
    assert whole.endswith("\nvm login: ")
    last = server.act({"os-getConsoleOutput": {"length": 3}}).json["output"]
    assert last == "\n".join(whole.split("\n")[-3:])
    assert server.act({"os-getConsoleOutput": {"length": 0}}).json["output"] == ""
    refused = server.act({"os-getConsoleOutput": {"length": -2}})
    assert refused.status == 400


def test_diagnostics_are_of_running_servers(server: Any) -> None:
    old = server.ask("GET", "/diagnostics", version="2.47", who="admin").json
    assert old["memory"] == 512 * 1024
    new = server.ask("GET", "/diagnostics", version="2.48", who="admin").json
    assert (new["num_cpus"], new["memory_details"]["maximum"]) == (1, 512)
    server.act({"os-stop": None})
    refused = server.ask("GET", "/diagnostics", who="admin")
    assert refused.json["conflictingRequest"]["message"] == (
        f"Cannot 'get_diagnostics' instance {server.id} while it is in power state shutdown"
    )


def test_each_external_event_has_a_code_of_its_own(server: Any) -> None:
    nothing = "00000000-0000-4000-8000-000000000000"
    events = [
        {"name": "network-changed", "server_uuid": server.id},
        {"name": "network-changed", "server_uuid": nothing},
        {"name": "power-update", "server_uuid": server.id},
        {"name": "power-update", "server_uuid": server.id, "tag": "POWER_OFF"},
    ]
    path = "/compute/v2.1/os-server-external-events"
    answer = server.api.post(path, {"events": events}, version="compute 2.76")
    assert answer.status == 207
    assert [event["code"] for event in answer.json["events"]] == [200, 404, 400, 200]
    server.api.cloud.settle()
    assert server.state == ("active", None, 1)
    assert server.actions()[-1] == ("stop", "Error", [("compute_power_update", "Error")])


def test_bare_metal_takes_power_updates(server: Any) -> None:
    server.api.cloud.database.execute("UPDATE compute_hosts SET hypervisor_type = 'ironic'")
    path = "/compute/v2.1/os-server-external-events"
    for tag, state in (("POWER_OFF", "stopped"), ("POWER_ON", "active")):
        event = {"name": "power-update", "server_uuid": server.id, "tag": tag}
        server.api.post(path, {"events": [event]}, version="compute 2.76")
        server.api.cloud.settle()
        assert server.state[0] == state
    assert server.actions()[-1] == ("start", None, [("compute_power_update", "Success")])


def test_the_actions_of_a_deleted_server_can_be_read_from_2_21(server: Any) -> None:
    server.ask("DELETE")
    server.api.cloud.settle()
    assert server.ask("GET", "/os-instance-actions", version="2.20").status == 404
    answer = server.ask("GET", "/os-instance-actions", version="2.21")
    assert [each["action"] for each in answer.json["instanceActions"]] == ["delete", "create"]


def test_an_owner_may_not_undo_the_lock_of_an_admin(server: Any) -> None:
    server.act({"lock": None}, who="admin")
    refused = server.act({"unlock": None})
    assert refused.json["forbidden"]["message"] == (
        "Policy doesn't allow os_compute_api:os-lock-server:unlock:unlock_override to be performed."
    )
    assert server.act({"unlock": None}, who="admin").status == 202
    server.act({"lock": {"locked_reason": "backup"}}, version="2.73")
    assert server.ask("GET").json["server"]["locked_reason"] == "backup"

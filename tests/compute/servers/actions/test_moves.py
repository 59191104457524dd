"""Live migration, evacuation and shelving: servers that change hosts or have none."""

from __future__ import annotations

from typing import Any

import pytest

TINY = {"VCPU": 1, "MEMORY_MB": 512, "DISK_GB": 1}
LIVE = {"os-migrateLive": {"host": None, "block_migration": "auto"}}


def set_down(server: Any, host: str) -> None:
    body = {"binary": "nova-compute", "host": host, "forced_down": True}
    path = "/compute/v2.1/os-services/force-down"
    assert server.api.put(path, body, version="compute 2.11").status == 200


def test_a_live_migration_is_a_resource_while_it_runs(boot: Any) -> None:
    server = boot(durations="typical")
    source = server.row["host"]
    assert server.act(LIVE, who="admin", settle=False).status == 202
    assert server.state == ("active", "migrating", 1)
    server.api.cloud.advance(1.0)
    shown = server.ask("GET", "/migrations", version="2.23", who="admin").json["migrations"]
    assert [each["status"] for each in shown] == ["running"]
    one = server.ask("GET", f"/migrations/{shown[0]['id']}", version="2.80", who="admin").json
    assert one["migration"]["memory_total_bytes"] == 512 * 2**20
    server.api.cloud.settle()
    assert server.row["host"] != source
    assert server.held() == {server.row["host"]: TINY}
    assert server.used() == 512
    assert server.ask("GET", "/migrations", version="2.23", who="admin").json["migrations"] == []


def test_a_running_live_migration_can_be_aborted(boot: Any) -> None:
    server = boot(durations="typical")
    source = server.row["host"]
    server.act(LIVE, who="admin", settle=False)
    server.api.cloud.advance(1.0)
    (shown,) = server.ask("GET", "/migrations", who="admin").json["migrations"]
    path = f"/migrations/{shown['id']}"
    assert server.ask("DELETE", path, version="2.24", who="admin").status == 202
    assert server.state == ("active", None, 1)
    assert server.row["host"] == source
    assert server.held() == {source: TINY}
    assert server.used() == 512
    assert server.actions()[-1][0] == "live_migration_cancel"


def test_a_running_live_migration_can_be_forced_to_its_end(boot: Any) -> None:
    server = boot(durations="typical")
    server.act(LIVE, who="admin", settle=False)
    server.api.cloud.advance(1.0)
    (shown,) = server.ask("GET", "/migrations", who="admin").json["migrations"]
    path = f"/migrations/{shown['id']}/action"
    assert server.ask("POST", path, {"force_complete": None}, who="admin").status == 202
    assert server.ask("GET", who="demo").json["server"]["OS-EXT-STS:task_state"] is None


def test_below_2_34_a_live_migration_to_nowhere_is_refused_at_once(server: Any) -> None:
    body = {"os-migrateLive": {"host": server.row["host"], "block_migration": "auto"}}
    refused = server.act(body, version="2.33", who="admin")
    assert refused.json["badRequest"]["message"] == (
        f"Unable to migrate instance ({server.id}) to current host ({server.row['host']})."
    )
    assert server.actions()[-1][:2] == ("live-migration", "Error")
    assert server.act(body, version="2.34", who="admin").status == 202
    assert server.actions()[-1][:2] == ("live-migration", "Error")
    assert server.state == ("active", None, 1)


def test_evacuation_moves_a_server_off_a_host_that_is_down(server: Any) -> None:
    source = server.row["host"]
    set_down(server, source)
    assert server.act({"os-migrateLive": LIVE["os-migrateLive"]}, version="2.30", who="admin")
    answer = server.act({"evacuate": {}}, version="2.29", who="admin")
    assert (answer.status, answer.content) == (200, b"")
    assert server.state == ("active", None, 1)
    assert server.row["host"] != source
    assert server.actions()[-1][0] == "evacuate"


def test_from_2_95_an_evacuated_server_stays_stopped(server: Any) -> None:
    set_down(server, server.row["host"])
    server.act({"evacuate": {}}, version="2.95", who="admin")
    assert server.state == ("stopped", None, 4)
    events = [("rebuild_server", "Success"), ("compute_rebuild_instance", "Success")]
    assert server.actions()[-1][2] == [*events, ("compute_stop_instance", "Success")]


def test_below_2_14_evacuation_answers_with_a_password(server: Any) -> None:
    set_down(server, server.row["host"])
    answer = server.act({"evacuate": {"onSharedStorage": False}}, version="2.13", who="admin")
    assert len(answer.json["adminPass"]) == 12


def test_a_shelved_server_leaves_its_host_and_comes_back(server: Any) -> None:
    assert server.act({"shelve": None}).status == 202
    assert server.state == ("shelved_offloaded", None, 4)
    assert (server.row["host"], server.held()) == (None, {})
    images = server.api.get("/image/v2/images?name=vm-shelved", who="demo").json["images"]
    assert [each["status"] for each in images] == ["active"]
    assert server.act({"unshelve": None}).status == 202
    assert server.state == ("active", None, 1)
    assert server.held() == {server.row["host"]: TINY}
    images = server.api.get("/image/v2/images?name=vm-shelved", who="demo").json["images"]
    assert images == []


def test_a_shelved_server_may_stay_on_its_host(boot: Any) -> None:
    server = boot(shelved_offload_seconds=-1)
    host = server.row["host"]
    server.act({"shelve": None})
    assert server.state == ("shelved", None, 4)
    assert server.row["host"] == host
    asked = {"unshelve": {"availability_zone": "nova"}}
    assert "must be SHELVED_OFFLOADED" in server.act(asked, version="2.77").text
    server.act({"unshelve": None})
    assert server.row["host"] == host
    assert server.actions()[-1] == ("unshelve", None, [("compute_start_instance", "Success")])
    server.act({"shelve": None})
    assert server.act({"shelveOffload": None}, who="admin").status == 202
    assert (server.state[0], server.row["host"]) == ("shelved_offloaded", None)


def test_unshelving_to_a_host_is_for_admins(server: Any) -> None:
    server.act({"shelve": None})
    asked = {"unshelve": {"host": "compute3"}}
    assert server.act(asked, version="2.91").status == 403
    assert server.act({"unshelve": {"host": "none"}}, version="2.91", who="admin").status == 400
    assert server.act(asked, version="2.91", who="admin").status == 202
    assert server.row["host"] == "compute3"


def test_a_shelved_server_leaves_its_host_after_a_while(boot: Any) -> None:
    server = boot(shelved_offload_seconds=3600)
    server.act({"shelve": None}, settle=False)
    server.api.cloud.advance(60)
    assert (server.state[0], server.row["host"] is None) == ("shelved", False)
    server.api.cloud.advance(3600)
    server.api.cloud.advance(0)
    assert (server.state[0], server.row["host"]) == ("shelved_offloaded", None)


def test_events_name_the_host_whose_service_did_them(server: Any) -> None:
    source = server.row["host"]
    server.act({"migrate": None}, who="admin")
    target = server.row["host"]
    assert target != source
    server.act({"confirmResize": None})
    server.act({"shelve": None})
    server.act({"unshelve": None})
    hosts = {}
    for action in server.ask("GET", "/os-instance-actions").json["instanceActions"]:
        part = f"/os-instance-actions/{action['request_id']}"
        for event in server.ask("GET", part, who="admin").json["instanceAction"]["events"]:
            hosts[event["event"]] = event["host"]
    assert hosts == {
        "compute__do_build_and_run_instance": source,
        "conductor_migrate_server": "controller",
        "cold_migrate": "controller",
        "compute_prep_resize": target,
        "compute_resize_instance": source,
        "compute_finish_resize": target,
        "compute_confirm_resize": source,
        "compute_shelve_instance": target,
        "get_image_info": "controller",
        "schedule_instances": "controller",
        "compute_unshelve_instance": server.row["host"],
    }


@pytest.mark.parametrize(("version", "moved"), [("2.28", True), ("2.29", False)])
def test_below_2_29_evacuation_goes_past_the_scheduler(
    server: Any, version: str, moved: bool
) -> None:
    source, services = server.row["host"], "/compute/v2.1/os-services"
    (target, *_) = [host for host in ("compute1", "compute2") if host != source]
    body = {"host": target, "binary": "nova-compute", "disabled_reason": "sold"}
    answer = server.api.put(f"{services}/disable-log-reason", body, version="compute 2.52")
    assert answer.status == 200
    down = {"host": source, "binary": "nova-compute", "forced_down": True}
    assert server.api.put(f"{services}/force-down", down, version="compute 2.52").status == 200
    wanted = {"evacuate": {"host": target}}
    assert server.act(wanted, version=version, who="admin").status == 200
    assert (server.row["host"] == target) == moved

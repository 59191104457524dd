"""Resize: there, kept or taken back; what hosts, quotas and records say meanwhile."""

from __future__ import annotations

from typing import Any

SMALL = {"VCPU": 1, "MEMORY_MB": 2048, "DISK_GB": 20}
TINY = {"VCPU": 1, "MEMORY_MB": 512, "DISK_GB": 1}


def resize(server: Any, flavor: str, **options: Any) -> Any:
    return server.act({"resize": {"flavorRef": server.flavors[flavor]}}, **options)


def usage(server: Any) -> dict[str, int]:
    limits = server.api.get("/compute/v2.1/limits", who="demo").json["limits"]["absolute"]
    return {name: limits[name] for name in ("totalRAMUsed", "totalCoresUsed")}


def migrations(server: Any) -> list[Any]:
    path = f"/compute/v2.1/os-migrations?instance_uuid={server.id}"
    answer = server.api.get(path, version="compute 2.80", who="admin")
    return list(answer.json["migrations"])


def test_a_resize_waits_to_be_confirmed_and_holds_both_hosts(server: Any) -> None:
    source = server.row["host"]
    assert resize(server, "m1.small").status == 202
    assert server.state == ("resized", None, 1)
    assert server.held() == {server.row["host"]: SMALL}
    assert server.used() == 512 + 2048
    (migration,) = migrations(server)
    assert (migration["status"], migration["migration_type"]) == ("finished", "resize")
    assert (migration["source_compute"], migration["dest_compute"]) == (
        source,
        server.row["host"],
    )
    assert server.act({"confirmResize": None}).status == 204
    assert server.state == ("active", None, 1)
    assert server.used() == 2048
    assert migrations(server)[0]["status"] == "confirmed"
    assert usage(server)["totalRAMUsed"] == 2048


def test_a_reverted_resize_leaves_no_trace_but_the_records(server: Any) -> None:
    source, flavor = server.row["host"], server.row["flavor"]
    resize(server, "m1.small")
    assert usage(server)["totalRAMUsed"] == 2048
    assert server.act({"revertResize": None}, settle=False).status == 202
    assert server.state == ("resized", "resize_reverting", 1)
    server.api.cloud.settle()
    assert server.state == ("active", None, 1)
    assert (server.row["host"], server.row["flavor"]) == (source, flavor)
    assert server.held() == {source: TINY}
    assert server.used() == usage(server)["totalRAMUsed"] == 512
    assert server.actions()[1:] == [
        (
            "resize",
            None,
            [
                ("conductor_migrate_server", "Success"),
                ("cold_migrate", "Success"),
                ("compute_prep_resize", "Success"),
                ("compute_resize_instance", "Success"),
                ("compute_finish_resize", "Success"),
            ],
        ),
        (
            "revertResize",
            None,
            [("compute_revert_resize", "Success"), ("compute_finish_revert_resize", "Success")],
        ),
    ]


def test_a_stopped_server_is_stopped_after_its_resize(server: Any) -> None:
    server.act({"os-stop": None})
    resize(server, "m1.small")
    assert server.state == ("resized", None, 4)
    server.act({"confirmResize": None})
    assert server.state == ("stopped", None, 4)


def test_a_resize_that_finds_no_host_leaves_the_server_as_it_was(server: Any) -> None:
    flavor = {"name": "huge", "ram": 10**7, "vcpus": 1, "disk": 1, "id": "huge"}
    server.api.post("/compute/v2.1/flavors", {"flavor": flavor})
    quota = {"quota_set": {"ram": -1}}
    project = server.row["project_id"]
    server.api.put(f"/compute/v2.1/os-quota-sets/{project}", quota)
    assert server.act({"resize": {"flavorRef": "huge"}}).status == 202
    assert server.state == ("active", None, 1)
    assert server.held() == {server.row["host"]: TINY}
    action, message, events = server.actions()[-1]
    assert (action, message, events[-1]) == ("resize", "Error", ("cold_migrate", "Error"))


def test_a_disk_does_not_shrink(server: Any) -> None:
    resize(server, "m1.small")
    server.act({"confirmResize": None})
    host = server.row["host"]
    assert resize(server, "m1.tiny").status == 202
    assert server.state == ("active", None, 1)
    assert server.held() == {host: SMALL}
    assert migrations(server)[0]["status"] == "error"


def test_the_flavor_must_exist_change_and_fit_the_quota(server: Any) -> None:
    def refused(reference: Any) -> tuple[int, str]:
        answer = server.act({"resize": {"flavorRef": reference}})
        return answer.status, next(iter(answer.json.values()))["message"]

    assert refused("nope") == (400, "Flavor nope could not be found.")
    assert refused(server.flavors["m1.tiny"]) == (
        400,
        "When resizing, instances must change flavor!",
    )
    project = server.row["project_id"]
    quota = {"quota_set": {"cores": 2, "ram": 4096}}
    server.api.put(f"/compute/v2.1/os-quota-sets/{project}", quota)
    assert refused(server.flavors["m1.large"]) == (
        403,
        "Quota exceeded for cores, ram: Requested 3, 7680, but already used 1, 512 of 2, 4096"
        " cores, ram",
    )


def test_a_migration_can_name_its_host_from_2_56(server: Any) -> None:
    host = server.row["host"]
    here = server.act({"migrate": {"host": host}}, version="2.56", who="admin")
    assert here.json["badRequest"]["message"] == (
        "Cannot migrate to the host where the server exists."
    )
    nowhere = server.act({"migrate": {"host": "nowhere"}}, version="2.56", who="admin")
    assert nowhere.json["badRequest"]["message"] == "Compute host nowhere could not be found."
    other = next(name for name in ("compute1", "compute2", "compute3") if name != host)
    assert server.act({"migrate": {"host": other}}, version="2.56", who="admin").status == 202
    assert server.row["host"] == other
    server.act({"revertResize": None})
    assert server.row["host"] == host


def test_deleting_a_resized_server_frees_both_hosts(server: Any) -> None:
    resize(server, "m1.small")
    assert server.ask("DELETE").status == 204
    server.api.cloud.settle()
    assert server.used() == 0
    assert migrations(server) == []


def test_a_resize_is_confirmed_by_itself_where_a_window_is_set(boot: Any) -> None:
    server = boot(resize_confirm_window_seconds=60)
    resize(server, "m1.small", settle=False)
    server.api.cloud.advance(1)
    server.api.cloud.advance(58)
    assert server.state == ("resized", None, 1)
    server.api.cloud.advance(2)
    server.api.cloud.advance(0)
    assert server.state == ("active", None, 1)
    assert server.used() == 2048
    assert [name for name, _, _ in server.actions()] == ["create", "resize", "confirmResize"]


def test_a_reverted_resize_is_not_confirmed_by_itself(boot: Any) -> None:
    server = boot(resize_confirm_window_seconds=60)
    resize(server, "m1.small", settle=False)
    server.api.cloud.advance(1)
    server.act({"revertResize": None}, settle=False)
    server.api.cloud.settle()
    assert server.state == ("active", None, 1)
    assert [name for name, _, _ in server.actions()] == ["create", "resize", "revertResize"]

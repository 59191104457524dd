"""createImage, createBackup, rebuild and rescue: servers and images."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

SERVERS = "/compute/v2.1/servers"


def images(server: Any, query: str = "") -> list[Any]:
    answer = server.api.get(f"/image/v2/images?sort=created_at:asc{query}", who="demo")
    return list(answer.json["images"])


def test_an_image_of_a_server_says_whose_it_is(server: Any) -> None:
    body = {"createImage": {"name": "snap", "metadata": {"k": "v"}}}
    made = server.act(body, version="2.45", settle=False)
    assert made.status == 202
    assert server.state == ("active", "image_snapshot_pending", 1)
    server.api.cloud.settle()
    image = server.api.get(f"/image/v2/images/{made.json['image_id']}", who="demo").json
    assert image["status"] == "active"
    assert (image["instance_uuid"], image["base_image_ref"]) == (server.id, server.image)
    assert (image["image_type"], image["k"], image["min_disk"]) == ("snapshot", "v", 1)


def test_below_2_45_the_new_image_stands_in_location(server: Any) -> None:
    made = server.act({"createImage": {"name": "snap"}}, version="2.44")
    assert made.content == b""
    (image,) = images(server, "&name=snap")
    assert made.headers["location"].endswith(f"/images/{image['id']}")


def test_backups_rotate(server: Any) -> None:
    for name in ("one", "two", "three"):
        body = {"name": name, "backup_type": "daily", "rotation": 2}
        assert server.act({"createBackup": body}).status == 202
    weekly = {"name": "other", "backup_type": "weekly", "rotation": 1}
    server.act({"createBackup": weekly})
    made = [image["name"] for image in images(server, "&image_type=backup")]
    assert sorted(made) == ["other", "three", "two"]
    made = [image["name"] for image in images(server, "&backup_type=daily")]
    assert sorted(made) == ["three", "two"]


def test_below_2_39_an_image_takes_as_many_properties_as_a_server_metadata(server: Any) -> None:
    body = {"createImage": {"name": "snap", "metadata": {f"k{n}": "v" for n in range(129)}}}
    refused = server.act(body, version="2.38")
    assert refused.status == 403
    assert refused.json["forbidden"]["message"] == "Image metadata limit exceeded"
    assert server.act(body, version="2.39").status == 202


def test_a_rebuilt_server_has_its_new_name_and_image(server: Any) -> None:
    other = next(each["id"] for each in images(server) if each["id"] != server.image)
    patch = [{"op": "add", "path": "/min_ram", "value": 1024}]
    server.api.patch(
        f"/image/v2/images/{other}",
        patch,
        headers={"Content-Type": "application/openstack-images-v2.1-json-patch"},
    )
    body = {"rebuild": {"imageRef": other, "name": "new", "metadata": {"a": "b"}}}
    refused = server.act(body)
    assert refused.json["badRequest"]["message"] == (
        "Flavor's memory is too small for requested image."
    )
    answer = server.act({"rebuild": {**body["rebuild"], "imageRef": server.image}}, settle=False)
    assert (answer.status, answer.json["server"]["status"]) == (202, "REBUILD")
    assert len(answer.json["server"]["adminPass"]) == 12
    server.api.cloud.settle()
    shown = server.ask("GET").json["server"]
    assert (shown["name"], shown["metadata"], shown["status"]) == ("new", {"a": "b"}, "ACTIVE")


def test_a_stopped_server_is_stopped_after_its_rebuild(server: Any) -> None:
    server.act({"os-stop": None})
    server.act({"rebuild": {"imageRef": server.image}})
    assert server.state == ("stopped", None, 4)
    events = [("rebuild_server", "Success"), ("compute_rebuild_instance", "Success")]
    assert server.actions()[-1] == (
        "rebuild",
        None,
        [*events, ("compute_stop_instance", "Success")],
    )


def test_what_is_not_there_to_rebuild_from_is_a_bad_request(server: Any) -> None:
    nothing = "00000000-0000-4000-8000-000000000000"
    refused = server.act({"rebuild": {"imageRef": nothing}})
    assert refused.json["badRequest"]["message"] == "Cannot find image for rebuild"
    body = {"rebuild": {"imageRef": server.image, "key_name": "none"}}
    refused = server.act(body, version="2.54")
    assert refused.json["badRequest"]["message"] == "Invalid key_name provided."


def test_no_driver_preserves_an_ephemeral_disk(server: Any) -> None:
    body = {"rebuild": {"imageRef": server.image, "preserve_ephemeral": True}}
    assert server.act(body).status == 202
    assert server.state[0] == "error"
    assert server.ask("GET").json["server"]["fault"]["code"] == 500


def test_rescue_answers_with_a_password(server: Any) -> None:
    answer = server.act({"rescue": {"adminPass": "secret"}})
    assert (answer.status, answer.json) == (200, {"adminPass": "secret"})
    assert server.state == ("rescued", None, 1)
    nothing = "00000000-0000-4000-8000-000000000000"
    server.act({"unrescue": None})
    assert server.state == ("active", None, 1)
    refused = server.act({"rescue": {"rescue_image_ref": nothing}})
    assert refused.json["badRequest"]["message"] == (
        f"Requested rescue image '{nothing}' is not supported"
    )


def on_a_volume(server: Any) -> str:
    """Let the server boot from a volume; return the volume's id."""
    path = f"/volume/v3/{server.row['project_id']}/volumes"
    body = {"volume": {"size": 1, "imageRef": server.image}}
    volume: str = server.api.post(path, body, who="demo").json["volume"]["id"]
    server.api.cloud.settle()
    body = {"volumeAttachment": {"volumeId": volume}}
    assert server.ask("POST", "/os-volume_attachments", body).status == 200
    server.api.cloud.settle()
    server.api.cloud.database.update(
        "compute_block_devices", volume, "volume_id", boot_index=0, device_name="/dev/vda"
    )
    server.become(image_ref="")
    return volume


def test_the_image_of_a_volume_backed_server_says_what_to_make_volumes_of(server: Any) -> None:
    volume = on_a_volume(server)
    made = server.act({"createImage": {"name": "snap"}}).json["image_id"]
    image = server.api.get(f"/image/v2/images/{made}", who="demo").json
    assert (image["status"], image["size"], image["bdm_v2"]) == ("active", 0, "True")
    (device,) = json.loads(image["block_device_mapping"])
    assert (device["source_type"], device["boot_index"]) == ("snapshot", 0)
    path = f"/volume/v3/{server.row['project_id']}/snapshots/{device['snapshot_id']}"
    snapshot = server.api.get(path, who="demo").json["snapshot"]
    assert (snapshot["volume_id"], snapshot["name"]) == (volume, "snapshot for snap")
    assert server.actions()[-1] == ("createImage", None, [("api_snapshot_instance", "Success")])


def test_since_3_46_a_volume_of_such_an_image_is_one_of_its_snapshot(server: Any) -> None:
    origin = on_a_volume(server)
    server.act({"createImage": {"name": "snap"}})
    (image,) = images(server, "&name=snap")
    (device,) = json.loads(image["block_device_mapping"])
    path = f"/volume/v3/{server.row['project_id']}"
    body = {"volume": {"imageRef": image["id"]}}
    ask, bootable = server.api.post, {**body["volume"], "size": 2}
    older = ask(f"{path}/volumes", {"volume": bootable}, who="demo", version="volume 3.45")
    assert older.json["volume"]["snapshot_id"] is None
    newer = ask(f"{path}/volumes", body, who="demo", version="volume 3.46").json["volume"]
    assert (newer["snapshot_id"], newer["size"]) == (device["snapshot_id"], 1)
    server.api.cloud.settle()
    shown = server.api.get(f"{path}/volumes/{newer['id']}", who="demo").json["volume"]
    assert (shown["status"], shown["bootable"]) == ("available", "true")
    assert shown["volume_image_metadata"]["image_id"] == server.image
    for each in (newer["id"], origin):
        server.api.delete(f"{path}/volumes/{each}", who="demo")
    server.api.delete(f"{path}/snapshots/{device['snapshot_id']}", who="demo")
    server.api.cloud.settle()
    gone = ask(f"{path}/volumes", body, who="demo", version="volume 3.46")
    assert gone.status == 404
    assert gone.json["itemNotFound"]["message"] == (
        "Nova specific image is found, but boot volume snapshot "
        f"id:{device['snapshot_id']} not found."
    )


def test_a_volume_backed_server_takes_neither_backup_nor_rescue(server: Any) -> None:
    on_a_volume(server)
    body = {"createBackup": {"name": "b", "backup_type": "daily", "rotation": 1}}
    refused = server.act(body).json["badRequest"]["message"]
    assert refused == "Backup is not supported for volume-backed instances."
    refused = server.act({"rescue": None}, version="2.87").json["badRequest"]["message"]
    assert refused == (
        f"Instance {server.id} cannot be rescued: Cannot rescue a volume-backed instance"
    )


def test_from_2_93_a_volume_backed_server_is_rebuilt_from_another_image(server: Any) -> None:
    volume = on_a_volume(server)
    other = next(each["id"] for each in images(server) if each["id"] != server.image)
    refused = server.act({"rebuild": {"imageRef": other}}, version="2.92")
    assert refused.json["badRequest"]["message"] == (
        f"Image {other} is unacceptable: Unable to rebuild with a different image for a"
        " volume-backed server."
    )
    assert server.act({"rebuild": {"imageRef": server.image}}, version="2.92").status == 202
    answer = server.act({"rebuild": {"imageRef": other}}, version="2.93")
    assert (answer.status, answer.json["server"]["image"]) == (202, "")
    server.api.cloud.settle()
    path = f"/volume/v3/{server.row['project_id']}/volumes/{volume}"
    shown = server.api.get(path, who="demo").json["volume"]
    assert shown["volume_image_metadata"]["image_id"] == other


def test_a_volume_backed_server_is_shelved_without_an_image(server: Any) -> None:
    on_a_volume(server)
    server.act({"shelve": None})
    assert server.state == ("shelved_offloaded", None, 4)
    events = [("compute_shelve_offload_instance", "Success")]
    assert server.actions()[-1] == ("shelve", None, events)
    server.act({"unshelve": None})
    assert server.actions()[-1][2][0] == ("schedule_instances", "Success")


def test_who_looks_each_second_meets_an_image_on_its_way(
    open_cloud: Callable[..., Any],
) -> None:
    api = open_cloud(who=("demo", "admin"), clock="manual", durations="fast")
    image = api.get("/image/v2/images?name=cirros-0.6.3-x86_64-disk", who="demo").json["images"][0]
    server = {"name": "vm", "imageRef": image["id"], "flavorRef": "1", "networks": "none"}
    made = api.post(SERVERS, {"server": server}, who="demo", version="compute 2.45")
    api.cloud.settle()
    path = f"{SERVERS}/{made.json['server']['id']}/action"
    body = {"createImage": {"name": "taken"}}
    taken = api.post(path, body, who="demo", version="compute 2.45").json["image_id"]
    seen = []
    for _ in range(4):
        seen.append(api.get(f"/image/v2/images/{taken}", who="demo").json["status"])
        api.cloud.advance(1)
    assert seen[:2] == ["queued", "saving"]
    assert seen[-1] == "active"

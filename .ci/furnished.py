"""A cloud that has one of everything Compute shows, for the checks beside this file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from emulator.cloud import Cloud
from emulator.compute import cells
from emulator.wire.request import Request

# The cloud


@dataclass
class World:
    """A cloud, tokens, and the ids of what is in it: `world.ask("GET", "/servers")`."""

    cloud: Cloud = field(default_factory=lambda: Cloud(durations="typical", clock="manual"))
    ids: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def send(
        self, method: str, path: str, body: Any = None, *, who: str = "admin", version: str = ""
    ) -> tuple[int, Any]:
        """Send a request to any service; return code and body."""
        headers = {"content-type": "application/json", "x-auth-token": self.tokens.get(who, "")}
        if version:
            headers["openstack-api-version"] = version
        path, _, query = path.partition("?")
        data = b"" if body is None else json.dumps(body).encode()
        request = Request(method, path, query, Found(headers), data)
        answer = self.cloud.handle(request)
        named = {name.lower(): value for name, value in answer.headers}
        if "x-subject-token" in named:
            self.tokens[who] = named["x-subject-token"]
        content = answer.body or b""
        return answer.status, json.loads(content) if content[:1] in (b"{", b"[") else None

    def ask(
        self, method: str, path: str, body: Any = None, *, version: str = "2.1", who: str = "admin"
    ) -> tuple[int, Any]:
        """Send a request to Compute; names in braces are ids."""
        path = re.sub(r"\{(\w+)\}", lambda match: self.ids[match[1]], path)
        where = f"/compute/v2.1{path}" if not path.startswith("//") else f"/compute{path[1:]}"
        return self.send(method, where, body, who=who, version=f"compute {version}")

    def do(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Do what must go well, and wait until it has come to its end."""
        status, answer = self.ask(method, path, body, **more)
        if status >= 400:
            raise RuntimeError(f"{method} {path}: {status} {answer}")
        self.cloud.settle()
        return answer

    def log_in(self, user: str, project: str) -> None:
        """Get a token."""
        default = {"id": "default"}
        identity = {
            "methods": ["password"],
            "password": {"user": {"name": user, "password": "secret", "domain": default}},
        }
        scope = {"project": {"name": project, "domain": default}}
        body = {"auth": {"identity": identity, "scope": scope}}
        _, answer = self.send("POST", "/identity/v3/auth/tokens", body, who=user)
        self.ids["project"] = answer["token"]["project"]["id"]
        self.ids[f"user_{user}"] = answer["token"]["user"]["id"]


class Found(dict[str, str]):
    """Headers, found whatever their case."""

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


def furnished() -> World:
    """Return a cloud with one of everything."""
    world = World()
    world.log_in("demo", "demo")
    world.log_in("admin", "demo")
    ids = world.ids
    ids["flavor"] = _first(world.do("GET", "/flavors"), "flavors", "m1.tiny")
    ids["flavor_larger"] = _first(world.do("GET", "/flavors"), "flavors", "m1.small")
    _, images = world.send("GET", "/image/v2/images?sort=name:asc")
    ids["image"] = images["images"][0]["id"]
    _, networks = world.send("GET", "/networking/v2.0/networks")
    ids["network"] = _first(networks, "networks", "private")
    ids["network_public"] = _first(networks, "networks", "public")
    ids["group"] = _group(world, "group")
    world.do(
        "POST", "/flavors/{flavor}/os-extra_specs", {"extra_specs": {"hw:cpu_policy": "shared"}}
    )
    private = {"name": "private", "ram": 64, "vcpus": 1, "disk": 1, "id": "private"}
    private["os-flavor-access:is_public"] = False
    world.do("POST", "/flavors", {"flavor": private})
    ids["flavor_private"] = "private"
    access = {"addTenantAccess": {"tenant": ids["project"]}}
    world.do("POST", "/flavors/private/action", access)
    for user, name in (("admin", "key-admin"), ("admin", "key-demo"), ("demo", "key-demo")):
        world.do("POST", "/os-keypairs", {"keypair": {"name": name}}, who=user)
    world.do(
        "PUT", "/images/{image}/metadata/auto_disk_config", {"meta": {"auto_disk_config": "True"}}
    )
    _, listed = world.send("GET", "/identity/v3/projects")
    ids["project_other"] = _first(listed, "projects", "alt_demo")
    _furnish_servers(world)
    _furnish_neighbours(world)
    _furnish_hosts(world)
    return world


def _first(body: Any, plural: str, name: str) -> str:
    found: str = next(each["id"] for each in body[plural] if each["name"] == name)
    return found


def _group(world: World, name: str) -> str:
    rules = {"max_server_per_host": 3}
    body = {"server_group": {"name": name, "policy": "anti-affinity", "rules": rules}}
    made = world.do("POST", "/os-server-groups", body, version="2.64")
    return str(made["server_group"]["id"])


def _volume(world: World, name: str, **more: Any) -> str:
    body = {"volume": {"name": name, "size": 1, "metadata": {"a": "b"}, **more}}
    status, made = world.send("POST", "/volume/v3/volumes", body, version="volume 3.50")
    if status != 202:
        raise RuntimeError(f"volume: {made}")
    world.cloud.settle()
    return str(made["volume"]["id"])


def server_body(world: World, name: str, **more: Any) -> Any:
    """Return the body that makes a server."""
    server = {
        "name": name,
        "imageRef": world.ids["image"],
        "flavorRef": world.ids["flavor"],
        "metadata": {"My Server Name": "Apache1"},
        "networks": [{"uuid": world.ids["network"]}],
        "key_name": "key-demo",
        "accessIPv4": "1.2.3.4",
        "accessIPv6": "80fe::",
        "config_drive": True,
        "user_data": "IyEvYmluL2Jhc2gK",
        "description": "one",
        "tags": ["tag1", "tag2"],
        **more,
    }
    return {"server": server, "OS-SCH-HNT:scheduler_hints": {"group": world.ids["group"]}}


def _furnish_servers(world: World) -> None:
    for name in ("server_other", "server"):
        made = world.do("POST", "/servers", server_body(world, name), version="2.90", who="demo")
        world.ids[name] = server = made["server"]["id"]
        world.cloud.advance(5)
    world.ids["volume_spare"] = _volume(world, "spare")
    world.cloud.advance(5)
    world.ids["volume"] = _volume(world, "attached")
    attachment = {"volumeAttachment": {"volumeId": world.ids["volume"], "tag": "foo"}}
    world.do("POST", f"/servers/{server}/os-volume_attachments", attachment, version="2.49")
    for body in (
        {"os-migrateLive": {"host": None, "block_migration": "auto"}},
        {"resize": {"flavorRef": world.ids["flavor_larger"]}},
        {"confirmResize": None},
        {"os-stop": None},
        {"os-start": None},
    ):
        world.do("POST", f"/servers/{server}/action", body, version="2.30")
        world.cloud.advance(5)
    listed = world.do("GET", f"/servers/{server}/os-instance-actions")["instanceActions"]
    world.ids["request"] = listed[0]["request_id"]
    world.ids["request_first"] = listed[-1]["request_id"]
    listed = world.do("GET", "/os-migrations?limit=1", version="2.59")["migrations"]
    world.ids["migration"] = listed[0]["uuid"]
    ports = world.do("GET", f"/servers/{server}/os-interface")["interfaceAttachments"]
    world.ids["port"] = ports[0]["port_id"]
    world.ids["name"] = next(iter(world.do("GET", f"/servers/{server}/ips")["addresses"]))


def _furnish_neighbours(world: World) -> None:
    ids = world.ids
    body = {"snapshot": {"volume_id": ids["volume_spare"], "name": "snapshot"}}
    _, made = world.send("POST", "/volume/v3/snapshots", body)
    ids["snapshot"] = made["snapshot"]["id"]
    world.cloud.settle()
    pool = {"pool": "public"}
    ids["floating_ip"] = world.do("POST", "/os-floating-ips", pool)["floating_ip"]["id"]
    group = {"security_group": {"name": "web", "description": "web"}}
    made = world.do("POST", "/os-security-groups", group)["security_group"]
    ids["security_group"] = made["id"]
    rule = {
        "parent_group_id": made["id"],
        "ip_protocol": "tcp",
        "from_port": 80,
        "to_port": 80,
        "cidr": "0.0.0.0/0",
    }
    world.do("POST", "/os-security-group-rules", {"security_group_rule": rule})


def _furnish_hosts(world: World) -> None:
    shown = world.do("GET", "/servers/{server}")["server"]
    world.ids["host"] = host = shown["OS-EXT-SRV-ATTR:host"]
    listed = world.do("GET", "/os-hypervisors?with_servers=true", version="2.53")["hypervisors"]
    world.ids["host_other"] = next(
        each["hypervisor_hostname"] for each in listed if not each.get("servers")
    )
    listed = world.do("GET", f"/os-hypervisors?hypervisor_hostname_pattern={host}", version="2.53")
    world.ids["hypervisor"] = listed["hypervisors"][0]["id"]
    listed = world.do("GET", f"/os-hypervisors/{host}/search")["hypervisors"]
    world.ids["hypervisor_number"] = str(listed[0]["id"])
    listed = world.do("GET", "/os-services?binary=nova-compute", version="2.53")["services"]
    world.ids["service"] = next(each["id"] for each in listed if each["host"] == host)
    made = world.do("POST", "/os-aggregates", {"aggregate": {"name": "samples"}})
    world.ids["attached"] = world.ids["volume"]
    world.ids["aggregate"] = number = str(made["aggregate"]["id"])
    metadata = {"set_metadata": {"metadata": {"key": "value"}}}
    world.do("POST", f"/os-aggregates/{number}/action", metadata)
    world.do("POST", f"/os-aggregates/{number}/action", {"add_host": {"host": host}})


# What a sample shows only after something was done


def acted(body: Any, *, settle: bool = True, who: str = "admin") -> Callable[[World, str], None]:
    """Do an action to the server first."""

    def act(world: World, version: str) -> None:
        status, answer = world.ask(
            "POST", "/servers/{server}/action", body, version="2.79", who=who
        )
        if status >= 400:
            raise RuntimeError(f"{body}: {answer}")
        if settle:
            world.cloud.settle()

    return act


def migrating(world: World, version: str) -> None:
    """Have a live migration under way, and know its number."""
    acted({"os-migrateLive": {"host": None, "block_migration": "auto"}}, settle=False)(
        world, version
    )
    for _ in range(100):
        world.cloud.advance(0.5)
        _, listed = world.ask("GET", "/servers/{server}/migrations", version="2.24")
        if listed["migrations"] and listed["migrations"][0]["status"] == "running":
            world.ids["migration_number"] = str(listed["migrations"][0]["id"])
            return
    raise RuntimeError("no live migration runs")


def migrating_and_more(world: World, version: str) -> None:
    """Have a live migration under way, and a later one of another server."""
    migrating(world, version)
    world.cloud.advance(1)
    body = {"migrate": {"host": None}}
    status, answer = world.ask("POST", "/servers/{server_other}/action", body, version="2.56")
    for _ in range(50 if status < 400 else 0):
        world.cloud.advance(0.2)
        _, listed = world.ask("GET", "/os-migrations?limit=1", version="2.59")
        if listed["migrations"][0]["instance_uuid"] == world.ids["server_other"]:
            world.ids["migration"] = listed["migrations"][0]["uuid"]
            return
    raise RuntimeError(f"no second migration: {answer}")


def console(world: World, version: str) -> None:
    """Have a console, and know its token."""
    kind = {"protocol": "serial", "type": "serial"}
    if version == "2.99":
        kind = {"protocol": "spice", "type": "spice-direct"}
    status, made = world.ask(
        "POST", "/servers/{server}/remote-consoles", {"remote_console": kind}, version="2.99"
    )
    if status >= 400:
        raise RuntimeError(made)
    world.ids["token"] = made["remote_console"]["url"].rpartition("=")[2]


def host_down(world: World, version: str) -> None:
    """Have the server's host forced down."""
    world.do("PUT", "/os-services/{service}", {"forced_down": True}, version="2.53")


def host_empty(world: World, version: str) -> None:
    """Have an aggregate without hosts."""
    body = {"remove_host": {"host": world.ids["host"]}}
    world.do("POST", "/os-aggregates/{aggregate}/action", body)


def cell_down(world: World, version: str) -> None:
    """Have all hosts in a cell that does not answer."""
    ctx = world.cloud.context()
    hosts = [row["host"] for row in ctx.db.all("SELECT host FROM compute_hosts")]
    with ctx.db.transaction():
        cells.add(ctx, "cell2", hosts)
        cells.set_down(ctx, "cell2", down=True)


def fake_driver(world: World, version: str) -> None:
    """Have hosts with the driver of Nova's own tests, which can do what libvirt's cannot."""
    world.cloud.database.execute("UPDATE compute_hosts SET hypervisor_type = 'fake'")


def quotas_uncounted(world: World, version: str) -> None:
    """Have quotas that limit nothing."""
    world.cloud.settings = replace(world.cloud.settings, quota_driver="none")


BEFORE: dict[str, Callable[[World, str], None]] = {
    "rescued": acted({"rescue": None}),
    "migrating": migrating,
    "migrating_and_more": migrating_and_more,
    "console": console,
    "host_down": host_down,
    "host_empty": host_empty,
    "cell_down": cell_down,
    "fake_driver": fake_driver,
    "quotas_uncounted": quotas_uncounted,
}

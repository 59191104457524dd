"""Makes a cloud look lived in: projects with people, networks, volumes and servers in all states.

Everything goes through the API, so that it is what clients could have made; names come from Faker.
The same seed in a new cloud makes the same inhabitants.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emulator.errors import UsageError
from emulator.seeding.doors import Door

if TYPE_CHECKING:
    from faker import Faker

Tell = Callable[[int, int], None]
"""tell(done, total): how many servers are made."""

COMPUTE = "/compute/v2.1"
NETWORK = "/networking/v2.0"
PASSWORD = "secret"
VERSION = {"OpenStack_API_Version": "compute 2.90"}
ROLES = ("web", "api", "db", "cache", "worker", "queue", "ci", "monitor", "proxy", "batch")
ENVIRONMENTS = ("production", "staging", "development")
FLAVORS = ("m1.nano", "m1.micro", "m1.tiny", "cirros256", "ds512M", "ds1G", "m1.small")
PORTS = {"web": (80, 443), "ssh": (22,), "db": (5432,)}
# Of a hundred servers, so many are brought into that state by that action; the rest stay active.
ACTIONS: tuple[tuple[int, Mapping[str, Any]], ...] = (
    (12, {"os-stop": None}),
    (3, {"pause": None}),
    (3, {"suspend": None}),
    (3, {"shelve": None}),
    (2, {"rescue": None}),
    (3, {"lock": {"locked_reason": "under investigation"}}),
    (2, {"resize": {"flavorRef": "1"}}),
    (3, {"os-resetState": {"state": "error"}}),
)
FLOATING_OF_A_HUNDRED = 8
VOLUMES_OF_A_HUNDRED = 30


@dataclass
class Inhabitants:
    """What was made."""

    projects: list[dict[str, str]] = field(default_factory=list)
    servers: int = 0
    volumes: int = 0
    floating_ips: int = 0


def fill(
    door: Door, *, servers: int, projects: int, seed: int, tell: Tell | None = None
) -> Inhabitants:
    """Make so many servers in so many new projects. UsageError when the cloud refuses something."""
    if servers < 0 or projects < 1:
        raise UsageError("seeding takes at least one project and no less than 0 servers")
    from faker import Faker

    fake = Faker()
    fake.seed_instance(seed)
    made = Inhabitants()
    admin = _login(door, "admin", "admin")
    for index in range(projects):
        share = servers // projects + (index < servers % projects)
        _settle_project(door, fake, admin, index, share, made, tell, servers)
    return made


def _settle_project(
    door: Door,
    fake: Faker,
    admin: str,
    index: int,
    count: int,
    made: Inhabitants,
    tell: Tell | None,
    total: int,
) -> None:
    """Make one project and everything in it."""
    project, name, user = _people(door, fake, admin)
    token = _login(door, user, name)
    made.projects.append({"name": name, "user": user, "password": PASSWORD})
    network = _network(door, fake, token, index)
    key = f"{user}-laptop"
    _post(door, token, f"{COMPUTE}/os-keypairs", {"keypair": {"name": key, **_public_key(fake)}})
    ids = _servers(door, fake, token, network, key, count, made, tell, total)
    _settle(door)
    _volumes(door, fake, token, project, ids, made)
    _change_states(door, token, admin, ids)
    _settle(door)


def _servers(
    door: Door,
    fake: Faker,
    token: str,
    network: str,
    key: str,
    count: int,
    made: Inhabitants,
    tell: Tell | None,
    total: int,
) -> list[str]:
    """Make servers on one network; return their ids."""
    flavors = _ids(door, token, f"{COMPUTE}/flavors", "flavors")
    small = [each for each in FLAVORS if each in flavors] or list(flavors)
    images = _get(door, token, "/image/v2/images")["images"]
    image = min(images, key=lambda each: (each["min_disk"], each["min_ram"]))["id"]
    ids = []
    for number in range(count):
        role = fake.random_element(ROLES)
        body = {
            "name": f"{role}-{fake.domain_word()}-{number + 1:02d}",
            "flavorRef": flavors[fake.random_element(small)],
            "imageRef": image,
            "networks": [{"uuid": network}],
            "key_name": key,
            "metadata": {"environment": fake.random_element(ENVIRONMENTS), "owner": fake.name()},
            "tags": [role],
            "description": fake.catch_phrase(),
        }
        answer = _post(door, token, f"{COMPUTE}/servers", {"server": body}, **VERSION)
        ids.append(answer["server"]["id"])
        made.servers += 1
        if tell is not None:
            tell(made.servers, total)
    return ids


def _people(door: Door, fake: Faker, admin: str) -> tuple[str, str, str]:
    """Make a project with a member and quotas of its own; return project id, name and user name."""
    company = fake.unique.company()
    name = company.lower().replace(",", "").replace(" ", "-").replace(".", "")
    identity = "/identity/v3"
    project = _post(
        door, admin, f"{identity}/projects",
        {"project": {"name": name, "domain_id": "default", "description": company}},
    )["project"]["id"]  # fmt: skip
    user = fake.unique.user_name()
    body = {"name": user, "domain_id": "default", "password": PASSWORD, "email": fake.email()}
    user_id = _post(door, admin, f"{identity}/users", {"user": body})["user"]["id"]
    roles = _ids(door, admin, f"{identity}/roles", "roles")
    path = f"{identity}/projects/{project}/users/{user_id}/roles/{roles['member']}"
    door("PUT", path, X_Auth_Token=admin)
    unlimited = {"instances": -1, "cores": -1, "ram": -1, "key_pairs": -1}
    for path, key, quota in (
        (f"{COMPUTE}/os-quota-sets/{project}", "quota_set", unlimited),
        (f"{NETWORK}/quotas/{project}", "quota", {"port": -1, "floatingip": -1}),
        (f"/volume/v3/os-quota-sets/{project}", "quota_set", {"volumes": -1, "gigabytes": -1}),
    ):
        door("PUT", path, {key: quota}, X_Auth_Token=admin)
    return project, name, user


def _network(door: Door, fake: Faker, token: str, index: int) -> str:
    """Make a network with a way out and security groups; return its id."""
    name = f"{fake.color_name().lower()}-net"
    network: str = _post(door, token, f"{NETWORK}/networks", {"network": {"name": name}})[
        "network"
    ]["id"]
    subnet = _post(
        door, token, f"{NETWORK}/subnets",
        {"subnet": {
            "name": f"{name}-v4", "network_id": network, "ip_version": 4,
            "cidr": f"10.{64 + index % 128}.0.0/16",
        }},
    )["subnet"]["id"]  # fmt: skip
    outside = _ids(door, token, f"{NETWORK}/networks?router:external=True", "networks")
    gateway = (
        {"external_gateway_info": {"network_id": outside["public"]}} if "public" in outside else {}
    )
    router = _post(
        door, token, f"{NETWORK}/routers", {"router": {"name": f"{name}-router", **gateway}}
    )["router"]["id"]
    path = f"{NETWORK}/routers/{router}/add_router_interface"
    door("PUT", path, {"subnet_id": subnet}, X_Auth_Token=token)
    for group, ports in PORTS.items():
        body = {"security_group": {"name": group, "description": fake.bs()}}
        group_id = _post(door, token, f"{NETWORK}/security-groups", body)["security_group"]["id"]
        for port in ports:
            rule = {
                "security_group_id": group_id, "direction": "ingress", "protocol": "tcp",
                "port_range_min": port, "port_range_max": port,
            }  # fmt: skip
            _post(door, token, f"{NETWORK}/security-group-rules", {"security_group_rule": rule})
    return network


def _volumes(
    door: Door, fake: Faker, token: str, project: str, ids: list[str], made: Inhabitants
) -> None:
    """Make volumes, attached to every second of the servers that get one."""
    attach = []
    for index, server_id in enumerate(_part(ids, VOLUMES_OF_A_HUNDRED)):
        body = {"name": f"data-{fake.word()}-{index + 1:02d}", "size": fake.random_int(1, 50)}
        volume = _post(door, token, f"/volume/v3/{project}/volumes", {"volume": body})["volume"][
            "id"
        ]
        made.volumes += 1
        if index % 2 == 0:
            attach.append((server_id, volume))
    _settle(door)
    for server_id, volume in attach:
        if _status(door, token, server_id) == "ACTIVE":
            path = f"{COMPUTE}/servers/{server_id}/os-volume_attachments"
            _post(door, token, path, {"volumeAttachment": {"volumeId": volume}})
    _settle(door)
    for server_id in _part(ids[1:], FLOATING_OF_A_HUNDRED):
        _floating(door, token, server_id, made)


def _floating(door: Door, token: str, server_id: str, made: Inhabitants) -> None:
    """Give a server a floating IP, where there is an external network with room."""
    outside = _ids(door, token, f"{NETWORK}/networks?router:external=True", "networks")
    ports = _get(door, token, f"{NETWORK}/ports?device_id={server_id}")["ports"]
    if "public" not in outside or not ports:
        return
    body = {"floating_network_id": outside["public"], "port_id": ports[0]["id"]}
    _post(door, token, f"{NETWORK}/floatingips", {"floatingip": body})
    made.floating_ips += 1


def _change_states(door: Door, token: str, admin: str, ids: list[str]) -> None:
    """Bring some of the servers out of being active, spread evenly over all."""
    active = [each for each in ids if _status(door, token, each) == "ACTIVE"]
    place = 0
    for of_a_hundred, action in ACTIONS:
        for _ in range(len(active) * of_a_hundred // 100):
            who = admin if "os-resetState" in action else token
            path = f"{COMPUTE}/servers/{active[place]}/action"
            _post(door, who, path, action, OpenStack_API_Version="compute 2.73")
            place += 1


def _part(ids: list[str], of_a_hundred: int) -> list[str]:
    """So many of a hundred ids, evenly spread."""
    return [each for index, each in enumerate(ids) if index * of_a_hundred % 100 < of_a_hundred]


def _login(door: Door, user: str, project: str) -> str:
    domain = {"id": "default"}
    password = {"user": {"name": user, "domain": domain, "password": PASSWORD}}
    identity = {"methods": ["password"], "password": password}
    scope = {"project": {"name": project, "domain": domain}}
    body = {"auth": {"identity": identity, "scope": scope}}
    headers, _ = door("POST", "/identity/v3/auth/tokens", body)
    return headers["x-subject-token"]


def _get(door: Door, token: str, path: str) -> Any:
    return door("GET", path, X_Auth_Token=token)[1]


def _post(door: Door, token: str, path: str, body: Any, **headers: str) -> Any:
    return door("POST", path, body, X_Auth_Token=token, **headers)[1]


def _ids(door: Door, token: str, path: str, key: str) -> dict[str, str]:
    return {each["name"]: each["id"] for each in _get(door, token, path)[key]}


def _status(door: Door, token: str, server_id: str) -> str:
    status: str = _get(door, token, f"{COMPUTE}/servers/{server_id}")["server"]["status"]
    return status


def _settle(door: Door) -> None:
    """Let everything come to its end, by the cloud's own clock."""
    door("POST", "/_emulator/clock/settle")


def _public_key(fake: Faker) -> dict[str, str]:
    """An ssh public key that nobody has the private one of."""
    kind = b"ssh-ed25519"
    octets = bytes(fake.random_int(0, 255) for _ in range(32))
    content = b"".join(len(part).to_bytes(4, "big") + part for part in (kind, octets))
    return {"public_key": f"{kind.decode()} {base64.b64encode(content).decode()} {fake.email()}"}

"""Makes a cloud look lived in: projects with people, networks, volumes and servers in all states.

Everything goes through the API, so that it is what clients could have made; names come from Faker.
The same seed in a new cloud makes the same inhabitants.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.access import DOMAIN_ID, PASSWORD
from emulator.errors import UsageError
from emulator.seeding.doors import Door

if TYPE_CHECKING:
    from faker import Faker

Tell = Callable[[int, int], None]
"""tell(done, total): how many servers are made."""

IDENTITY = "/identity/v3"
COMPUTE = "/compute/v2.1"
NETWORK = "/networking/v2.0"
VERSION = {"OpenStack_API_Version": "compute 2.79"}  # which every release speaks
ROLES = ("web", "api", "db", "cache", "worker", "queue", "ci", "monitor", "proxy", "batch")
ENVIRONMENTS = ("production", "staging", "development")
FLAVORS = ("m1.nano", "m1.micro", "m1.tiny", "cirros256", "ds512M", "ds1G")
OPEN_PORTS = {"web": (80, 443), "ssh": (22,), "db": (5432,)}  # security group → TCP ports
# Of a hundred servers, so many are brought into another state by an action; the rest stay active.
ACTIONS: tuple[tuple[int, Mapping[str, Any]], ...] = (
    (12, {"os-stop": None}),
    (3, {"pause": None}),
    (3, {"suspend": None}),
    (3, {"shelve": None}),
    (2, {"rescue": None}),
    (3, {"lock": {"locked_reason": "under investigation"}}),
    (2, {"resize": {"flavorRef": "3"}}),
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


class Visitor(NamedTuple):
    """Somebody with a token at the door."""

    door: Door
    token: str
    project_id: str

    def get(self, path: str) -> Any:
        """Return the body of a GET."""
        return self.door("GET", path, X_Auth_Token=self.token)[1]

    def put(self, path: str, body: Any = None) -> None:
        """Send a PUT."""
        self.door("PUT", path, body, X_Auth_Token=self.token)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        """Return the body that answers a POST."""
        return self.door("POST", path, body, X_Auth_Token=self.token, **headers)[1]

    def ids(self, path: str, key: str) -> dict[str, str]:
        """Return a list as names to ids."""
        return {each["name"]: each["id"] for each in self.get(path)[key]}

    def settle(self) -> None:
        """Let everything come to its end, by the cloud's own clock."""
        self.door("POST", "/_emulator/clock/settle")


def fill(
    door: Door, *, servers: int, projects: int, seed: int, tell: Tell | None = None
) -> Inhabitants:
    """Make so many servers in so many new projects. UsageError when the cloud refuses something."""
    if servers < 0 or projects < 1:
        raise UsageError("a cloud is filled with at least 1 project and no less than 0 servers")
    from faker import Faker

    fake = Faker()
    fake.seed_instance(seed)
    made = Inhabitants()
    admin = _login(door, "admin", "admin")
    for index in range(projects):
        share = servers // projects + (index < servers % projects)
        member = _member(admin, fake, made)
        network = _network(member, fake, index)
        _security_groups(member, fake)
        ids = []
        for server in _servers(member, fake, network, share):
            ids.append(server)
            made.servers += 1
            if tell is not None:
                tell(made.servers, servers)
        member.settle()
        active = [each for each in ids if _status(member, each) == "ACTIVE"]
        _volumes(member, fake, active, made)
        _floating_ips(member, active, made)
        _change_states(member, admin, active)
        member.settle()
    return made


def _login(door: Door, user: str, project: str) -> Visitor:
    domain = {"id": DOMAIN_ID}
    password = {"user": {"name": user, "domain": domain, "password": PASSWORD}}
    identity = {"methods": ["password"], "password": password}
    scope = {"project": {"name": project, "domain": domain}}
    body = {"auth": {"identity": identity, "scope": scope}}
    headers, answer = door("POST", f"{IDENTITY}/auth/tokens", body)
    return Visitor(door, headers["x-subject-token"], answer["token"]["project"]["id"])


def _member(admin: Visitor, fake: Faker, made: Inhabitants) -> Visitor:
    """Make a project without quotas and somebody to work in it."""
    company, user = fake.unique.company(), fake.unique.user_name()
    name = company.lower().replace(",", "").replace(" ", "-").replace(".", "")
    body = {"name": name, "domain_id": DOMAIN_ID, "description": company}
    project = admin.post(f"{IDENTITY}/projects", {"project": body})["project"]["id"]
    person = {"name": user, "domain_id": DOMAIN_ID, "password": PASSWORD, "email": fake.email()}
    user_id = admin.post(f"{IDENTITY}/users", {"user": person})["user"]["id"]
    role = admin.ids(f"{IDENTITY}/roles", "roles")["member"]
    admin.put(f"{IDENTITY}/projects/{project}/users/{user_id}/roles/{role}")
    quota = {"instances": -1, "cores": -1, "ram": -1}
    admin.put(f"{COMPUTE}/os-quota-sets/{project}", {"quota_set": quota})
    admin.put(f"{NETWORK}/quotas/{project}", {"quota": {"port": -1, "floatingip": -1}})
    quota = {"volumes": -1, "gigabytes": -1}
    admin.put(f"/volume/v3/{admin.project_id}/os-quota-sets/{project}", {"quota_set": quota})
    made.projects.append({"name": name, "user": user, "password": PASSWORD})
    return _login(admin.door, user, name)


def _network(member: Visitor, fake: Faker, index: int) -> str:
    """Make a network with a way out; return its id."""
    name = f"{fake.color_name().lower()}-net"
    body = {"network": {"name": name}}
    network: str = member.post(f"{NETWORK}/networks", body)["network"]["id"]
    subnet = {
        "name": f"{name}-v4",
        "network_id": network,
        "ip_version": 4,
        "cidr": f"10.{64 + index % 128}.0.0/16",
    }
    subnet_id = member.post(f"{NETWORK}/subnets", {"subnet": subnet})["subnet"]["id"]
    router: dict[str, Any] = {"name": f"{name}-router"}
    outside = _outside(member)
    if outside is not None:
        router["external_gateway_info"] = {"network_id": outside}
    router_id = member.post(f"{NETWORK}/routers", {"router": router})["router"]["id"]
    member.put(f"{NETWORK}/routers/{router_id}/add_router_interface", {"subnet_id": subnet_id})
    return network


def _outside(member: Visitor) -> str | None:
    """The external network, if there is one."""
    found = member.ids(f"{NETWORK}/networks?router:external=True", "networks")
    return next(iter(found.values()), None)


def _security_groups(member: Visitor, fake: Faker) -> None:
    for name, ports in OPEN_PORTS.items():
        body = {"security_group": {"name": name, "description": fake.bs()}}
        group = member.post(f"{NETWORK}/security-groups", body)["security_group"]["id"]
        for port in ports:
            rule = {"security_group_id": group, "direction": "ingress", "protocol": "tcp"}
            rule |= {"port_range_min": port, "port_range_max": port}
            member.post(f"{NETWORK}/security-group-rules", {"security_group_rule": rule})


def _servers(member: Visitor, fake: Faker, network: str, count: int) -> Iterator[str]:
    """Make servers on one network; yield their ids."""
    key = {"name": f"{fake.word()}-laptop", "public_key": _public_key(fake)}
    member.post(f"{COMPUTE}/os-keypairs", {"keypair": key})
    flavors = member.ids(f"{COMPUTE}/flavors", "flavors")
    small = [each for each in FLAVORS if each in flavors] or list(flavors)
    images = member.get("/image/v2/images")["images"]
    image = min(images, key=lambda each: (each["min_disk"], each["min_ram"]))["id"]
    for number in range(count):
        role = fake.random_element(ROLES)
        server = {
            "name": f"{role}-{fake.domain_word()}-{number + 1:02d}",
            "flavorRef": flavors[fake.random_element(small)],
            "imageRef": image,
            "networks": [{"uuid": network}],
            "key_name": key["name"],
            "metadata": {"environment": fake.random_element(ENVIRONMENTS), "owner": fake.name()},
            "tags": [role],
            "description": fake.catch_phrase(),
        }
        answer = member.post(f"{COMPUTE}/servers", {"server": server}, **VERSION)
        yield answer["server"]["id"]


def _status(member: Visitor, server_id: str) -> str:
    status: str = member.get(f"{COMPUTE}/servers/{server_id}")["server"]["status"]
    return status


def _volumes(member: Visitor, fake: Faker, servers: list[str], made: Inhabitants) -> None:
    """Make volumes, every second of them attached to a server."""
    volumes = f"/volume/v3/{member.project_id}/volumes"
    attach = []
    for index, server in enumerate(_part(servers, VOLUMES_OF_A_HUNDRED)):
        body = {"name": f"data-{fake.word()}-{index + 1:02d}", "size": fake.random_int(1, 50)}
        volume = member.post(volumes, {"volume": body})["volume"]["id"]
        made.volumes += 1
        if index % 2 == 0:
            attach.append((server, volume))
    member.settle()
    for server, volume in attach:
        body = {"volumeAttachment": {"volumeId": volume}}
        member.post(f"{COMPUTE}/servers/{server}/os-volume_attachments", body)
    member.settle()


def _floating_ips(member: Visitor, servers: list[str], made: Inhabitants) -> None:
    """Make some servers reachable from outside, where there is an outside."""
    outside = _outside(member)
    for server in _part(servers, FLOATING_OF_A_HUNDRED) if outside is not None else ():
        port = member.get(f"{NETWORK}/ports?device_id={server}")["ports"][0]["id"]
        body = {"floating_network_id": outside, "port_id": port}
        member.post(f"{NETWORK}/floatingips", {"floatingip": body})
        made.floating_ips += 1


def _change_states(member: Visitor, admin: Visitor, servers: list[str]) -> None:
    """Bring some of the servers out of being active."""
    left = iter(servers)
    for of_a_hundred, action in ACTIONS:
        for _ in range(len(servers) * of_a_hundred // 100):
            who = admin if "os-resetState" in action else member
            who.post(f"{COMPUTE}/servers/{next(left)}/action", action, **VERSION)


def _part(servers: list[str], of_a_hundred: int) -> list[str]:
    """So many of a hundred servers, evenly spread."""
    return [each for index, each in enumerate(servers) if index * of_a_hundred % 100 < of_a_hundred]


def _public_key(fake: Faker) -> str:
    """An ssh public key that nobody has the private one of."""
    kind, octets = b"ssh-ed25519", bytes(fake.random_int(0, 255) for _ in range(32))
    content = b"".join(len(part).to_bytes(4, "big") + part for part in (kind, octets))
    return f"{kind.decode()} {base64.b64encode(content).decode()} {fake.email()}"

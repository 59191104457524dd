"""Nonsense of every kind, sent to every operation of every service.

Each row of the tables of contents is asked with bodies that are nearly right (drawn from its
schema,
or from what a GET of the same place shows), with one thing in them that is not; with odd paths,
queries and headers; by an admin, a member and nobody. Whatever is sent: it is never a 500, and what
is refused has changed nothing. `ODD_ROUNDS=200` asks far more often, with another seed each time.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from random import Random  # noqa: TID251 - the seed is below
from typing import Any
from urllib.parse import quote

import pytest

from emulator.services import SERVICES
from emulator.wire.operation import Operation
from emulator.wire.service import Service
from emulator.wire.versioned import Version

ROUNDS = int(os.environ.get("ODD_ROUNDS", "3"))
NOT_EMULATED, UNAVAILABLE = 501, 503  # what a 5xx may be: the real services say the second, too
WHO = ("admin", "admin", "demo", "demo", "nobody")
DEEP = "[" * 5000 + "]" * 5000

SMALL_GARBAGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**40, 1.5, 1e308, "", " ", "x", "\0",
    "a\0b", "\ud800", "é漢\U0001f600", "-1", "0", "1e5", "nan", "%", "%s", "'; --", "\n", "../../x",
    "name", "None", "true", "2026-13-45T00:00:00Z", "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00",
    "10.0.0.0/33", "10.0.0.0/8", "::/0", "::1", "1.2.3.4", "256.1.1.1", "fa:16:3e:00:00", "default",
    "00000000-0000-0000-0000-000000000000", [], {}, [None], [[]], [{}], {"": None},
    {"a": {"a": []}},
    [1, "a"], {"x\0": "y"}, [""], ["\ud800"],
)  # fmt: skip
LARGE_GARBAGE: tuple[Any, ...] = (
    "x" * 255, "x" * 256, "x" * 70_000, "9" * 5000, ["x"] * 10_000, list(range(10_000)),
    [{}] * 10_000, {str(n): n for n in range(5_000)},
)  # fmt: skip
RAW_BODIES: tuple[bytes, ...] = (
    b"", b"{", b"null", b"[]", b"{}", b'"x"', b"1", b"\xff\xfe", b'{"a": "\xff"}', b'{"a": NaN}',
    b'{"a": "\\ud800"}', b'{"\\ud800": 1}', b'{"a": 1, "a": 2}', DEEP.encode(), b"\0" * 10,
    b'{"a":' * 3000 + b"1" + b"}" * 3000, b'{"a":' * 3000 + b"9" * 30 + b"}" * 3000,
    b'{"\\ud800": 99999999999999999999999}', b"1" * 5000, b"x" * 200_000, b"\xef\xbb\xbf{}",
    b"-----BEGIN", b"a=b&c=d", b"<xml/>",
)  # fmt: skip
PATHS = (
    "x", "-1", "0", "%00", "a%00b", "%ff", "%ed%a0%80", "%f0%9f%98%80", "x" * 300, "x" * 9000, "..",
    "%2e%2e%2f", "detail", "None", "%25s", "9" * 40, "00000000-0000-0000-0000-000000000000", "*",
)  # fmt: skip
NAMES = (
    "limit", "marker", "sort", "sort_key", "sort_dir", "sort_keys", "sort_dirs", "fields", "name",
    "all_tenants", "changes-since", "changes-before", "page_reverse", "offset", "id", "status",
    "tags",
    "not-tags", "project_id", "ip", "host", "metadata", "created_at", "size_min", "name__contains",
    "fixed_ips", "with_count", "resources", "member_of", "required", "group_policy", "in_tree",
    "reserved", "detailed", "usage", "flavor", "image", "visibility", "updated_at", "\0", "[",
    "a[b]",
)  # fmt: skip
VALUES = (
    "", "0", "-1", "1", "abc", "9" * 30, "%00", "%ff", "%ed%a0%80", "%F0%9F%98%80", "a:b", "in:",
    "gt:", "gt:x", "asc", "desc", "id:asc", "x,y,z", "{}", "%7B%27a%27%3A1%7D", "subnet_id=x",
    "(", "%5B", "*", "'", "%25", "2026-01-01T00:00:00", "2026-99-99", "x" * 5000, "True", "VCPU:1",
    "VCPU:99999999999999999999", "VCPU", "!x", "in:a,b", "!in:a", ",".join(["x"] * 2000), "1.5",
)  # fmt: skip
HEADERS: tuple[Mapping[str, str], ...] = (
    {}, {}, {}, {}, {},
    {"OpenStack-API-Version": "compute 9.9"}, {"OpenStack-API-Version": "compute latest"},
    {"OpenStack-API-Version": "\0"}, {"OpenStack-API-Version": "volume 3.0, compute 2.1, x"},
    {"OpenStack-API-Version": "placement 1." + "9" * 50}, {"OpenStack-API-Version": "volume 3.99"},
    {"OpenStack-API-Version": "placement 1.0"}, {"OpenStack-API-Version": "compute 2.٣"},
    {"X-OpenStack-Nova-API-Version": "2.x"}, {"X-Subject-Token": "x"}, {"X-Subject-Token": "é"},
    {"X-Auth-Token": "\udcff"}, {"X-Auth-Token": "gAAAA" + "x" * 5000}, {"X-Service-Token": "é"},
    {"Content-Type": "text/plain"}, {"Content-Type": ""},
    {"Content-Type": "application/json;charset=x"},
    {"Content-Type": "application/octet-stream"}, {"Accept": "text/html"}, {"Accept": ";;q=x"},
    {"Content-Type": "application/openstack-images-v2.1-json-patch"},
    {"Range": "bytes=5-1"}, {"Range": "bytes=-0"}, {"Range": "x" * 999},
    {"If-Match": "revision_number=x"},
    {"If-Match": "revision_number=" + "9" * 40}, {"Content-Range": "bytes 0-/x"},
    {"Authorization": "OAuth oauth_nonce=\"é"}, {"Authorization": "Basic \udcff"},
    {"Accept-Language": "x;q=z"}, {"X-OpenStack-Request-ID": "req-" + "x" * 36},
    {"X-Image-Meta-Store": "\0"}, {"Requested-Project-Id": "x"}, {"Host": "\0"},
)  # fmt: skip
HALF_A_PAIR = b'{"qos_specs": {"name": "n", "\\ud800": 99999999999999999999999}}'
SCRATCH = {"cloud_state", "compute_rate_buckets"}  # counters, and how often somebody asked


class Asking:
    """A cloud with one of everything, and a memory of what was logged."""

    def __init__(self, api: Any, seed: int, logged: list[logging.LogRecord]) -> None:
        self.api = api
        self.random = Random(seed)
        self.logged = logged
        self.beginning = api.cloud.snapshot()
        self.places = places(api.cloud.database)
        self.everything = sorted({id for ids in self.places.values() for id in ids})
        self.shown: dict[tuple[str, str], Any] = {}
        self.asked = 0

    def ask(self, service: Service, row: Operation, action: Operation | None) -> None:
        """One request that is odd in one way or several."""
        dice = self.random
        version = self.version(service)
        path = self.path(service, row)
        data = self.body(service, action or row, row, path, version)
        headers = dict(dice.choice(HEADERS))
        if version and dice.random() < 0.9:
            header = "volume" if service.name == "volume" else service.name
            headers.setdefault("OpenStack-API-Version", f"{header} {version[0]}.{version[1]}")
        if data is not None:
            headers.setdefault("Content-Type", "application/json")
        if dice.random() < (0.5 if row.method == "GET" else 0.1):
            path += "?" + self.query(row, version)
        who = dice.choice(WHO)
        self.send(row.method, path, who, headers, data)

    def send(
        self, method: str, path: str, who: str, headers: dict[str, str], data: bytes | None
    ) -> None:
        database = self.api.cloud.database
        changes = database.connection.total_changes
        before = None
        if method not in ("GET", "HEAD"):
            before = self.beginning
        answer = self.api(method, path, who=who, headers=headers, data=data)
        self.asked += 1
        told = f"{method} {path[:300]} as {who} {headers}: {(data or b'')[:400]!r}"[:1500]
        if answer.status >= 500 or self.logged:
            assert answer.status in (NOT_EMULATED, UNAVAILABLE), (
                f"{told}\n→ {answer.status} {answer.content[:500]!r}\n"
                + "\n".join(map(logging.Formatter().format, self.logged))
            )
            assert not self.logged
        if database.connection.total_changes == changes:
            return
        if answer.status >= 300 and before is not None:
            changed = difference(before, database)
            assert not changed, f"{told}\n→ {answer.status} {answer.content[:300]!r}: {changed}"
        self.api.cloud.restore(self.beginning)

    def version(self, service: Service) -> Version | None:
        if not service.history:
            return None
        if self.random.random() < 0.6:
            return service.history[-1].version
        return self.random.choice(service.history).version

    def path(self, service: Service, row: Operation) -> str:
        """A path of the row, whose ids are of what there is, or of something else, or nonsense."""
        prefix = self.random.choice(service.prefixes)
        written = service.mount + prefix
        before = ""
        for segment in row.path.split("/")[1:]:
            if not segment.startswith("{"):
                written += "/" + segment
                before = segment
                continue
            known = self.places.get(before.replace("os-", "").replace("-", "_"), ())
            lot = self.random.random()
            if known and lot < 0.75:
                chosen = quote(self.random.choice(known), safe="")
            elif lot < 0.85 or not known:
                chosen = quote(self.random.choice(self.everything), safe="")
            else:
                chosen = self.random.choice(PATHS)
            written += "/" + chosen
        project = self.places["projects"][0]
        return re.sub(r"{\w+}", project, written)

    def query(self, row: Operation, version: Version | None) -> str:
        names = list(NAMES)
        if row.query is not None:
            names += [each.name for each in row.query.parameters] * 3
        pairs = []
        for _ in range(self.random.choice((1, 1, 2, 3))):
            value = self.random.choice((*VALUES, quote(self.random.choice(self.everything))))
            pairs.append(f"{quote(self.random.choice(names))}={value}")
        return "&".join(pairs)

    def body(
        self, service: Service, row: Operation, place: Operation, path: str, version: Version | None
    ) -> bytes | None:
        """A body that is nearly right, or raw nonsense."""
        dice = self.random
        if row.method in ("GET", "HEAD", "DELETE") and row.body is None and dice.random() < 0.9:
            return None
        if row.upload or dice.random() < 0.12:
            return dice.choice(RAW_BODIES)
        if row.body is not None and dice.random() < 0.8:
            value = self.sample(row.body.at(version or (0, 0)), 0)
            if row.action is not None and not (isinstance(value, dict) and row.action in value):
                value = {row.action: value}
        elif row.action is not None:
            value = {row.action: self.garbage()}
        else:
            value = self.like_what_is_shown(place, path)
        for _ in range(dice.choice((0, 1, 1, 1, 2))):
            value = self.spoilt(value)
        return json.dumps(value).encode()

    def like_what_is_shown(self, row: Operation, path: str) -> Any:
        """What a GET of the same place shows; of a list, one thing in it."""
        place = path.partition("?")[0]
        if (row.path, place) not in self.shown:
            database = self.api.cloud.database
            changes = database.connection.total_changes
            answer = self.api.get(place, who="admin")
            self.logged.clear()
            is_json = answer.headers.get("content-type", "").startswith("application/json")
            document = answer.json if answer.status == 200 and is_json else {}
            if database.connection.total_changes != changes:
                self.api.cloud.restore(self.beginning)
            self.shown[row.path, place] = document
        document = self.shown[row.path, place]
        if not isinstance(document, dict) or len(document) == 0:
            return {"x": {}}
        for key, value in document.items():
            if isinstance(value, list) and value and row.method == "POST":
                thing = json.loads(json.dumps(value[0]))
                if isinstance(thing, dict) and self.random.random() < 0.8:
                    for name in ("id", "status", "created_at", "updated_at", "revision_number"):
                        thing.pop(name, None)
                return {key.removesuffix("s"): thing} if "images" not in path else thing
        return json.loads(json.dumps(document))

    def sample(self, schema: Any, depth: int) -> Any:
        """Something that a schema nearly allows."""
        dice = self.random
        if not isinstance(schema, dict) or depth > 6:
            return self.garbage()
        if schema.get("enum"):
            return dice.choice(schema["enum"])
        for key in ("oneOf", "anyOf", "allOf"):
            if schema.get(key):
                return self.sample(dice.choice(schema[key]), depth + 1)
        return self.sample_of_type(schema, depth)

    def sample_of_type(self, schema: Any, depth: int) -> Any:
        dice = self.random
        kinds = schema.get("type", ())
        kind = kinds if isinstance(kinds, str) else dice.choice(list(kinds) or ["string"])
        if kind == "object" or "properties" in schema:
            required = schema.get("required", ())
            keep = dice.random()
            return {
                name: self.sample(each, depth + 1)
                for name, each in schema.get("properties", {}).items()
                if name in required or dice.random() < keep
            }
        if kind == "array":
            items = schema.get("items", {})
            return [self.sample(items, depth + 1) for _ in range(dice.choice((0, 1, 1, 2)))]
        if kind in ("integer", "number"):
            return dice.choice((schema.get("minimum", 0), 1, schema.get("maximum", 2)))
        if kind == "string":
            choices = ("x", "1", dice.choice(self.everything), "10.0.0.5", "2030-01-01T00:00:00Z")
            return dice.choice(choices)
        return dice.choice((True, False)) if kind == "boolean" else None

    def spoilt(self, value: Any) -> Any:
        """The same with one thing in it that is not right."""
        dice = self.random
        inside = list(_leaves(value))
        lot = dice.random()
        if not inside or lot < 0.05:
            return self.garbage()
        where, key = dice.choice(inside)
        if lot < 0.15:
            if isinstance(where, dict):
                where[dice.choice(("unknown", "", "\0", "\ud800", "x" * 300))] = self.garbage()
            else:
                where.append(self.garbage())
        elif lot < 0.22:
            del where[key]
        else:
            where[key] = self.garbage()
        return value

    def garbage(self) -> Any:
        lot = self.random.random()
        if lot < 0.04:
            return deepcopy(self.random.choice(LARGE_GARBAGE))
        if lot < 0.2:
            return self.random.choice(self.everything)
        return deepcopy(self.random.choice(SMALL_GARBAGE))


def _leaves(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON value, as what it is in and its key there."""
    pairs: Any = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        pairs = enumerate(value[:20])
    for key, each in list(pairs):
        yield value, key
        yield from _leaves(each)


def places(database: Any) -> dict[str, list[str]]:
    """Ids by the word that comes before them in a path: {"servers": […]}."""
    found: dict[str, list[str]] = {}
    tables = database.all("SELECT name FROM sqlite_master WHERE type = 'table'")
    for table in (row["name"] for row in tables):
        word = table.partition("_")[2]
        columns = {row["name"] for row in database.all(f"PRAGMA table_info({table})")}
        for column in ("uuid", "flavorid", "id", "name"):
            if column in columns and (column != "id" or "uuid" not in columns):
                rows = database.all(f"SELECT {column} AS id FROM {table} LIMIT 12")
                found.setdefault(word, []).extend(str(row["id"]) for row in rows if row["id"])
    found["resource_providers"] += found.get("providers", [])
    for word, other in (("types", "volume_types"), ("keypairs", "os-keypairs")):
        found[other] = found.get(word, [])
    return {word: ids for word, ids in found.items() if ids}


def difference(before: bytes, database: Any) -> dict[str, Any]:
    """The tables that are not as they were, with rows that are new or gone."""
    import sqlite3

    was = sqlite3.connect(":memory:")
    was.deserialize(before)
    changed = {}
    tables = [row[0] for row in was.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in set(tables) - SCRATCH:
        old = [tuple(row) for row in was.execute(f"SELECT * FROM {table}")]
        new = [tuple(row) for row in database.all(f"SELECT * FROM {table}")]
        if old != new:
            changed[table] = (set(old) ^ set(new)) or "order"
    was.close()
    return changed


def furnish(api: Any) -> None:
    """Make one of the things that the sample cloud has none of."""
    net, vol, nova = "/networking/v2.0", "/volume/v3", "/compute/v2.1"
    demo, made = {"who": "demo"}, []

    def make(path: str, body: Any, **options: Any) -> Any:
        answer = api.post(path, body, **options)
        assert answer.status in (200, 201, 202), f"{path}: {answer.text}"
        api.cloud.settle()
        made.append(answer)
        document = answer.json
        return next(iter(document.values())) if isinstance(document, dict) else document

    network = api.get(f"{net}/networks?name=private").json["networks"][0]["id"]
    public = api.get(f"{net}/networks?name=public").json["networks"][0]["id"]
    image = api.get("/image/v2/images").json["images"][0]["id"]
    server = {"name": "s", "imageRef": image, "flavorRef": "1", "networks": [{"uuid": network}]}
    for _ in range(2):
        server_id = make(f"{nova}/servers", {"server": server}, **demo)["id"]
    group = {"name": "g", "policy": "anti-affinity"}
    make(f"{nova}/os-server-groups", {"server_group": group}, version="compute 2.90", **demo)
    make(f"{nova}/os-keypairs", {"keypair": {"name": "k"}}, **demo)
    make(f"{nova}/os-aggregates", {"aggregate": {"name": "a", "availability_zone": "z"}})
    volume = make(f"{vol}/volumes", {"volume": {"size": 1}}, **demo)["id"]
    make(f"{vol}/snapshots", {"snapshot": {"volume_id": volume}}, **demo)
    make(f"{vol}/backups", {"backup": {"volume_id": volume, "name": "b"}}, **demo)
    attached = make(f"{vol}/volumes", {"volume": {"size": 1}}, **demo)["id"]
    attachment = {"volumeAttachment": {"volumeId": attached}}
    make(f"{nova}/servers/{server_id}/os-volume_attachments", attachment, **demo)
    make(f"{vol}/qos-specs", {"qos_specs": {"name": "q"}})
    make(f"{vol}/types", {"volume_type": {"name": "t"}})
    make(f"{vol}/group_types", {"group_type": {"name": "t"}}, version="volume 3.70")
    make(
        f"{vol}/volume-transfers",
        {"transfer": {"volume_id": volume}},
        version="volume 3.70",
        **demo,
    )
    router = make(f"{net}/routers", {"router": {"external_gateway_info": {"network_id": public}}})
    assert router
    port = make(f"{net}/ports", {"port": {"network_id": network}}, **demo)["id"]
    make(f"{net}/floatingips", {"floatingip": {"floating_network_id": public}}, **demo)
    make(f"{net}/trunks", {"trunk": {"port_id": port}}, **demo)
    make(f"{net}/subnetpools", {"subnetpool": {"name": "p", "prefixes": ["10.9.0.0/16"]}}, **demo)
    make(f"{net}/address-scopes", {"address_scope": {"name": "a", "ip_version": 4}}, **demo)
    make(f"{net}/address-groups", {"address_group": {"name": "a", "addresses": []}}, **demo)
    policy = make(f"{net}/qos/policies", {"policy": {"name": "p"}})["id"]
    make(
        f"{net}/qos/policies/{policy}/bandwidth_limit_rules",
        {"bandwidth_limit_rule": {"max_kbps": 9}},
    )
    make(f"{net}/metering/metering-labels", {"metering_label": {"name": "l"}})
    make(
        "/image/v2/images", {"name": "q", "disk_format": "raw", "container_format": "bare"}, **demo
    )
    make("/image/v2/metadefs/namespaces", {"namespace": "n"})
    make("/identity/v3/groups", {"group": {"name": "g"}})
    make("/identity/v3/credentials", {"credential": {"type": "x", "blob": "y", "user_id": "u"}})
    make("/identity/v3/regions", {"region": {"id": "r"}})
    make("/identity/v3/policies", {"policy": {"type": "t", "blob": "b"}})


@pytest.fixture
def logged() -> Iterator[list[logging.LogRecord]]:
    """What the emulator logs as an error."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = records.append  # type: ignore[method-assign]
    log = logging.getLogger("emulator")
    log.addHandler(handler)
    yield records
    log.removeHandler(handler)


@pytest.mark.parametrize(
    "service",
    [each for each in SERVICES if each.name != "control"],
    ids=lambda service: service.name,
)
def test_nonsense(
    service: Service, open_cloud: Callable[..., Any], logged: list[logging.LogRecord]
) -> None:
    api = open_cloud(who=["admin", "demo"], clock="manual")
    furnish(api)
    for seed in range(ROUNDS):
        asking = Asking(api, seed, logged)
        for row in service.operations:
            asking.ask(service, row, None)
            for action in (each for rows in (row.actions or {}).values() for each in rows):
                asking.ask(service, row, action)


def test_what_was_too_odd_once(api: Any, logged: list[logging.LogRecord]) -> None:
    agents = api.get("/networking/v2.0/agents").json["agents"]
    for agent in agents:
        where = f"/networking/v2.0/agents/{agent['id']}"
        for served in ("l3-routers", "dhcp-networks"):
            assert api.get(f"{where}/{served}").status == 200

    network = api.get("/networking/v2.0/networks?name=private").json["networks"][0]["id"]
    shared = {"object_type": "network", "object_id": network, "action": "access_as_shared"}
    policy = {"rbac_policy": {**shared, "target_tenant": network}}
    made = api.post("/networking/v2.0/rbac-policies", policy)
    assert made.status == 201, made.text
    policy_id = made.json["rbac_policy"]["id"]
    headers = {"If-Match": "revision_number=7"}
    where = f"/networking/v2.0/rbac-policies/{policy_id}"
    assert api.delete(where, headers=headers).status == 204

    for odd in (HALF_A_PAIR, b'{"a":' * 3000 + b"9" * 30):
        headers = {"Content-Type": "application/json"}
        assert api.post("/volume/v3/qos-specs", data=odd, headers=headers).status == 400
    group = {"group": {"name": "g", "more": 10**40}}
    assert api.post("/identity/v3/groups", group).status == 201
    assert not logged

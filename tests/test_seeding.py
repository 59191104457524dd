"""Fixtures: how they are found, joined and refused."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from emulator.cloud import Cloud
from emulator.errors import Conflict, UsageError
from emulator.seeding import available, doors, fixtures, inhabitants, load
from emulator.yamlfiles import Names, Section, prepare, read


@pytest.fixture
def sections(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Loaders of the test's own in place of the services': name → load(ctx, section, names)."""
    loaders: dict[str, Any] = {}

    def module(name: str) -> Any:
        own = loaders.get(name.split(".")[1], lambda ctx, section, names: None)
        return SimpleNamespace(load=own)

    monkeypatch.setattr(fixtures.importlib, "import_module", module)
    return loaders


@pytest.fixture
def empty_cloud() -> Any:
    cloud = Cloud(fixture="")
    yield cloud
    cloud.close()


def refusal(cloud: Cloud, file: Path, text: str) -> str:
    file.write_text(text)
    with pytest.raises(UsageError) as refused:
        load(cloud, str(file))
    return str(refused.value).removeprefix(f"{file}:")


def read_names(ctx: Any, section: Section, names: Names) -> None:
    for user in section["users"]:
        assert isinstance(user["name"], str)
        if user.get("project"):
            names["project", user["project"]]


def test_the_fixtures_of_the_repository_are_found_by_name() -> None:
    assert {"devstack", "oracle"} <= set(available())
    assert fixtures.find("devstack").name == "devstack.yaml"


def test_beside_the_usual_fixture_stands_what_it_says() -> None:
    file = fixtures.find("devstack")
    write = "Path('fixtures/devstack.json').write_bytes(prepare('fixtures/devstack.yaml'))"
    assert file.with_suffix(".json").read_bytes() == prepare(file), f"it has changed: {write}"


def test_what_stands_beside_a_file_is_as_good_as_the_file(tmp_path: Path) -> None:
    text = fixtures.find("devstack").read_text()
    plain, prepared = tmp_path / "plain.yaml", tmp_path / "prepared.yaml"
    for file in (plain, prepared):
        file.write_text(text)
    prepared.with_suffix(".json").write_bytes(prepare(prepared))
    assert told(read(plain)) == told(read(prepared))


@pytest.mark.parametrize("beside", [b"", b"[]", b'{"of": "another text", "tree": {}}'])
def test_what_is_of_another_text_does_not_count(tmp_path: Path, beside: bytes) -> None:
    file = tmp_path / "cloud.yaml"
    file.write_text("name: new")
    file.with_suffix(".json").write_bytes(beside)
    assert read(file) == {"name": "new"}


def test_a_cloud_of_the_usual_fixture_needs_no_yaml() -> None:
    code = "import sys; from emulator.cloud import Cloud; Cloud(); print('yaml' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


def told(value: Any) -> Any:
    """What a section says, and where each of its keys stands."""
    if isinstance(value, list):
        return [told(each) for each in value]
    if not isinstance(value, Section):
        return value
    places = {key: place.partition(":")[2] for key, place in value.places.items()}
    return places, {key: told(each) for key, each in dict.items(value)}


@pytest.mark.parametrize("name", available())
def test_every_fixture_makes_a_cloud(name: str) -> None:
    Cloud(fixture=name).close()


def test_sections_are_made_in_the_order_of_the_layers(
    sections: dict[str, Any], empty_cloud: Cloud, tmp_path: Path
) -> None:
    order = []
    for name in ("compute", "identity", "network"):
        sections[name] = lambda ctx, section, names: order.append(ctx.service.name)
    (tmp_path / "x.yaml").write_text("compute: {}\nnetwork: {}\nidentity: {}\n")
    load(empty_cloud, str(tmp_path / "x.yaml"))
    assert order == ["identity", "network", "compute"]


def test_what_a_fixture_made_is_remembered_by_name(
    sections: dict[str, Any], empty_cloud: Cloud, tmp_path: Path
) -> None:
    sections["identity"] = lambda ctx, section, names: names.update({("user", "ann"): "1"})
    (tmp_path / "x.yaml").write_text("identity: {}\n")
    load(empty_cloud, str(tmp_path / "x.yaml"))
    assert empty_cloud.names["user", "ann"] == "1"
    with pytest.raises(UsageError, match="there is no user named 'bob'"):
        empty_cloud.names["user", "bob"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("identity:\n  users:\n  - {}\n", "3: identity.users[0]: the key 'name' is missing"),
        ("identity:\n  user: 1\n", "1: identity: the key 'users' is missing"),
        (
            "identity:\n  users:\n  - name: ann\n    projekt: x\n",
            "4: identity.users[0].projekt: 'projekt' is not a key that is known here (beside name)",
        ),
        (
            "identity:\n  users:\n  - name: ann\n    project: x\n",
            "4: identity.users[0].project: there is no project named 'x' (there are: none)",
        ),
        ("identity:\n  users: 5\n", "2: identity.users: cannot be used: "),
        ("identity: 5\n", "1: identity: a section is a mapping of names to values"),
        ("identities: {}\n", "1: identities: is not a section; sections are identity, "),
        ("identity:\n  users: []\n  users: []\n", "3: identity.users stands here twice"),
        ("extends: nothing\n", "1: extends: there is no fixture 'nothing': give a path, or one of"),
        ("extends: 5\n", "1: extends: takes the name or path of a fixture"),
        ("identity: [\n", "2: did not find expected node content"),
    ],
)
def test_a_mistake_is_named_by_file_line_and_key(
    sections: dict[str, Any], empty_cloud: Cloud, tmp_path: Path, text: str, sentence: str
) -> None:
    sections["identity"] = read_names
    assert refusal(empty_cloud, tmp_path / "x.yaml", text).startswith(sentence)


def test_what_a_service_refuses_is_a_mistake_in_the_file(
    sections: dict[str, Any], empty_cloud: Cloud, tmp_path: Path
) -> None:
    def refuse(ctx: Any, section: Section, names: Names) -> None:
        raise Conflict(f"{section['name']} is taken")

    sections["image"] = refuse
    text = "image:\n  name: cirros\n"
    assert refusal(empty_cloud, tmp_path / "x.yaml", text) == "2: image.name: cirros is taken"


def test_an_extending_fixture_replaces_keys_of_a_section(tmp_path: Path) -> None:
    (tmp_path / "below.yaml").write_text("compute: {hosts: [a, b], flavors: [f]}\nimage: {x: 1}\n")
    above = tmp_path / "above.yaml"
    above.write_text(f"extends: {tmp_path}/below.yaml\ncompute:\n  hosts: [c]\n")
    document = fixtures.compose(str(above), [])
    assert document["compute"]["flavors"] == ["f"]
    assert document["compute"]["hosts"] == ["c"]
    assert document.trail.place == f"{above}:3: compute.hosts"
    assert document["image"]["x"] == 1
    assert document.trail.place == f"{tmp_path}/below.yaml:2: image.x"


def test_a_fixture_that_changed_is_read_again(tmp_path: Path) -> None:
    def names() -> set[str]:
        with Cloud(fixture=str(tmp_path / "above.yaml")) as cloud:
            return {name for kind, name in cloud.names if kind == "domain"}

    below, above = tmp_path / "below.yaml", tmp_path / "above.yaml"
    below.write_text("identity: {domains: [{name: one}]}\n")
    above.write_text(f"extends: {below}\n")
    assert names() >= {"one"}
    below.write_text("identity: {domains: [{name: three}]}\n")
    assert names() >= {"three"}
    assert "one" not in names()
    above.write_text("identity: {domains: [{name: four}]}\n")
    assert names() >= {"four"}
    above.unlink()
    with pytest.raises(UsageError, match="there is no such fixture file"):
        names()


def test_an_unchanged_fixture_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("identity: {domains: [{name: one}]}\n")
    Cloud(fixture=str(file)).close()
    monkeypatch.setattr(fixtures, "read", None)
    Cloud(fixture=str(file)).close()


def test_fixtures_cannot_extend_one_another_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(f"extends: {tmp_path}/x.yaml\n")
    with pytest.raises(UsageError, match="in a circle"):
        fixtures.compose(str(tmp_path / "x.yaml"), [])


def test_a_mapping_taken_as_a_whole_needs_no_reading_key_by_key(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("image:\n  properties: {os_type: linux, hw: 1}\n  name: x\n")
    section = read(file)["image"]
    assert (section["name"], dict(section["properties"])["hw"]) == ("x", 1)
    section.refuse_unread()


def test_inhabitants_are_of_all_kinds(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        "extends: devstack\ninhabitants: {servers: 120, projects: 2}\n"
    )
    cloud = Cloud(fixture=str(tmp_path / "x.yaml"))
    admin = inhabitants._login(doors.through_cloud(cloud), "admin", "admin")
    servers = admin.get("/compute/v2.1/servers/detail?all_tenants=1")["servers"]
    cloud.close()
    assert len({server["tenant_id"] for server in servers}) == 2
    assert Counter(server["status"] for server in servers) == {
        "ACTIVE": 94, "SHUTOFF": 14, "PAUSED": 2, "SUSPENDED": 2, "SHELVED_OFFLOADED": 2,
        "RESCUE": 2, "VERIFY_RESIZE": 2, "ERROR": 2,
    }  # fmt: skip
    assert len({server["name"] for server in servers}) == 120
    addresses = [
        each for server in servers for found in server["addresses"].values() for each in found
    ]
    assert sum(each["OS-EXT-IPS:type"] == "floating" for each in addresses) == 10
    attached = [server for server in servers if server["os-extended-volumes:volumes_attached"]]
    assert len(attached) == 18


def test_the_same_seed_makes_the_same_inhabitants() -> None:
    names = []
    for seed in (1, 1, 2):
        cloud = Cloud()
        made = inhabitants.fill(doors.through_cloud(cloud), servers=3, projects=1, seed=seed)
        admin = inhabitants._login(doors.through_cloud(cloud), "admin", "admin")
        servers = admin.get("/compute/v2.1/servers?all_tenants=1")["servers"]
        names.append((made.projects, [(server["name"], server["id"]) for server in servers]))
        cloud.close()
    assert names[0] == names[1]
    assert names[0] != names[2]


def test_a_wrong_number_of_inhabitants_is_a_mistake_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    for text, sentence in (
        ("inhabitants: {servers: 5}", "1: inhabitants: the key 'projects' is missing"),
        (
            "inhabitants: {servers: -5, projects: 1}",
            "1: inhabitants.projects: a cloud is filled with",
        ),
        ("inhabitants: {servers: few, projects: 1}", "1: inhabitants.projects: cannot be used: "),
        ("inhabitants: 5", "1: inhabitants: cannot be used: "),
    ):
        assert refusal(Cloud(fixture=""), file, text).startswith(sentence)

"""The `placement:` section of a fixture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.errors import UsageError

FIXTURE = """
extends: devstack
placement:
  resource_classes: [CUSTOM_NIC]
  traits: [CUSTOM_FAST]
  providers:
  - {name: rack, uuid: 11111111-1111-4111-8111-111111111111}
  - name: nic
    parent: rack
    inventories: {CUSTOM_NIC: 4, SRIOV_NET_VF: {total: 8, reserved: 1}}
    traits: [CUSTOM_FAST, HW_NIC_SRIOV]
    aggregates: [22222222-2222-4222-8222-222222222222]
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], str]:
    """Return a function that writes a fixture and returns its path."""

    def writing(text: str) -> str:
        (tmp_path / "cloud.yaml").write_text(text, encoding="utf-8")
        return str(tmp_path / "cloud.yaml")

    return writing


def test_providers_are_made_with_all_they_have(
    write: Callable[[str], str], open_cloud: Callable[..., Any]
) -> None:
    api = open_cloud(fixture=write(FIXTURE))
    uuid = api.cloud.names["provider", "nic"]
    path, version = f"/placement/resource_providers/{uuid}", "placement 1.39"
    shown = api.get(path, version=version).json
    assert shown["parent_provider_uuid"] == "11111111-1111-4111-8111-111111111111"
    held = api.get(f"{path}/inventories", version=version).json["inventories"]
    assert held["CUSTOM_NIC"]["total"] == 4
    assert held["SRIOV_NET_VF"]["reserved"] == 1
    traits = api.get(f"{path}/traits", version=version).json["traits"]
    assert traits == ["CUSTOM_FAST", "HW_NIC_SRIOV"]
    found = api.get(f"{path}/aggregates", version=version).json["aggregates"]
    assert found == ["22222222-2222-4222-8222-222222222222"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{name: a, inventories: {CUSTOM_NO: 1}}", "there is no resource class CUSTOM_NO"),
        ("{name: a, traits: [CUSTOM_NO]}", "there is no trait CUSTOM_NO"),
        ("{name: a, parent: b}", "there is no provider named 'b'"),
        ("{inventories: {VCPU: 1}}", "the key 'name' is missing"),
    ],
)
def test_a_mistake_is_named_with_its_place(
    write: Callable[[str], str], open_cloud: Callable[..., Any], line: str, problem: str
) -> None:
    path = write(f"extends: devstack\nplacement:\n  providers:\n  - {line}\n")
    with pytest.raises(UsageError, match=r"cloud\.yaml:4: .*" + problem):
        open_cloud(fixture=path)

"""Servers of a fixture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.errors import UsageError

FIXTURE = """
extends: devstack
compute:
  servers:
  - {{name: web, project: demo, image: cirros-0.6.3-x86_64-disk, flavor: m1.tiny,
     networks: [private], metadata: {{role: front}}, tags: [blue], host: compute2}}
  - {{name: quiet, project: demo, image: cirros-0.6.3-x86_64-disk, flavor: m1.tiny,
     status: SHUTOFF}}
  - {{name: bad, project: demo, image: cirros-0.6.3-x86_64-disk, flavor: m1.tiny, status: {status}}}
"""


def test_a_fixture_has_servers_in_given_states(
    open_cloud: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "cloud.yaml"
    file.write_text(FIXTURE.format(status="ERROR"))
    api = open_cloud(who=("demo",), fixture=str(file))
    servers = api.get(
        "/compute/v2.1/servers/detail?sort_key=display_name&sort_dir=desc",
        who="demo",
        version="compute 2.90",
    ).json["servers"]
    assert [(server["name"], server["status"]) for server in servers] == [
        ("web", "ACTIVE"),
        ("quiet", "SHUTOFF"),
        ("bad", "ERROR"),
    ]
    assert servers[0]["metadata"] == {"role": "front"}
    assert servers[0]["tags"] == ["blue"]
    assert list(servers[0]["addresses"]) == ["private"]
    assert servers[2]["fault"]["code"] == 500


def test_a_state_that_does_not_exist_is_named(
    open_cloud: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "cloud.yaml"
    file.write_text(FIXTURE.format(status="GREEN"))
    with pytest.raises(UsageError, match="status is none of ACTIVE"):
        open_cloud(who=("demo",), fixture=str(file))

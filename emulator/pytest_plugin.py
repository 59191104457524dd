"""pytest fixtures: `cloud` is a cloud of the test's own, `openstack` a connection to it.

    @pytest.mark.cloud(clock="manual", durations="typical")
    def test_a_server_becomes_active(cloud, openstack):
        server = openstack.create_server("vm", image=…, flavor="m1.tiny")
        cloud.settle()

The marker takes any setting of emulator.config.Settings. Nothing is imported before its use.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from openstack.connection import Connection

    from emulator.cloud import Cloud


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        "cloud(fixture=..., clock=..., durations=..., seed=..., **settings): "
        "the cloud that the fixture `cloud` gives (openstack-emulator)",
    )


@pytest.fixture
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """A fresh cloud for this test alone, served on loopback; operations take no time by default."""
    from emulator.cloud import Cloud
    from emulator.errors import UsageError

    settings: dict[str, Any] = {"durations": "instant"}
    for marker in reversed(list(request.node.iter_markers("cloud"))):
        if marker.args:
            raise pytest.UsageError("pytest.mark.cloud takes its settings by name")
        settings |= marker.kwargs
    try:
        own = Cloud(**settings)
    except (UsageError, TypeError) as problem:
        raise pytest.UsageError(f"pytest.mark.cloud: {problem}") from None
    with own:
        yield own


@pytest.fixture
def openstack(cloud: Cloud) -> Iterator[Connection]:
    """An openstack.connection.Connection as user demo; `cloud.connect("admin")` gives others."""
    connection = cloud.connect()
    yield connection
    connection.close()

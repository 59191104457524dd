"""Terraform with its unmodified provider: a day in the life.

The configuration is terraform/day.tf. The provider is built where Go is, as go.mod says; Terraform
itself must be installed. Where one is missing the test is skipped and says so.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.cloud import Cloud

SOURCES = Path(__file__).parent / "terraform"
PROVIDER = "github.com/terraform-provider-openstack/terraform-provider-openstack/v3"
SETTINGS = """
provider_installation {{
  dev_overrides {{ "terraform-provider-openstack/openstack" = {} }}
}}
"""
pytestmark = pytest.mark.filterwarnings("ignore:::openstack")


class Terraform:
    """Terraform in a folder of its own, with this provider, as a user of a cloud."""

    def __init__(self, folder: Path, provider: Path, environment: dict[str, str]) -> None:
        (folder / "provider").mkdir()
        (folder / "provider" / "terraform-provider-openstack").symlink_to(provider)
        (folder / "settings").write_text(SETTINGS.format(json.dumps(f"{folder}/provider")))
        (folder / "content").write_text("content")
        shutil.copy(SOURCES / "day.tf", folder)
        self.folder = folder
        self.environment = environment | {
            "CHECKPOINT_DISABLE": "1",  # else Terraform asks its makers for newer versions
            "TF_CLI_CONFIG_FILE": f"{folder}/settings",
            "TF_IN_AUTOMATION": "1",
            "TF_VAR_content": f"{folder}/content",
        }

    def __call__(self, *argv: str) -> str:
        """Return what a command of Terraform says; it must end with status 0."""
        done = subprocess.run(
            ["terraform", *argv],
            cwd=self.folder, env=self.environment,
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def give(self, **variables: str) -> None:
        """Give variables of the configuration other values, from here on."""
        self.environment |= {f"TF_VAR_{name}": value for name, value in variables.items()}

    def apply(self) -> Any:
        """Make the cloud as configured; return the outputs. Nothing is then left to be done."""
        self("apply", "-auto-approve", "-input=false", "-no-color")
        self.shows_no_drift()
        return json.loads(self("output", "-json", "made"))

    def shows_no_drift(self) -> None:
        """Check that plan, which ends with 2 where there is something to do, ends with 0."""
        self("plan", "-detailed-exitcode", "-input=false", "-no-color")


@pytest.fixture
def terraform(
    go_program: Callable[[Path, str], Path], environment: dict[str, str], tmp_path: Path
) -> Terraform:
    if shutil.which("terraform") is None:
        pytest.skip("Terraform is not installed")
    return Terraform(tmp_path, go_program(SOURCES, PROVIDER), environment)


def facts(cloud: Cloud, made: dict[str, str]) -> tuple[Any, ...]:
    """Return what the cloud itself says of the server and the volume."""
    with cloud.connect("demo") as openstack:
        server = openstack.compute.get_server(made["server"])
        volume = openstack.block_storage.get_volume(made["volume"])
    return server.name, server.status, server.flavor["original_name"], server.metadata, volume.size


# One test: two would build the provider twice where tests run side by side.
def test_a_day_in_the_life(terraform: Terraform, cloud: Cloud, census: Callable[[], Any]) -> None:
    before = census()
    made = terraform.apply()
    ids = {name: made.pop(name) for name in ("router", "server", "volume")}
    assert made == {
        "address": "10.9.0.11", "booted": "10.9.0.0", "device": "/dev/vdb", "image": "active",
        "key": "ssh-rsa", "power_state": "active",
    }  # fmt: skip
    new = {"state": "new", "new": "yes"}
    assert facts(cloud, ids) == ("vm-new", "ACTIVE", "m1.tiny", new, 1)

    # A resize, other metadata, a larger volume: the same server and volume.
    terraform.give(state="grown", flavor="m1.small", gigabytes="2")
    assert ids.items() <= terraform.apply().items()
    grown = {"state": "grown", "grown": "yes"}
    assert facts(cloud, ids) == ("vm-grown", "ACTIVE", "m1.small", grown, 2)

    # What is forgotten and imported is what it was.
    router = "openstack_networking_router_v2.own"
    terraform("state", "rm", router)
    terraform("import", "-input=false", "-no-color", router, ids["router"])
    terraform.shows_no_drift()

    terraform("destroy", "-auto-approve", "-input=false", "-no-color")
    assert census() == before

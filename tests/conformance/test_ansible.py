"""Ansible's collection openstack.cloud: a day in the life, as a playbook."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PLAYBOOK = Path(__file__).parent / "ansible" / "day.yaml"
pytestmark = pytest.mark.filterwarnings("ignore:::openstack")


def has_collection() -> bool:
    """Tell whether the collection is there; the package `ansible` has it (50 MB)."""
    found = importlib.util.find_spec("ansible_collections")
    folders = list(found.submodule_search_locations or ()) if found else []
    return any((Path(folder) / "openstack" / "cloud").is_dir() for folder in folders)


def suits_the_sdk() -> bool:
    """Tell whether the collection finds in the SDK what it looks for before all else."""
    asked = [sys.executable, "-c", "import openstack; openstack.version"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not has_collection(), reason="Ansible's openstack.cloud is not installed")
def test_a_day_in_the_life(
    environment: dict[str, str], tmp_path: Path, census: Callable[[], Any]
) -> None:
    if not suits_the_sdk():
        pytest.skip("this openstacksdk is too new for the openstack.cloud that is installed")
    before = census()
    (tmp_path / "content").write_text("content")
    settings = {
        "ANSIBLE_HOME": f"{tmp_path}/home",
        "ANSIBLE_LOCAL_TEMP": f"{tmp_path}/local",
        "ANSIBLE_REMOTE_TEMP": f"{tmp_path}/remote",
        "ANSIBLE_NOCOLOR": "1",
        "LC_ALL": "C.UTF-8",
    }
    more = {"content": f"{tmp_path}/content", "ansible_python_interpreter": sys.executable}
    argv = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,"]
    played = subprocess.run(
        [*argv, "-e", json.dumps(more), str(PLAYBOOK)],
        env=environment | settings,
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert played.returncode == 0, played.stdout + played.stderr
    assert census() == before

"""Gophercloud, on which Terraform's provider stands: a day in the life.

The program in gophercloud/ is built where Go is; elsewhere the test is skipped and says so.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SOURCES = Path(__file__).parent / "gophercloud"
pytestmark = pytest.mark.filterwarnings("ignore:::openstack")


# One test: two would build the program twice where tests run side by side.
def test_a_day_in_the_life(
    go_program: Callable[[Path, str], Path],
    environment: dict[str, str],
    census: Callable[[], Any],
) -> None:
    program = go_program(SOURCES, ".")

    def live(**others: str) -> subprocess.CompletedProcess[str]:
        # As Gophercloud reads it: one domain, for the user and for the project.
        who = environment | {"OS_DOMAIN_ID": "default"} | others
        return subprocess.run(
            [str(program)], env=who, capture_output=True, text=True, timeout=120, check=False
        )

    before = census()
    refused = live(OS_PASSWORD="wrong")
    assert refused.returncode == 1
    assert "got 401 instead" in refused.stderr
    lived = live()
    assert (lived.returncode, lived.stdout) == (0, "clean\n"), lived.stderr
    assert census() == before

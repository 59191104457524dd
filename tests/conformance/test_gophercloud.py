"""Gophercloud, on which Terraform's provider stands: a day in the life.

The program in gophercloud/ is built once and kept in the user's cache directory. That needs Go and,
the first time, the module proxy; without them the test is skipped and says so.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SOURCES = Path(__file__).parent / "gophercloud"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "openstack-emulator"
pytestmark = pytest.mark.filterwarnings("ignore:::openstack")


def run(argv: list[str], seconds: float, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv, capture_output=True, text=True, timeout=seconds, check=False, **options
    )


def kept_at() -> Path:
    """Return where the program made of these sources is kept."""
    sources = hashlib.sha256()
    for name in ("go.mod", "go.sum", "main.go"):
        sources.update((SOURCES / name).read_bytes())
    return CACHE / f"day-with-gophercloud-{sources.hexdigest()[:16]}"


@pytest.fixture(scope="module")
def program() -> Path:
    """The program, built where it is not in the cache yet."""
    kept = kept_at()
    if kept.exists():
        return kept
    go = shutil.which("go")
    if go is None:
        pytest.skip("Go is not installed")
    options = {"cwd": SOURCES, "env": os.environ | {"GOTOOLCHAIN": "local", "GOWORK": "off"}}
    try:
        fetched = run([go, "mod", "download"], 60, **options)
    except subprocess.TimeoutExpired:
        pytest.skip("the module proxy does not answer")
    if fetched.returncode:
        pytest.skip(f"Gophercloud cannot be fetched: {fetched.stderr.strip()}")
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        built = run([go, "build", "-mod=readonly", "-o", f"{folder}/day", "."], 600, **options)
        assert built.returncode == 0, built.stderr
        os.replace(f"{folder}/day", kept)
    return kept


# One test: two would build the program twice where tests run side by side.
def test_a_day_in_the_life(
    program: Path, environment: dict[str, str], census: Callable[[], Any]
) -> None:
    before = census()
    # As Gophercloud reads it: one domain, for the user and for the project.
    who = environment | {"OS_DOMAIN_ID": "default"}
    refused = run([str(program)], 120, env=who | {"OS_PASSWORD": "wrong"})
    assert refused.returncode == 1
    assert "got 401 instead" in refused.stderr
    lived = run([str(program)], 120, env=who)
    assert (lived.returncode, lived.stdout) == (0, "clean\n"), lived.stderr
    assert census() == before

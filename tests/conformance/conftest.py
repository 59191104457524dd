"""Unmodified clients against a cloud on loopback."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from emulator.cloud import Cloud

# The client's own entry point, in a process forked for each command: importing it takes a second,
# and it keeps what it found out about a cloud in its classes.
DRIVER = """
import contextlib, io, json, os, sys
from openstackclient import shell
import openstack.connection, openstackclient.compute.client, openstackclient.identity.v3
while line := sys.stdin.readline():
    asked = json.loads(line)
    if child := os.fork():
        os.waitpid(child, 0)
        continue
    os.environ.update(asked["env"])
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = shell.main(asked["argv"])
        except SystemExit as ended:
            status = ended.code
    answer = {"status": status, "out": out.getvalue(), "err": err.getvalue()}
    print(json.dumps(answer), flush=True)
    os._exit(0)
"""


def without_openstack() -> dict[str, str]:
    """Return this process's environment without what would lead a client to another cloud."""
    return {name: text for name, text in os.environ.items() if not name.startswith("OS_")}


class Cli:
    """The `openstack` command: cli("server list") → what it prints as JSON."""

    def __init__(self) -> None:
        cleared = without_openstack()
        self.env: dict[str, str] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-c", DRIVER],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=cleared,
        )  # fmt: skip

    def be(self, cloud: Cloud, user: str) -> None:
        """Act as a user of a cloud from here on."""
        self.env = cloud.env(user)

    def run(self, command: str | list[str], env: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return status, out and err of a command."""
        argv = command.split() if isinstance(command, str) else command
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"argv": argv, "env": dict(env or self.env)}) + "\n")
        process.stdin.flush()
        answer: dict[str, Any] = json.loads(process.stdout.readline())
        return answer

    def text(self, command: str | list[str]) -> str:
        """Return what a command prints; it must end well."""
        answer = self.run(command)
        assert not answer["status"], f"{command}: {answer['out']}{answer['err']}"
        out: str = answer["out"]
        return out

    def __call__(self, command: str) -> Any:
        """Return what a command prints with `-f json`."""
        return json.loads(self.text(f"{command} -f json"))

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture(scope="module")
def shell() -> Iterator[Cli]:
    pytest.importorskip("openstackclient", reason="python-openstackclient is not installed")
    client = Cli()
    yield client
    client.close()


@pytest.fixture
def cli(shell: Cli, cloud: Cloud) -> Cli:
    """The `openstack` command as user demo of this test's cloud."""
    shell.be(cloud, "demo")
    return shell


@pytest.fixture
def environment(cloud: Cloud) -> dict[str, str]:
    """The environment of a program that is user demo of this test's cloud."""
    return without_openstack() | cloud.env("demo")


CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "openstack-emulator"


def run(argv: list[str], seconds: float, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, whatever that is."""
    return subprocess.run(
        argv, capture_output=True, text=True, timeout=seconds, check=False, **options
    )


def build(folder: Path, package: str, kept: Path) -> None:
    """Build what a module of Go has, or skip the test where that cannot be."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("Go is not installed")
    options = {"cwd": folder, "env": os.environ | {"GOTOOLCHAIN": "local", "GOWORK": "off"}}
    try:
        fetched = run([go, "mod", "download"], 60, **options)
    except subprocess.TimeoutExpired:
        pytest.skip("the module proxy does not answer")
    if fetched.returncode:
        pytest.skip(f"what {folder.name} needs cannot be fetched: {fetched.stderr.strip()}")
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as new:
        built = run([go, "build", "-mod=readonly", "-o", f"{new}/built", package], 600, **options)
        assert built.returncode == 0, built.stderr
        os.replace(f"{new}/built", kept)


@pytest.fixture(scope="session")
def go_program() -> Callable[[Path, str], Path]:
    """go_program(folder, package) → the program, built once and kept in the user's cache.

    That needs Go and, the first time, the module proxy; without them the test is skipped.
    """

    def program(folder: Path, package: str) -> Path:
        sources = hashlib.sha256()
        for path in sorted([*folder.glob("go.*"), *folder.glob("*.go")]):
            sources.update(path.read_bytes())
        kept = CACHE / f"day-with-{folder.name}-{sources.hexdigest()[:16]}"
        if not kept.exists():
            build(folder, package, kept)
        return kept

    return program


# What a project can leave behind: whose list, service, path, key in the answer, what tells one.
LEFT_BEHIND = (
    ("admin", "compute", "/servers?all_tenants=1", "servers", "id"),
    ("demo", "compute", "/os-keypairs", "keypairs", "keypair"),
    ("demo", "compute", "/os-server-groups", "server_groups", "id"),
    ("admin", "block_storage", "/volumes?all_tenants=1", "volumes", "id"),
    ("admin", "block_storage", "/snapshots?all_tenants=1", "snapshots", "id"),
    ("admin", "block_storage", "/backups?all_tenants=1", "backups", "id"),
    ("admin", "block_storage", "/attachments?all_tenants=1", "attachments", "id"),
    ("demo", "image", "/images?limit=1000", "images", "id"),
    ("admin", "network", "/networks", "networks", "id"),
    ("admin", "network", "/subnets", "subnets", "id"),
    ("admin", "network", "/ports", "ports", "id"),
    ("admin", "network", "/routers", "routers", "id"),
    ("admin", "network", "/floatingips", "floatingips", "id"),
    ("demo", "network", "/security-groups", "security_groups", "id"),
    ("demo", "network", "/security-group-rules", "security_group_rules", "id"),
)
VERSIONS = {"block_storage": "volume 3.27", "placement": "placement 1.9"}


@pytest.fixture
def census(cloud: Cloud) -> Iterator[Callable[[], dict[str, Any]]]:
    """census() → what users made in the cloud, and what demo uses of quotas and of hosts.

    The same before and after a day in the life: the cloud is clean.
    """
    pytest.importorskip("openstack", reason="openstacksdk is not installed")
    users = {user: cloud.connect(user) for user in ("admin", "demo")}

    def ask(user: str, service: str, path: str) -> Any:
        version = VERSIONS.get(service)
        headers = {"OpenStack-API-Version": version} if version else {}
        answer = getattr(users[user], service).get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def counting() -> dict[str, Any]:
        cloud.settle()
        users["demo"].network.get("/security-groups")  # the first look makes the default group
        found: dict[str, Any] = {
            key: sorted(str(row[told_by]) for row in ask(user, service, path)[key])
            for user, service, path, key, told_by in LEFT_BEHIND
        }
        for service in ("compute", "block_storage"):
            limits = ask("demo", service, "/limits")["limits"]["absolute"]
            for name, number in limits.items():
                if name.startswith("total"):
                    found[f"{service} {name}"] = number
        project = users["demo"].current_project_id
        usages = ask("admin", "placement", f"/usages?project_id={project}")["usages"]
        return found | {name: number for name, number in usages.items() if number}

    yield counting
    for each in users.values():
        each.close()

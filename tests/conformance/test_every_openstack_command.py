"""Every sub-command of `openstack` for the five services, in stories that give it what it needs.

commands.yaml holds the stories: who acts, at which versions, in what cloud, and the command lines
in their order. `net = network create lan` keeps what the command prints as `net`; `$net.id` is its
id, `$net.0.Request_ID` what stands under "Request ID"; with `find`, what matches that is kept. A
command that a real cloud refuses too stands with the words of the refusal, and with the reason
where it can never succeed there. What is left out says why.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator.cloud import Cloud

FILE = yaml.safe_load((Path(__file__).parent / "commands.yaml").read_text())
STORIES: dict[str, dict[str, Any]] = FILE["stories"]
LEFT_OUT: dict[str, str] = FILE["left out"]
GROUPS = ("compute.v2", "identity.v3", "image.v2", "network.v2", "volume.v3", "common")
KEEPS = re.compile(r"(\w+) = (.*)")

# One shell that runs command after command with one sign-in, as `openstack < file` does.
DRIVER = """
import contextlib, io, json, os, sys
from openstackclient.shell import OpenStackShell
out, err = io.StringIO(), io.StringIO()
shell, lines, sys.stdin = None, sys.stdin, open(os.devnull)
sys.stdin.isatty = lambda: True  # nothing is piped in
while line := lines.readline():
    argv = json.loads(line)
    for each in (out, err):
        each.seek(0)
        each.truncate()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            if shell is None:
                shell = OpenStackShell()
                shell.stdout, shell.stderr = out, err
                status = shell.run(argv)
            else:
                status = shell.run_subcommand(argv)
        except SystemExit as ended:
            status = ended.code
    status = 0 if isinstance(status, tuple) else status  # what a command should have shown
    answer = {"status": status, "out": out.getvalue(), "err": err.getvalue()}
    print(json.dumps(answer), flush=True)
"""


def installed() -> set[str]:
    """Return the names of the sub-commands that the client brings, "server add port" and so on."""
    return {
        point.name.replace("_", " ")
        for group in GROUPS
        for point in entry_points(group=f"openstack.{group}")
    }


def line_of(step: str | dict[str, str]) -> tuple[str | None, str, dict[str, str]]:
    """Return the name that keeps the answer, the command line, and what else is said of it."""
    more = {"run": step} if isinstance(step, str) else step
    keeps = KEEPS.fullmatch(more["run"])
    return (keeps[1], keeps[2], more) if keeps else (None, more["run"], more)


def told() -> set[str]:
    """Return the installed sub-commands that a story runs."""
    known = installed()
    found = set()
    for story in STORIES.values():
        for step in story["commands"]:
            words = line_of(step)[1].split()
            heads = (" ".join(words[:length]) for length in range(len(words), 0, -1))
            found.add(next((head for head in heads if head in known), words[0]))
    return found & known


def filled(word: str, kept: dict[str, Any]) -> str:
    """Replace `$name` and `$name.key.0` by what is kept there."""

    def value(match: re.Match[str]) -> str:
        found: Any = kept
        for key in match[0][1:].split("."):
            if isinstance(found, list):
                found = found[int(key)]
            else:
                found = found[key if key in found else key.replace("_", " ")]
        return str(found)

    return re.sub(r"\$\w+(?:\.\w+)*", value, word)


def tell(story: dict[str, Any], environment: dict[str, str], kept: dict[str, Any]) -> list[str]:
    """Run the commands of a story in one shell; return what went otherwise than it says."""
    wrong = []
    shell = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", DRIVER],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        cwd=kept["dir"],
    )  # fmt: skip
    assert shell.stdin is not None
    assert shell.stdout is not None
    for step in story["commands"]:
        name, line, more = line_of(step)
        refused = more.get("refused")
        try:
            argv = [filled(word, kept) for word in shlex.split(line)]
        except LookupError as missing:
            wrong.append(f"{line}: {missing} was not kept")
            continue
        shell.stdin.write(json.dumps(argv + ["-f", "json"] * bool(name)) + "\n")
        shell.stdin.flush()
        answer = json.loads(shell.stdout.readline())
        said = answer["out"] + answer["err"]
        if bool(answer["status"]) != bool(refused) or (refused or "") not in said:
            wrong.append(f"{line}: {said}")
        elif name and "find" in more:
            found = re.search(more["find"], said)
            assert found, f"{line}: no {more['find']} in {said}"
            kept[name] = found[0]
        elif name:
            kept[name] = json.loads(answer["out"])
    shell.stdin.close()
    shell.wait(60)
    shell.stdout.close()
    return wrong


def in_its_cloud(story: str) -> Any:
    """Return a story as a parameter, marked with the settings of the cloud that it plays in."""
    settings = STORIES[story].get("cloud")
    return pytest.param(story, marks=[pytest.mark.cloud(**settings)] if settings else [])


@pytest.mark.parametrize("story", [in_its_cloud(story) for story in STORIES])
def test_a_story(story: str, cloud: Cloud, tmp_path: Path) -> None:
    pytest.importorskip("openstackclient", reason="python-openstackclient is not installed")
    for name, text in FILE["files"].items():
        (tmp_path / name).write_text(text)
    its = STORIES[story]
    if needed := its.get("needs"):
        pytest.importorskip(needed, reason=f"{needed} is not installed")
    cleared = {name: text for name, text in os.environ.items() if not name.startswith("OS_")}
    signed_in = cloud.env(its.get("as", "admin"))
    environment = cleared | signed_in | its.get("with", {})
    wrong = tell(its, environment, {"dir": str(tmp_path)})
    assert not wrong, "\n".join(wrong)


def test_every_command_is_told_or_left_out_for_a_reason() -> None:
    pytest.importorskip("openstackclient", reason="python-openstackclient is not installed")
    assert installed() - told() - set(LEFT_OUT) == set()
    assert set(LEFT_OUT) & told() == set()

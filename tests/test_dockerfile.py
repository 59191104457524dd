"""The Dockerfile says what the container must be; no engine is needed to read it."""

from __future__ import annotations

import ast
import json
import re
import shlex
from argparse import Namespace
from functools import cache
from pathlib import Path

from emulator.cli import build_parser

ROOT = Path(__file__).parents[1]
Stage = list[tuple[str, str]]


def parse(text: str) -> list[Stage]:
    """Return each stage's instructions as (NAME, rest of the line, continuations joined)."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    stages: list[Stage] = []
    for line in filter(str.strip, joined.splitlines()):
        name, rest = line.split(maxsplit=1)
        if name == "FROM":
            stages.append([])
        stages[-1].append((name, rest))
    return stages


@cache
def stages() -> list[Stage]:
    return parse((ROOT / "Dockerfile").read_text(encoding="utf-8"))


def last(name: str) -> str:
    """Return what the last instruction of that name in the final stage says."""
    return [rest for each, rest in stages()[-1] if each == name][-1]


def place(name: str, rest: str) -> int:
    return stages()[-1].index((name, rest))


def test_the_parser_joins_lines_and_leaves_comments() -> None:
    text = "FROM a\nRUN one \\\n# why\n    && two\n\nFROM b\nUSER 1"
    assert parse(text) == [[("FROM", "a"), ("RUN", "one && two")], [("FROM", "b"), ("USER", "1")]]


def test_the_final_image_is_slim_and_takes_only_what_was_built() -> None:
    assert last("FROM").endswith("-slim")
    assert [rest for name, rest in stages()[-1] if name in ("COPY", "ADD")] == [
        "--from=build /opt/emulator /opt/emulator"
    ]


def test_what_is_copied_exists_and_is_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    sources = [
        source for name, rest in stages()[0] if name == "COPY" for source in shlex.split(rest)[:-1]
    ]
    assert sources
    for source in sources:
        assert (ROOT / source).exists()
        assert {f"!{source}", f"!{source}/"} & set(ignored), f".dockerignore leaves {source} out"


def test_the_container_does_not_run_as_root() -> None:
    user, _, group = last("USER").partition(":")
    assert int(user) > 0
    assert int(group) > 0


def test_the_database_lies_in_a_volume_that_the_user_owns() -> None:
    database = Path(arguments().db)
    assert last("VOLUME") == str(database.parent)
    prepared = last("RUN")
    assert f"chown {last('USER')} {database.parent}" in prepared
    # An owner that is set after VOLUME is lost.
    assert place("RUN", prepared) < place("VOLUME", last("VOLUME"))


def test_the_command_is_one_that_the_command_line_takes() -> None:
    assert json.loads(last("ENTRYPOINT")) == ["openstack-emulator"]
    assert arguments().host == "0.0.0.0"
    assert str(arguments().port) == last("EXPOSE")


def test_the_health_check_asks_the_port_that_is_served() -> None:
    options, _, command = last("HEALTHCHECK").partition("CMD ")
    assert "--interval=" in options
    assert "--timeout=" in options
    python, flag, code = json.loads(command)
    assert (python, flag) == ("python", "-c")
    ast.parse(code)
    assert f"http://127.0.0.1:{arguments().port}/health" in code


def arguments() -> Namespace:
    return build_parser().parse_args(json.loads(last("CMD")))

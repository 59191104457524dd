"""The `openstack` commands that no cloud of this kind carries out, as the tests beside it say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

FILE = Path("conformance") / "commands.yaml"

INTRODUCTION = """\
## Commands of `openstack`

Every sub-command for the six services runs against the emulator in a story of
`tests/conformance/commands.yaml`. These do not get what they ask for, here as in a plain cloud.
"""


def section(tests: Path) -> str:
    """Return the part of the page about the command line client; nothing where no tests tell."""
    if not (tests / FILE).is_file():
        return ""
    lines = [INTRODUCTION, "| command | why |", "|---|---|"]
    lines += [f"| `{command}` | {why} |" for command, why in sorted(_refused(tests / FILE))]
    return "\n".join(lines) + "\n"


def _refused(file: Path) -> Iterator[tuple[str, str]]:
    import yaml

    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    yield from told["left out"].items()
    for story in told["stories"].values():
        for step in story["commands"]:
            if isinstance(step, dict) and "why" in step:
                yield _name(step["run"]), step["why"]


def _name(line: str) -> str:
    """The words of a command line that come before what it is given."""
    words = line.split()
    given = (at for at, word in enumerate(words) if not word.isalpha())
    return " ".join(words[: next(given, len(words))])

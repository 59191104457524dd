"""The command face of the control API: `openstack-emulator NOUN VERB VALUE… NAME=VALUE…`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from emulator.control import faces
from emulator.control.remote import RemoteCloud
from emulator.control.routes import WORDS
from emulator.control.words import MOUNT, Word, as_text
from emulator.errors import UsageError
from emulator.journal import entries
from emulator.yamlfiles import read

POWER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+")
NAME = re.compile(r"[a-z][a-z0-9_-]*")


def run(
    url: str,
    noun: str,
    verb: str | None,
    values: Sequence[str],
    *,
    file: str | None = None,
    token: str = "",
    as_json: bool = False,
) -> str | bytes | Iterator[str]:
    """Say a word to a running cloud; return what is to be printed. Without a verb: its verbs.

    Values are given as NAME=VALUE, or in the word's order. They are YAML, except where the word
    takes a text; where it takes what a file has, @FILE is that. `file` is a YAML file of named
    values. What comes bit by bit is lines to print as they come. UsageError when it cannot be done.
    """
    if verb is None:
        return "\n".join(_usage(each) for each in WORDS if each.noun == noun)
    word = faces.find(f"{noun} {verb}")
    by_place, named = _parsed(word, values)
    if file is not None:
        named = {**read(file), **named}
    answer = RemoteCloud(url, token=token).say(word.name, *by_place, **named)
    return "" if answer is None else _printed(answer, as_json=as_json)


def page() -> str:
    """Return every word as a row of a Markdown table: how it is said, its request, its meaning."""
    rows = []
    for each in WORDS:
        values = " ".join(name.upper() for name in each.parameters)
        request = f"{each.operation.method} {MOUNT}{each.operation.path}"
        rows.append(f"| `{f'{each.name} {values}'.strip()}` | `{request}` | {each.meaning} |")
    return "\n".join(rows) + "\n"


def _usage(word: Word) -> str:
    parameters = " ".join(f"[{name.upper()}]" for name in word.parameters)
    return f"{f'{word.name} {parameters}'.strip():<40} {word.meaning}"


def _parsed(word: Word, values: Sequence[str]) -> tuple[list[Any], dict[str, Any]]:
    """The values by place, and those by name."""
    names = list(word.parameters)
    by_place: list[Any] = []
    named: dict[str, Any] = {}
    for text in values:
        name, sign, value = text.partition("=")
        if sign and NAME.fullmatch(name):
            name = name.replace("-", "_")
            named[name] = _value(word, name, value)
        elif named:
            raise UsageError(f"{word.name}: {text!r} comes after values with a name")
        else:
            place = names[len(by_place)] if len(by_place) < len(names) else ""
            by_place.append(_value(word, place, text))
    return by_place, named


def _value(word: Word, name: str, text: str) -> Any:
    schema = word.parameters.get(name, {})
    if "contentEncoding" in schema and text.startswith("@"):
        return Path(text[1:])
    if schema.get("type", "any") == "string":
        return text
    import yaml

    if POWER.fullmatch(text):  # which YAML takes for a text
        return float(text)
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        raise UsageError(f"{word.name}: {name} is no YAML: {text!r}") from None


def _printed(answer: Any, *, as_json: bool) -> str | bytes | Iterator[str]:
    if isinstance(answer, Iterator):
        return (json.dumps(each) if as_json else entries.line(each) for each in answer)
    if isinstance(answer, bytes):
        return json.dumps(as_text(answer)) if as_json else answer
    if isinstance(answer, str) and not as_json:
        return answer  # a page
    if as_json:
        return json.dumps(answer, indent=2)
    import yaml

    return yaml.safe_dump(answer, sort_keys=False, allow_unicode=True).rstrip("\n")

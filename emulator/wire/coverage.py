"""The page of what is emulated and what proves it, computed from tables, tests and source."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from emulator.errors import NotEmulated, UsageError
from emulator.wire import commands
from emulator.wire.changes import operations_of
from emulator.wire.operation import Operation
from emulator.wire.proofs import Proofs, proven
from emulator.wire.service import Service
from emulator.wire.spans import spans
from emulator.wire.versioned import Span

WHY = {
    "A task of type {body['type']} made by hand": "It would export or clone an image to or "
    "from places that a cloud on one machine does not have.",
    "Replication of groups": "It takes a second back end that the first one copies to.",
    "Bare metal": "Ironic is not emulated, and Nova asks it.",
    "Attaching a share (Manila)": "Manila is not emulated, and a share is one of its directories.",
    "Building more than 10,000 servers by one request": "They all stand in one transaction; a "
    "project without a quota would otherwise fill the memory.",
}

INTRODUCTION = """\
# What is emulated, and what proves it

Made by `openstack-emulator operations --coverage` from the tables of the services and from the
tests beside them: do not edit it. What proves an operation is every test file below `tests/` that
asks for it. One without has no test of its own that says so in a way the command can read.

Where an operation is another from some version on (its body, query or answer by the tables of the
service, or a behaviour with a name), each span of versions stands by itself, with the files that
ask at a version within it. "other versions" are files that ask at versions the command cannot read.
"""


def page(services: Iterable[Service], tests: Path) -> str:
    """Return the whole page in Markdown. UsageError when there are no tests at `tests`."""
    if not (tests / "wire").is_dir():
        raise UsageError(f"{str(tests)!r} has no wire files: give the tests of a checkout")
    services = list(services)
    proofs = proven(services, tests)
    parts = [INTRODUCTION, _summary(services, proofs)]
    parts += [_table(service, proofs) for service in services]
    parts += [_missing(services), commands.section(tests)]
    return "\n".join(parts)


def _summary(services: Iterable[Service], proofs: Proofs) -> str:
    lines = [
        "| service | operations | with a test of their own | spans of versions | asked within |",
        "|---|---|---|---|---|",
    ]
    for service in services:
        parts = [
            each for _, _, spans_asked in _proven_rows(service, proofs) for each in spans_asked
        ]
        rows = list(operations_of(service))
        tested = sum(bool(proofs.get(id(row))) for row in rows)
        counts = (len(rows), tested, len(parts), sum(bool(files) for _, files in parts))
        lines.append(f"| {service.name} | {' | '.join(map(str, counts))} |")
    return "\n".join(lines) + "\n"


def _table(service: Service, proofs: Proofs) -> str:
    lines = [f"## {service.name.capitalize()}", ""]
    lines += ["| operation | versions | policy | proven by |", "|---|---|---|---|"]
    for row, same, parts in _proven_rows(service, proofs):
        policy = f"`{row.policy}`" if row.policy else "—"
        told = [f"as `{same.name}`"] if same else []
        if len(parts) == 1:
            told.append(", ".join(parts[0][1]) or "—")
        else:
            told += [f"{_short(held)}: {', '.join(files) or '—'}" for held, files in parts]
            unsaid = [file for file, at in proofs.get(id(row), {}).items() if at == {None}]
            told += [f"other versions: {', '.join(unsaid)}"] if unsaid else []
        lines.append(
            f"| `{row.name}` | {str(row.span) or 'all'} | {policy} | {'<br>'.join(told)} |"
        )
    return "\n".join(lines) + "\n"


def _proven_rows(
    service: Service, proofs: Proofs
) -> Iterator[tuple[Operation, Operation | None, list[tuple[Span, list[str]]]]]:
    """Yield each operation, the one it is another path of, and its spans with the files that ask.

    Another path of an operation that has several spans counts as one span.
    """
    first: dict[tuple[Any, ...], Operation] = {}
    for row in operations_of(service):
        what = (
            row.method,
            row.action,
            row.span.since,
            *map(id, (row.handler, row.body, row.query)),
        )
        same = first.setdefault(what, row)
        asked = proofs.get(id(row), {})
        if len(spans(service, row)) == 1 or same is not row:
            several = len(spans(service, row)) > 1
            yield row, same if several else None, [(row.span, list(asked))]
            continue
        parts = []
        for held in spans(service, row):
            within = [file for file, at in asked.items() if any(v and held.holds(v) for v in at)]
            parts.append((held, within))
        yield row, None, parts


def _short(held: Span) -> str:
    """A span as 2.19–2.25, or 2.19."""
    first, last = (f"{at[0]}.{at[1]}" for at in (held.since, held.until))
    return first if first == last else f"{first}–{last}"


# What is not there


def _missing(services: Iterable[Service]) -> str:
    """The table of what answers 501, from where the source says so."""
    lines = ["## Not emulated", "", "These answer 501 and say so.", ""]
    lines += ["| service | what | where | why |", "|---|---|---|---|"]
    package = Path(__file__).parents[1]
    for service in services:
        rows = list(operations_of(service))
        for file in sorted((package / service.name).rglob("*.py")):
            module = ".".join(file.relative_to(package.parent).with_suffix("").parts)
            for function, feature, why in _refusals(file):
                of_module = [row for row in rows if _name(row.handler)[0] == module]
                where = [row for row in of_module if _name(row.handler)[1] == function]
                names = ", ".join(f"`{row.name}`" for row in where or of_module)
                lines.append(f"| {service.name} | {feature} | {names} | {why} |")
    return "\n".join(lines) + "\n"


def _refusals(file: Path) -> Iterator[tuple[str, str, str]]:
    """Yield function, feature and the sentence that says why, for each refusal in a module."""
    source = file.read_text(encoding="utf-8")
    if NotEmulated.__name__ not in source:
        return
    tree = ast.parse(source)
    for function in (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)):
        for call in (each for each in ast.walk(function) if isinstance(each, ast.Call)):
            if isinstance(call.func, ast.Name) and call.func.id == NotEmulated.__name__:
                feature = ast.unparse(call.keywords[0].value).removeprefix("f").strip("'\"")
                said = ast.get_docstring(function) or ast.get_docstring(tree) or ""
                why = WHY.get(feature, " ".join(said.partition("\n\n")[0].split()))
                yield function.name, feature, why


def _name(handler: Any) -> tuple[str, str]:
    """Return the handler's module and name."""
    return getattr(handler, "__module__", ""), getattr(handler, "__name__", "")

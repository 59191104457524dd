"""The page of what is emulated and what proves it, computed from tables, tests and source.

A wire file proves an operation by asking for its method and path (for an action: with its body);
a Python test by a call with both, or, for an action, by a body with the action's name alone.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from emulator.errors import NotEmulated, UsageError
from emulator.wire.changes import operations_of
from emulator.wire.operation import Operation
from emulator.wire.service import Service
from emulator.wire.versioned import Version, parse_version

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
PLACE = "x"  # stands for a part of a path that is only known when the test runs
Proofs = Mapping[int, list[str]]
WHY = {
    "A task of type {body['type']} made by hand": "It would export or clone an image to or "
    "from places that a cloud on one machine does not have.",
    "Prefix delegation": "The prefix comes from a router of the provider by DHCPv6.",
    "A volume made with {part}": "Backups are restored into volumes, and groups took the place of "
    "consistency groups.",
    "Bare metal": "Ironic is not emulated, and Nova asks it.",
    "Attaching a share (Manila)": "Manila is not emulated, and a share is one of its directories.",
    "Making clouds from within a cloud that is not the default one": "Clouds stand side by side.",
}
Asked = tuple[str, str, Any, Version | None]

INTRODUCTION = """\
# What is emulated, and what proves it

Made by `openstack-emulator operations --coverage` from the tables of the services and from the
tests beside them: do not edit it. What proves an operation is every test file below `tests/` that
asks for it. One without has no test of its own that says so in a way the command can read.
"""


def page(services: Iterable[Service], tests: Path) -> str:
    """Return the whole page in Markdown. UsageError when there are no tests at `tests`."""
    if not (tests / "wire").is_dir():
        raise UsageError(f"{str(tests)!r} has no wire files: give the tests of a checkout")
    services = list(services)
    proofs = proven(services, tests)
    parts = [INTRODUCTION, _summary(services, proofs)]
    parts += [_table(service, proofs) for service in services]
    parts.append(_missing(services))
    return "\n".join(parts)


def _summary(services: Iterable[Service], proofs: Proofs) -> str:
    lines = ["| service | operations | with a test of their own |", "|---|---|---|"]
    for service in services:
        rows = list(operations_of(service))
        tested = sum(bool(proofs.get(id(row))) for row in rows)
        lines.append(f"| {service.name} | {len(rows)} | {tested} |")
    return "\n".join(lines) + "\n"


def _table(service: Service, proofs: Proofs) -> str:
    lines = [f"## {service.name.capitalize()}", ""]
    lines += ["| operation | versions | policy | proven by |", "|---|---|---|---|"]
    for row in operations_of(service):
        policy = f"`{row.policy}`" if row.policy else "—"
        proof = ", ".join(proofs.get(id(row), ())) or "—"
        lines.append(f"| `{row.name}` | {str(row.span) or 'all'} | {policy} | {proof} |")
    return "\n".join(lines) + "\n"


# What proves


def proven(services: Iterable[Service], tests: Path) -> Proofs:
    """Return the test files that ask for an operation, by the operation's identity."""
    mounted = {service.mount[1:]: service for service in services}
    found: dict[int, list[str]] = defaultdict(list)
    for file in sorted((*tests.rglob("*.yaml"), *tests.rglob("test_*.py"))):
        name = file.relative_to(tests).as_posix()
        asked = _asked_by_python(file) if file.suffix == ".py" else _asked_by_wire(file)
        rows = {id(row) for request in asked for row in _rows(mounted, *request)}
        if file.suffix == ".py":
            rows |= _named_actions(file, mounted.get("compute"))
        for row in rows:
            found[row].append(name)
    return found


def _rows(
    mounted: Mapping[str, Service], method: str, path: str, body: Any, version: Version | None
) -> Iterator[Operation]:
    """Yield the operations that a request is for; without a version, of every version."""
    mount, slash, rest = path.partition("?")[0].strip("/").partition("/")
    if mount not in mounted:
        return
    node, _ = mounted[mount].paths.find(slash + rest or "/")
    for row in node.methods.get(method, ()) if node is not None else ():
        chosen: Iterable[Operation] = (row,)
        if row.actions is not None:
            keys = list(body) if isinstance(body, dict) else []
            chosen = row.actions.get(keys[0], ()) if len(keys) == 1 else ()
        yield from (each for each in chosen if version is None or each.span.holds(version))


def _asked_by_wire(file: Path) -> Iterator[Asked]:
    """Yield the requests of a wire file."""
    import yaml

    for story in yaml.load_all(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
        for request in story.get("requests", ()) if isinstance(story, dict) else ():
            method = next((each for each in METHODS if each in request), None)
            if method is not None:
                stated = str(request.get("version", story.get("version", ""))).partition(" ")[2]
                version = parse_version(stated) if re.fullmatch(r"\d+\.\d+", stated) else None
                path = re.sub(r"\$(\{[^}]*\}|\w+)", PLACE, str(request[method]))
                yield method, path, request.get("body"), version


def _asked_by_python(file: Path) -> Iterator[Asked]:
    """Yield the requests of a test: get(path, …), or any call with a method and a path."""
    texts: dict[str, str] = {}
    shared = (folder / "conftest.py" for folder in reversed(file.parents[:3]))
    for each in (*(module for module in shared if module.exists()), file):
        tree = ast.parse(each.read_text(encoding="utf-8"))
        texts |= _constants(tree, texts)
    for call in (each for each in ast.walk(tree) if isinstance(each, ast.Call)):
        words = [_text(each, texts) for each in call.args[:2]]
        verb = call.func.attr.upper() if isinstance(call.func, ast.Attribute) else ""
        method, path = (verb, words[0]) if verb in METHODS and words else (*words, "", "")[:2]
        if method in METHODS and path:
            after = call.args[1 if verb in METHODS else 2 :]
            keys = after[0].keys if after and isinstance(after[0], ast.Dict) else []
            yield method, path, {_text(key, texts): None for key in keys if key}, None


def _constants(tree: ast.Module, texts: Mapping[str, str]) -> dict[str, str]:
    """The texts that a module gives names to; `texts` are those it may refer to."""
    found = dict(texts)
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            text = _text(statement.value, found)
            if text is not None:
                found[statement.targets[0].id] = text
    return found


def _text(node: ast.expr, texts: Mapping[str, str]) -> str | None:
    """The text of an expression, with PLACE for what is not known; None when it is none."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        return texts.get(node.id)
    if isinstance(node, ast.JoinedStr):
        parts = (
            each.value if isinstance(each, ast.FormattedValue) else each for each in node.values
        )
        return "".join(_text(each, texts) or PLACE for each in parts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left, texts), _text(node.right, texts)
        return None if left is None else left + (right or PLACE)
    return None


def _named_actions(file: Path, service: Service | None) -> set[int]:
    """Actions that stand in a Compute test as the one key of a body."""
    if service is None or f"/{service.name}/" not in file.as_posix():
        return set()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    bodies = (each for each in ast.walk(tree) if isinstance(each, ast.Dict) and len(each.keys) == 1)
    names = {_text(each.keys[0], {}) for each in bodies if each.keys[0] is not None}
    return {id(row) for row in operations_of(service) if row.action and row.action in names}


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
                where = [row for row in rows if _is(row.handler, module, function)]
                names = ", ".join(f"`{row.name}`" for row in where) or f"`{function}`"
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


def _is(handler: Any, module: str, function: str) -> bool:
    named = (getattr(handler, "__module__", ""), getattr(handler, "__name__", ""))
    return named == (module, function)

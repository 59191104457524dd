"""What the tests ask for, read from their text: operations, and the versions they ask at.

A wire file asks for a method and a path (for an action: with its body); a Python test by a call
with both, or, for an action, by a body with the action's name alone. Its version is what the call
says, or the default or the parameters of the test's own function where it says `version`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from emulator.wire.changes import operations_of
from emulator.wire.operation import Operation
from emulator.wire.service import Service
from emulator.wire.versioned import Version, parse_version

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
PLACE = "x"  # stands for a part of a path that is only known when the test runs
VERSION = "version"

Versions = set[Version | None]
"""The versions asked at; None stands for one that the text does not say."""

Proofs = Mapping[int, Mapping[str, Versions]]
"""The files that ask for an operation, by its identity, with the versions they ask at."""

Asked = tuple[str, str, Any, Versions]


def proven(services: Iterable[Service], tests: Path) -> Proofs:
    """Return the test files that ask for an operation, by the operation's identity."""
    mounted = {service.mount[1:]: service for service in services}
    found: dict[int, dict[str, Versions]] = {}
    for file in sorted((*tests.rglob("*.yaml"), *tests.rglob("test_*.py"))):
        name = file.relative_to(tests).as_posix()
        if file.suffix == ".py":
            test = _Test(file)
            asked = [*test.requests()]
            named = [*_named_actions(test, mounted.get("compute"))]
        else:
            asked, named = [*_asked_by_wire(file)], []
        named += [pair for request in asked for pair in _rows(mounted, *request)]
        for row, version in named:
            found.setdefault(id(row), {}).setdefault(name, set()).add(version)
    return found


def _rows(
    mounted: Mapping[str, Service], method: str, path: str, body: Any, versions: Versions
) -> Iterator[tuple[Operation, Version | None]]:
    """Yield the operations that a request is for, each with a version it is asked at."""
    mount, slash, rest = path.partition("?")[0].strip("/").partition("/")
    if mount not in mounted:
        return
    node, _ = mounted[mount].paths.find(slash + rest or "/")
    history = mounted[mount].history
    for row in node.methods.get(method, ()) if node is not None else ():
        chosen: Iterable[Operation] = (row,)
        if row.actions is not None:
            keys = list(body) if isinstance(body, dict) else []
            chosen = row.actions.get(keys[0], ()) if len(keys) == 1 else ()
        for each in chosen:
            for said in versions or ({history[0].version} if history else {None}):
                if said is None or each.span.holds(said):
                    yield each, said


def _version(text: Any) -> Version | None:
    """The version of "compute 2.90" or "2.90", None when there is none in it."""
    number = re.fullmatch(r"(?:\w+ )?(\d+\.\d+)", str(text))
    return parse_version(number[1]) if number else None


# Wire files


def _asked_by_wire(file: Path) -> Iterator[Asked]:
    """Yield the requests of a wire file."""
    import yaml

    for story in yaml.load_all(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
        for request in story.get("requests", ()) if isinstance(story, dict) else ():
            method = next((each for each in METHODS if each in request), None)
            if method is not None:
                stated = request.get(VERSION, story.get(VERSION))
                path = re.sub(r"\$(\{[^}]*\}|\w+)", PLACE, str(request[method]))
                versions: Versions = set() if stated is None else {_version(stated)}
                growth = [*request.get("growth", {}).values(), request.get("takes", {})]
                versions = {_version(each) for facts in growth for each in facts} or versions
                yield method, path, request.get("body"), versions


# Python


class _Test:
    """A module of tests: its calls, each with the function it stands in, and what names mean."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.texts: dict[str, str] = {}
        self.defaults: dict[str, str] = {}  # the version that a function asks at, unless told
        shared = [folder / "conftest.py" for folder in reversed(file.parents[:3])]
        for each in (*(module for module in shared if module.exists()), file):
            self.tree = ast.parse(each.read_text(encoding="utf-8"))
            self._learn()

    def _learn(self) -> None:
        for statement in self.tree.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                text = self.text(statement.value)
                if text is not None:
                    self.texts[statement.targets[0].id] = text
        for function in ast.walk(self.tree):
            if isinstance(function, ast.FunctionDef):
                for text in _defaults(function):
                    self.defaults[function.name] = text

    def calls(self) -> Iterator[tuple[ast.Call, ast.FunctionDef | None]]:
        """Yield every call with the outermost function around it."""
        for statement in self.tree.body:
            within = statement if isinstance(statement, ast.FunctionDef) else None
            for each in ast.walk(statement):
                if isinstance(each, ast.Call):
                    yield each, within

    def requests(self) -> Iterator[Asked]:
        """Yield the requests: get(path, …), or any call with a method and a path."""
        for call, within in self.calls():
            words = [self.text(each) for each in call.args[:2]]
            verb = call.func.attr.upper() if isinstance(call.func, ast.Attribute) else ""
            method, path = (verb, words[0]) if verb in METHODS and words else (*words, "", "")[:2]
            if method in METHODS and path:
                after = call.args[1 if verb in METHODS else 2 :]
                keys = after[0].keys if after and isinstance(after[0], ast.Dict) else []
                body = {self.text(key): None for key in keys if key}
                yield method, path, body, self.versions(call, within)

    def versions(self, call: ast.Call, within: ast.FunctionDef | None) -> Versions:
        """Return the versions that a call says, empty when it says none."""
        given = next((each.value for each in call.keywords if each.arg == VERSION), None)
        if given is None:
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if name in self.defaults:
                return {_version(self.defaults[name])}
            options = any(each.arg is None for each in call.keywords)  # **options may say one
            return {None} if options else set()
        if isinstance(given, ast.Name) and given.id not in self.texts:
            texts = [*_parameters(within), *_defaults(within)] if within else []
            return {_version(text) for text in texts} or {None}
        return {_version(self.text(given))}

    def text(self, node: ast.expr) -> str | None:
        """The text of an expression, with PLACE for what is not known; None when it is none."""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.Name):
            return self.texts.get(node.id)
        if isinstance(node, ast.JoinedStr):
            parts = (
                each.value if isinstance(each, ast.FormattedValue) else each for each in node.values
            )
            return "".join(self.text(each) or PLACE for each in parts)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.text(node.left), self.text(node.right)
            return None if left is None else left + (right or PLACE)
        return None


def _defaults(function: ast.FunctionDef) -> Iterator[str]:
    """Yield the version that a function's parameter of that name has by default."""
    spec = function.args
    last = spec.args[len(spec.args) - len(spec.defaults) :]
    pairs = [*zip(last, spec.defaults, strict=True)]
    for parameter, default in (*pairs, *zip(spec.kwonlyargs, spec.kw_defaults, strict=True)):
        if parameter.arg == VERSION and isinstance(default, ast.Constant) and default.value:
            yield str(default.value)


def _parameters(function: ast.FunctionDef) -> Iterator[str]:
    """Yield the versions with which pytest's parametrize calls a test."""
    for each in function.decorator_list:
        if isinstance(each, ast.Call) and "parametrize" in ast.unparse(each.func):
            try:
                names, rows = (ast.literal_eval(argument) for argument in each.args[:2])
            except ValueError:
                continue
            names = [name.strip() for name in names.split(",")] if isinstance(names, str) else names
            if VERSION in names:
                place = list(names).index(VERSION)
                yield from (str(row if len(names) == 1 else row[place]) for row in rows)


def _named_actions(
    test: _Test, service: Service | None
) -> Iterator[tuple[Operation, Version | None]]:
    """Yield actions that stand in a Compute test as the one key of a body."""
    if service is None or f"/{service.name}/" not in test.file.as_posix():
        return
    actions: dict[str | None, list[Operation]] = {}
    for row in operations_of(service):
        if row.action:
            actions.setdefault(row.action, []).append(row)
    said: set[int] = set()
    for call, within in test.calls():
        bodies = [each for each in call.args if isinstance(each, ast.Dict) and len(each.keys) == 1]
        for body in bodies:
            said.add(id(body))
            for row in actions.get(test.text(body.keys[0]) if body.keys[0] else None, ()):
                for version in test.versions(call, within) or {None}:
                    if version is None or row.span.holds(version):
                        yield row, version
    for each in ast.walk(test.tree):
        if isinstance(each, ast.Dict) and len(each.keys) == 1 and id(each) not in said:
            for row in actions.get(test.text(each.keys[0]) if each.keys[0] else None, ()):
                yield row, None

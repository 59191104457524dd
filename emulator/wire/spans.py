"""The spans of versions within which an operation stays as it is, computed from the tables.

What an operation depends on is found where it stands: the spans in its body and its query, in the
views that its handler renders, and the named behaviours that the handler asks for, itself or
through functions of its service that it calls.
"""

from __future__ import annotations

import dis
from collections.abc import Iterator
from functools import cache, partial
from types import CodeType, FunctionType, ModuleType
from typing import Any

from emulator.wire.operation import Operation
from emulator.wire.service import Service
from emulator.wire.versioned import NEWEST, Span, Version, View, spans_of


def spans(service: Service, row: Operation) -> list[Span]:
    """Return the spans of an operation, oldest first; a service without versions has one."""
    if not service.history:
        return [row.span]
    oldest = max(row.span.since, service.history[0].version)
    newest = min(row.span.until, service.history[-1].version)
    begins = sorted({oldest, *(each for each in _changes(row) if oldest < each <= newest)})
    ends = [_before(each) for each in begins[1:]] + [newest]
    return [Span(*ends_of) for ends_of in zip(begins, ends, strict=True)]


def _changes(row: Operation) -> Iterator[Version]:
    """Yield the versions from which on something of an operation is another."""
    tables: list[Any] = [row.body, row.query]
    for function in (row.handler, row.load.find if row.load else None):
        for found in _reached(function):
            if isinstance(found, View):
                tables.append(found)
            else:
                yield found.since
    for table in tables:
        for _, held in spans_of(table):
            yield held.since
            if held.until < NEWEST:
                yield (held.until[0], held.until[1] + 1)


def _before(version: Version) -> Version:
    return version[0], version[1] - 1


@cache
def _reached(function: Any) -> tuple[View | Span, ...]:
    """The views and named behaviours that a function uses, or one that it calls."""
    found: dict[int, View | Span] = {}
    todo, seen = [function], set()
    while todo:
        each = todo.pop()
        if isinstance(each, partial):
            todo += [each.func, *each.args]
        elif isinstance(each, View | Span):
            found[id(each)] = each
        elif isinstance(each, FunctionType) and id(each) not in seen:
            seen.add(id(each))
            package = ".".join(each.__module__.split(".")[:2])
            todo += [value for value in _named(each) if _is_of(value, package)]
    return tuple(found.values())


def _is_of(value: Any, package: str) -> bool:
    """Say whether a value is worth following: functions, only within one service."""
    if isinstance(value, FunctionType):
        return value.__module__.startswith(package)
    return isinstance(value, View | Span | partial)


def _named(function: FunctionType) -> Iterator[Any]:
    """Yield the values that a function refers to by a name, or by a module and a name."""
    for code in _codes(function.__code__):
        module: Any = None
        for step in dis.get_instructions(code):
            if step.opname == "LOAD_GLOBAL":
                value = function.__globals__.get(step.argval)
                module = value if isinstance(value, ModuleType) else None
                yield value
            elif module is not None and step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
                yield getattr(module, step.argval, None)
                module = None


def _codes(code: CodeType) -> Iterator[CodeType]:
    """The code of a function and of those defined inside it."""
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes(inner)

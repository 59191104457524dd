"""What a microversion changed, computed from a service's tables: no page of it is kept by hand."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.wire.operation import Operation
from emulator.wire.service import Service
from emulator.wire.versioned import Span, Version, View, changes_in, spans_of


def changes(service: Service, version: Version) -> list[str]:
    """Return the facts that begin or end at a version, a line each.

    "operations: + GET /servers/{server_id}/topology", "server view: + locked_reason",
    "POST /servers body: ~ networks" (another one from this version on), "behaviour: + flavor is
    embedded".
    """
    lines = [
        *_operations(service, version),
        *changes_in(version, tables_of(service)),
        *_behaviours(service, version),
    ]
    seen = set(lines)
    merged = []
    for line in lines:
        table, _, fact = line.partition(": ")
        sign, _, name = fact.partition(" ")
        other = f"{table}: {'-' if sign == '+' else '+'} {name}"
        merged.append(f"{table}: ~ {name}" if other in seen else line)
    return list(dict.fromkeys(merged))


def operations_of(service: Service) -> Iterator[Operation]:
    """Yield every operation of a service, the actions instead of the row that holds them."""
    for row in (*service.documents, *service.operations):
        if row.actions is None:
            yield row
        else:
            for rows in row.actions.values():
                yield from rows


def tables_of(service: Service) -> Mapping[str, Any]:
    """Return every view, body and query of a service under a name for people."""
    found: dict[str, Any] = {}
    for module, name, view in views_of(service):
        known = f"{name.lower().replace('_', ' ')} view"
        if known in found:
            known = f"{known} ({module.rpartition('.')[2]})"
        found[known] = view
    for row in operations_of(service):
        for kind, table in (("body", row.body), ("query", row.query)):
            if table is not None:
                found.setdefault(f"{row.name} {kind}", table)
                if found[f"{row.name} {kind}"] is not table:
                    found[f"{row.name} {kind} ({row.span.since[0]}.{row.span.since[1]})"] = table
    return found


def views_of(service: Service) -> Iterator[tuple[str, str, View]]:
    """Yield module, name and value of every view that a service's modules define."""
    package = f"emulator.{service.name}"
    seen: set[int] = set()
    for module_name in sorted(name for name in sys.modules if name.startswith(package)):
        for name, value in vars(sys.modules[module_name]).items():
            if isinstance(value, View) and id(value) not in seen:
                seen.add(id(value))
                yield module_name, name, value


def behaviours_of(service: Service) -> Mapping[str, Span]:
    """Return the named behaviours of a service, by their names for people."""
    module = sys.modules.get(f"emulator.{service.name}.versions")
    named = vars(module).items() if module is not None else ()
    return {
        name.lower().replace("_", " "): value for name, value in named if isinstance(value, Span)
    }


def facts_of(service: Service) -> Iterator[tuple[str, str, Span]]:
    """Yield where, what and when of everything in a service that depends on the version."""
    for row in operations_of(service):
        yield "operations", row.name, row.span
    for table, value in tables_of(service).items():
        for fact, held in spans_of(value):
            yield table, fact, held
    for name, held in behaviours_of(service).items():
        yield "behaviour", name, held


def _operations(service: Service, version: Version) -> list[str]:
    """The operations that come, go, or answer otherwise."""
    before = (version[0], version[1] - 1)
    lines = []
    for row in operations_of(service):
        if row.span.since == version:
            lines.append(f"operations: + {row.name}")
        elif row.span.until == before:
            lines.append(f"operations: - {row.name}")
    return lines


def _behaviours(service: Service, version: Version) -> list[str]:
    """The named behaviours that begin or end."""
    before = (version[0], version[1] - 1)
    lines = []
    for name, held in behaviours_of(service).items():
        if held.since == version:
            lines.append(f"behaviour: + {name}")
        elif held.until == before:
            lines.append(f"behaviour: - {name}")
    return lines

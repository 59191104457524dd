"""The version histories and the tables agree: what changed when is said once, beside the fact."""

from __future__ import annotations

import ast
from itertools import combinations
from pathlib import Path

import pytest

import emulator
from emulator.cli import main
from emulator.services import SERVICES
from emulator.wire.changes import changes, facts_of, tables_of
from emulator.wire.service import Service
from emulator.wire.versioned import NEWEST, OLDEST, Body, Object, Version, View

VERSIONED = [service for service in SERVICES if service.history]
PACKAGE = Path(emulator.__file__).parent

# Lines of a history that no table has: not emulated yet, or still to be marked. Each is to go.
NOT_YET = {"volume": {"3.24", "3.32", "3.36", "3.68", "3.71"}}


def text(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


@pytest.mark.parametrize("service", VERSIONED, ids=lambda service: service.name)
def test_a_fact_begins_and_ends_with_a_version_of_the_history(service: Service) -> None:
    known = {release.version for release in service.history}
    for table, fact, held in facts_of(service):
        after = (held.until[0], held.until[1] + 1)
        assert held.since == OLDEST or held.since in known, (table, fact, text(held.since))
        assert held.until == NEWEST or after in known, (table, fact, text(held.until))


@pytest.mark.parametrize("service", VERSIONED, ids=lambda service: service.name)
def test_a_version_changes_a_table_or_is_marked_as_behaviour(service: Service) -> None:
    unfounded = {
        text(release.version)
        for release in service.history[1:]
        if not release.behaviour and not changes(service, release.version)
    }
    assert unfounded <= NOT_YET.get(service.name, set())


@pytest.mark.parametrize("service", VERSIONED, ids=lambda service: service.name)
def test_no_two_facts_of_one_name_hold_at_once(service: Service) -> None:
    def groups(name: str, table: object) -> None:
        if isinstance(table, View):
            facts = table.fields
        elif isinstance(table, Object):
            facts = table.properties  # type: ignore[assignment]
        else:
            return
        for one, other in combinations(facts, 2):
            clash = one.name == other.name and one.span.overlaps(other.span)
            conditional = getattr(one, "when", None) or getattr(one, "policy", None)
            assert not clash or conditional, (name, one.name)

    for name, table in tables_of(service).items():
        groups(name, table.root if isinstance(table, Body) else table)
        if isinstance(table, Body) and isinstance(table.root, Object):
            for each in table.root.properties:
                groups(name, each.schema)


def test_nothing_but_the_version_modules_compares_versions() -> None:
    found = []
    for file in sorted(PACKAGE.rglob("*.py")):
        if file.stem in ("versions", "versioned", "steps", "changes", "negotiation"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare):
                parts = [node.left, *node.comparators]
                if any(ast.unparse(part) == "ctx.version" for part in parts):
                    found.append(f"{file.relative_to(PACKAGE)}:{node.lineno}")
    assert not found


def test_the_command_tells_what_a_version_changed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["microversion", "2.92"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("compute 2.92: ")
    assert "  new keypair view: - private_key" in told
    assert "  POST /os-keypairs body: ~ public_key" in told


def test_the_command_names_behaviours_that_no_table_can_hold(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["microversion", "2.34"]) == 0
    assert "  behaviour: + live migration checks are async" in capsys.readouterr().out


@pytest.mark.parametrize("number", ["2.999", "x", "2"])
def test_a_version_that_is_none_is_one_clear_sentence(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["microversion", number]) == 2
    assert number in capsys.readouterr().err

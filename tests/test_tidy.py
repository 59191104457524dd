"""The house rules, as assertions over the source: a rule that no test holds is forgotten."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Import downwards only. Parts of one row may import each other, except those that are kept apart.
LAYERS = (
    ("__init__", "__main__", "cli", "demo", "pytest_plugin", "pytest_sweeps"),
    ("server", "cloud", "services", "control", "journal", "seeding"),
    ("compute",),
    ("volume",),
    ("network",),
    ("image",),
    ("placement",),
    ("identity",),
    ("wire",),
    ("simulation",),
    ("store",),
    (
        "errors",
        "ids",
        "signals",
        "config",
        "policy",
        "policyfiles",
        "former_policies",
        "access",
        "yamlfiles",
        "releases",
    ),
)
RANK = {part: rank for rank, row in enumerate(LAYERS) for part in row}

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 500

# Names that say nothing about what is inside, so that anything ends up there.
EMPTY_NAMES = {"base", "common", "helper", "helpers", "manager", "managers", "util", "utils"}

# What costs a cloud its quick start; import it in the function that needs it.
HEAVY = {"cryptography", "faker", "jsonschema", "openstack", "sqlite_utils", "yaml"}
HEAVY_ALLOWED = {
    ("emulator.store", "sqlite_utils"): "the store is where the SQL engine is",
}

# Every reading of the machine's clock or chance, and what to use in its place.
HIDDEN = {
    "time.time": "ctx.now",
    "time.time_ns": "ctx.now",
    "time.monotonic": "ctx.now",
    "time.monotonic_ns": "ctx.now",
    "time.sleep": "a transition",
    "datetime.datetime.now": "ctx.now",
    "datetime.datetime.utcnow": "ctx.now",
    "datetime.datetime.today": "ctx.now",
    "datetime.date.today": "ctx.now",
    "random": "emulator.ids",
    "secrets": "emulator.ids",
    "os.urandom": "emulator.ids",
    "uuid.uuid1": "emulator.ids",
    "uuid.uuid4": "emulator.ids",
}
CLOCK = "emulator.simulation.clock"

SQL = re.compile(
    r"""\b(
        SELECT\s.*\sFROM\s | INSERT\s+(OR\s+\w+\s+)?INTO\s | UPDATE\s+\S+\s+SET\s | DELETE\s+FROM\s
        | (CREATE|DROP|ALTER)\s+(UNIQUE\s+|TEMP\s+)?(TABLE|INDEX|VIEW|TRIGGER)\s | PRAGMA\s
        | (LEFT|INNER|CROSS)\s+JOIN\s | (ORDER|GROUP)\s+BY\s | WHERE\s+\S+\s+(=|<|>|!=|IN|IS|LIKE)
    )""",
    re.VERBOSE | re.DOTALL,
)
SQL_FILES = ("queries", "tables")
SQL_LAYERS = ("store", "seeding", "simulation")
HEADING = re.compile(r"(?<=\n\n)# (\w+).*(?=\n\n)")

# Somebody's own machine. A checkout lies anywhere.
OWN_PATHS = re.compile(r"(?<![\w/.~$})-])/(work|root|Users)/")


@dataclass(frozen=True)
class Module:
    """One file of the package: its dotted name and its text."""

    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @property
    def part(self) -> str:
        """The name that stands in LAYERS."""
        return [*self.name.split("."), "__init__"][1]

    @property
    def stem(self) -> str:
        return self.name.rpartition(".")[2]


Rule = Callable[[Module], Iterator[tuple[int, str]]]


def imports_go_down(module: Module) -> Iterator[tuple[int, str]]:
    """A part imports what stands below it, or beside it."""
    if module.part not in RANK:
        yield 1, f"{module.part} has no place in LAYERS"
        return
    for line, imported in parts_imported(module):
        if imported == module.part:
            continue
        if imported not in RANK:
            yield line, f"{imported} has no place in LAYERS"
        elif RANK[imported] < RANK[module.part]:
            yield line, f"{module.part} imports {imported}, which stands above it"


def parts_imported(module: Module) -> Iterator[tuple[int, str]]:
    """Imports inside functions and for type checkers count too: they bind the reader as much."""
    for node in module.nodes:
        if isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "emulator":
            names = [f"emulator.{each.name}" for each in node.names if each.name != "__version__"]
            names = [each if each.split(".")[1] in RANK else "emulator" for each in names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        else:
            continue
        for name in names:
            top, *below = name.split(".")
            if top == "emulator":
                yield node.lineno, below[0] if below else "__init__"


def functions_are_short(module: Module) -> Iterator[tuple[int, str]]:
    """A function fits on a screen."""
    for node in module.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield (
                    node.lineno,
                    f"{node.name} has {lines} lines, {FUNCTION_LINES_MAX} are allowed",
                )


def files_are_short(module: Module) -> Iterator[tuple[int, str]]:
    """A file is one subject."""
    lines = module.text.count("\n")
    if lines > FILE_LINES_MAX:
        yield FILE_LINES_MAX, f"the file has {lines} lines, {FILE_LINES_MAX} are allowed"


def names_say_something(module: Module) -> Iterator[tuple[int, str]]:
    """No file and no folder is a drawer for the rest."""
    for name in module.name.split("."):
        for word in EMPTY_NAMES.intersection(name.split("_")):
            yield 1, f"{name}: {word} says nothing about what is inside"


def public_names_are_explained(module: Module) -> Iterator[tuple[int, str]]:
    """Modules, classes and functions without an underscore have a docstring."""

    def unexplained(body: list[ast.stmt], owner: str) -> Iterator[tuple[int, str]]:
        for node in body:
            if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if node.name.startswith("_") or "overload" in map(ast.unparse, node.decorator_list):
                continue
            if ast.get_docstring(node) is None:
                yield node.lineno, f"{owner}{node.name} has no docstring"
            if isinstance(node, ast.ClassDef):
                yield from unexplained(node.body, f"{node.name}.")

    if ast.get_docstring(module.tree) is None:
        yield 1, "the module has no docstring"
    yield from unexplained(module.tree.body, "")


def heavy_imports_wait(module: Module) -> Iterator[tuple[int, str]]:
    """What is slow to import is imported where it is used."""

    def at_import(body: list[ast.stmt]) -> Iterator[ast.stmt]:
        for node in body:
            yield node
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                yield from at_import(node.orelse)
            elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for part in ("body", "orelse", "finalbody"):
                    yield from at_import(getattr(node, part, []))
                for handler in getattr(node, "handlers", []):
                    yield from at_import(handler.body)

    for node in at_import(module.tree.body):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        for heavy in HEAVY.intersection(name.split(".")[0] for name in names):
            if (f"emulator.{module.part}", heavy) not in HEAVY_ALLOWED:
                yield (
                    node.lineno,
                    f"{heavy} is slow to import: import it in the function that needs it",
                )


def time_and_chance_are_given(module: Module) -> Iterator[tuple[int, str]]:
    """The clock is read in one file, and chance comes from the seed."""
    if module.name == CLOCK:
        return
    meaning: dict[str, str] = {}  # what a name of this file stands for
    for node in module.nodes:
        if isinstance(node, ast.Import):
            for each in node.names:
                meaning[each.asname or each.name] = each.name
                if each.name in HIDDEN:
                    yield node.lineno, f"{each.name}: use {HIDDEN[each.name]}"
        elif isinstance(node, ast.ImportFrom) and node.module:
            for each in node.names:
                name = f"{node.module}.{each.name}"
                meaning[each.asname or each.name] = name
                found = node.module if node.module in HIDDEN else name
                if found in HIDDEN:
                    yield node.lineno, f"{found}: use {HIDDEN[found]}"
    for node in module.nodes:
        if isinstance(node, ast.Attribute):
            first, dot, rest = ast.unparse(node).partition(".")
            name = meaning.get(first, first) + dot + rest
            if name in HIDDEN and first in meaning:
                yield node.lineno, f"{name}: use {HIDDEN[name]}"


def sql_stands_with_the_queries(module: Module) -> Iterator[tuple[int, str]]:
    """SQL is in queries.py and tables.py, under `# Queries`, or in a layer whose business it is."""
    if module.stem in SQL_FILES or module.part in SQL_LAYERS:
        return
    sections = [  # line and first word of each heading
        (module.text.count("\n", 0, found.start()) + 1, found[1])
        for found in HEADING.finditer(module.text)
    ]
    for line, text in texts(module):
        if SQL.search(text):
            section = [name for start, name in sections if start < line][-1:]
            if section != ["Queries"]:
                yield line, f"SQL outside the queries: {' '.join(text.split())[:40]}"


def texts(module: Module) -> Iterator[tuple[int, str]]:
    """Every string of the code but docstrings; what an f-string fills in is an x."""
    # A string that is a statement is a docstring.
    passed = {node.value for node in module.nodes if isinstance(node, ast.Expr)}
    for node in module.nodes:
        if isinstance(node, ast.JoinedStr):
            passed.update(node.values)
            pieces = [p.value if isinstance(p, ast.Constant) else "x" for p in node.values]
            yield node.lineno, "".join(map(str, pieces))
    for node in module.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in passed:
            yield node.lineno, node.value


RULES: list[Rule] = [
    imports_go_down,
    functions_are_short,
    files_are_short,
    names_say_something,
    public_names_are_explained,
    heavy_imports_wait,
    time_and_chance_are_given,
    sql_stands_with_the_queries,
]


@cache
def package() -> list[Module]:
    files = sorted((ROOT / "emulator").rglob("*.py"))
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    return [
        Module(name.removesuffix(".__init__"), file.read_text(encoding="utf-8"))
        for name, file in zip(names, files, strict=True)
    ]


@cache
def repository() -> list[Path]:
    """Return the files that are, or could be, committed."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [file for name in listing.stdout.split("\0") if name and (file := ROOT / name).is_file()]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_package_keeps_the_rule(rule: Rule) -> None:
    found = [f"{m.name}:{line}: {why}" for m in package() for line, why in rule(m)]
    assert not found, "\n".join([rule.__doc__ or "", *found])


def test_no_file_names_a_place_on_somebodys_own_machine() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}: {text.strip()[:80]}"
        for file in repository()
        for line, text in enumerate(file.read_bytes().decode(errors="ignore").splitlines(), 1)
        if OWN_PATHS.search(text)
    ]
    assert not found, "\n".join(found)


# The rules at work on small examples: what each refuses, and what it lets through.

DOC = '"""A module."""\n'
REFUSED = [
    (imports_go_down, "emulator.store.paging", "from emulator.wire.paths import Tree"),
    (imports_go_down, "emulator.image.images", "import emulator.compute.servers"),
    (imports_go_down, "emulator.simulation.engine", "def run():\n    from emulator import wire"),
    (imports_go_down, "emulator.errors", "from emulator import Cloud"),
    (imports_go_down, "emulator.errors", "if TYPE_CHECKING:\n    import emulator.cloud"),
    (imports_go_down, "emulator.misc", ""),
    (imports_go_down, "emulator.cli", "from emulator.misc import thing"),
    (functions_are_short, "emulator.cli", "def long():\n" + "    x = 1\n" * 70),
    (files_are_short, "emulator.cli", "x = 1\n" * 501),
    (names_say_something, "emulator.compute.utils", ""),
    (names_say_something, "emulator.common.paths", ""),
    (names_say_something, "emulator.compute.server_manager", ""),
    (public_names_are_explained, "emulator.cli", "x = 1"),
    (public_names_are_explained, "emulator.cli", DOC + "def main():\n    pass"),
    (public_names_are_explained, "emulator.cli", DOC + "class A:\n    pass"),
    (
        public_names_are_explained,
        "emulator.cli",
        DOC + 'class A:\n    """An a."""\n    async def b(self):\n        pass',
    ),
    (heavy_imports_wait, "emulator.seeding.busy", "from faker import Faker"),
    (heavy_imports_wait, "emulator.cli", "import sqlite_utils.db"),
    (
        heavy_imports_wait,
        "emulator.cli",
        "try:\n    import openstack\nexcept ImportError:\n    pass",
    ),
    (time_and_chance_are_given, "emulator.cli", "import time\nnow = time.time()"),
    (time_and_chance_are_given, "emulator.cli", "from time import monotonic as tick"),
    (time_and_chance_are_given, "emulator.cli", "from datetime import datetime\ndatetime.now(UTC)"),
    (time_and_chance_are_given, "emulator.cli", "import datetime as d\nd.datetime.utcnow()"),
    (time_and_chance_are_given, "emulator.cli", "import random"),
    (time_and_chance_are_given, "emulator.cli", "from secrets import token_hex"),
    (time_and_chance_are_given, "emulator.cli", "import uuid\nuuid.uuid4()"),
    (sql_stands_with_the_queries, "emulator.image.images", 'db.execute("DELETE FROM images")'),
    (sql_stands_with_the_queries, "emulator.image.images", 'f"SELECT {columns} FROM {table} "'),
    (sql_stands_with_the_queries, "emulator.image.images", 'x = " ORDER BY created_at DESC"'),
    (
        sql_stands_with_the_queries,
        "emulator.image.images",
        'x = 1\n\n# Queries\n\ny = 2\n\n# Operations\n\nz = "UPDATE images SET name = ?"',
    ),
]
LET_THROUGH = [
    (imports_go_down, "emulator.compute.servers.views", "from emulator.network import ports"),
    (imports_go_down, "emulator.cli", "from emulator.server import serve\nimport aiohttp"),
    (imports_go_down, "emulator.control.version", "from emulator import __version__, errors"),
    (imports_go_down, "emulator", "from emulator.cloud import Cloud"),
    (functions_are_short, "emulator.cli", "def long():\n" + "    x = 1\n" * 69),
    (files_are_short, "emulator.cli", "x = 1\n" * 500),
    (names_say_something, "emulator.store.database", ""),
    (public_names_are_explained, "emulator.cli", DOC + "def _main():\n    pass"),
    (heavy_imports_wait, "emulator.store.database", "import sqlite_utils"),
    (heavy_imports_wait, "emulator.cli", "def demo():\n    import openstack"),
    (heavy_imports_wait, "emulator.cli", "if TYPE_CHECKING:\n    from faker import Faker"),
    (time_and_chance_are_given, CLOCK, "import time\nnow = time.time()"),
    (time_and_chance_are_given, "emulator.cli", "import time\nbegun = time.perf_counter()"),
    (time_and_chance_are_given, "emulator.cli", "def tell(time):\n    return time.time"),
    (sql_stands_with_the_queries, "emulator.image.queries", 'x = "DELETE FROM images"'),
    (sql_stands_with_the_queries, "emulator.image.images", '"""SELECT a FROM b, it says."""'),
    (sql_stands_with_the_queries, "emulator.image.routes", 'op("DELETE", "/images/{image_id}")'),
    (
        sql_stands_with_the_queries,
        "emulator.image.images",
        'x = 1\n\n# Queries\n\ny = 2  # Operations\nz = "UPDATE images SET name = ?"',
    ),
]


@pytest.mark.parametrize(("rule", "name", "text"), REFUSED)
def test_the_rule_refuses(rule: Rule, name: str, text: str) -> None:
    assert list(rule(Module(name, text)))


@pytest.mark.parametrize(("rule", "name", "text"), LET_THROUGH)
def test_the_rule_lets_through(rule: Rule, name: str, text: str) -> None:
    assert not list(rule(Module(name, text)))


@pytest.mark.parametrize("place", ["work", "root", "Users"])
def test_own_paths_are_seen(place: str) -> None:
    assert OWN_PATHS.search(f"see /{place}/notes.txt")
    assert not OWN_PATHS.search(f"GET http://127.0.0.1/compute/{place}/notes.txt")

"""Sample clouds: YAML files, each with one section for each service, loaded by name or path.

A service has a module `fixtures` with `load(ctx, section, names)`, which makes its part of the
cloud. `extends: devstack` takes everything from another fixture first; a key that stands under a
section (`compute: hosts:`) takes the place of the other's.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable
from pathlib import Path
from sqlite3 import IntegrityError
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.control import lifecycles, selectors
from emulator.errors import EmulatorError, UsageError
from emulator.simulation import stages
from emulator.yamlfiles import Names, Section, read

if TYPE_CHECKING:
    from emulator.cloud import Cloud

PACKAGE = Path(__file__).parents[1]
FOLDERS = (PACKAGE / "_fixtures", PACKAGE.parent / "fixtures")  # installed, in a checkout
EXTENDS_MAX = 8  # fixtures that build on one another


class Stamp(NamedTuple):
    """A file as it was when it was read: another one has another stamp."""

    path: Path
    modified: int  # in nanoseconds; 0 when there is no such file
    bytes: int


def available() -> list[str]:
    """Return the names of the fixtures that come with the emulator."""
    return sorted({file.stem for folder in FOLDERS for file in folder.glob("*.yaml")})


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # of a name that no file can have
        return False


def find(fixture: str) -> Path:
    """Return the file of a fixture, given by name or path. UsageError when there is none."""
    if os.sep in fixture or "/" in fixture or fixture.endswith((".yaml", ".yml")):
        if not _is_file(Path(fixture)):
            raise UsageError(f"{fixture}: there is no such fixture file")
        return Path(fixture)
    for folder in FOLDERS:
        if _is_file(folder / f"{fixture}.yaml"):
            return folder / f"{fixture}.yaml"
    known = ", ".join(available())
    raise UsageError(f"there is no fixture {fixture!r}: give a path, or one of {known}")


def stamp(path: Path) -> Stamp:
    """Return the stamp of a file as it is now."""
    try:
        found = path.stat()
    except OSError:
        return Stamp(path, 0, 0)
    return Stamp(path, found.st_mtime_ns, found.st_size)


def load(cloud: Cloud, fixture: str) -> tuple[Stamp, ...]:
    """Fill a new cloud from a fixture; return the files it was read from.

    UsageError names file, line and key of what is wrong.
    """
    names = Names()
    files: list[Stamp] = []
    document = compose(fixture, files)
    services = [name for name in cloud.services if name != "control"]
    _refuse_unknown(document, [*services, "extends", "inhabitants", "lifecycles"])
    for service in services:
        section = document.get(service)
        if section is None:
            continue
        if not isinstance(section, Section):
            raise UsageError(
                f"{document.places[service]}: a section is a mapping of names to values"
            )
        module = importlib.import_module(f"emulator.{service}.fixtures")
        _load_section(cloud, module.load, service, section, names)
    cloud.remember_names(names)
    if "inhabitants" in document:
        _settle_inhabitants(cloud, document)
    if "lifecycles" in document:
        cloud.settle()
        _keep_lifecycles(cloud, document)
    return tuple(files)


def _load_section(cloud: Cloud, loader: Any, service: str, section: Section, names: Names) -> None:
    """Let a service make its part; what it stumbles over is a mistake at the place read last."""
    try:
        with cloud.database.transaction():
            loader(cloud.context().at_service(service), section, names)
            section.refuse_unread()
            cloud.keep_counters()
    except UsageError as problem:
        raise UsageError(f"{section.trail.place}: {problem}") from problem
    except EmulatorError as problem:
        raise UsageError(f"{section.trail.place}: {problem.message}") from problem
    except (AttributeError, TypeError, ValueError, LookupError, IntegrityError) as problem:
        raise UsageError(f"{section.trail.place}: cannot be used: {problem!r}") from problem


def _keep_lifecycles(cloud: Cloud, document: Section) -> None:
    """Let the stages of a fixture hold as if they were loaded."""
    ctx, place = cloud.context(), document.places["lifecycles"]
    machines, known = cloud.engine.machines, selectors.known(ctx)
    contents = stages.read_all(document["lifecycles"], machines, ctx.now, place, known)
    with cloud.database.transaction():
        lifecycles.keep(ctx, contents)
    cloud.engine.heed_rules()


def _settle_inhabitants(cloud: Cloud, document: Section) -> None:
    """Fill the cloud as `openstack-emulator seed` would."""
    from emulator.seeding import doors, inhabitants

    counts = document["inhabitants"]
    try:
        inhabitants.fill(
            doors.through_cloud(cloud),
            servers=counts["servers"],
            projects=counts["projects"],
            seed=counts.get("seed", cloud.ids.seed),
        )
        counts.refuse_unread()
    except UsageError as problem:
        raise UsageError(f"{document.trail.place}: {problem}") from problem
    except (AttributeError, TypeError) as problem:
        raise UsageError(f"{document.trail.place}: cannot be used: {problem!r}") from problem


def compose(fixture: str, files: list[Stamp], depth: int = 0) -> Section:
    """Return a fixture's document with everything that it extends; `files` gets what is read."""
    path = find(fixture)
    files.append(stamp(path))
    document = read(path)
    if "extends" not in document:
        return document
    other = document["extends"]
    if not isinstance(other, str):
        raise UsageError(f"{document.places['extends']}: takes the name or path of a fixture")
    if depth == EXTENDS_MAX:
        raise UsageError(f"{document.places['extends']}: fixtures extend one another in a circle")
    try:
        return _merge(compose(other, files, depth + 1), document)
    except UsageError as problem:
        if depth:
            raise
        raise UsageError(f"{document.places['extends']}: {problem}") from problem


def _merge(below: Section, above: Section, depth: int = 0) -> Section:
    """Return both documents as one: sections are joined, keys of the upper one win."""
    both = Section(above.trail, {**below.places, **above.places})
    for document in (below, above):
        for key in document:
            old, new = dict.get(both, key), dict.get(document, key)
            if depth == 0 and isinstance(old, Section) and isinstance(new, Section):
                new = _merge(old, new, 1)
            both[key] = new
    _follow(both, above)
    return both


def _follow(value: Any, above: Section) -> None:
    """Let everything in a document note its place in one trail."""
    if isinstance(value, Section):
        value.trail = above.trail
        for each in dict.values(value):
            _follow(each, above)
    elif isinstance(value, list):
        for each in value:
            _follow(each, above)


def _refuse_unknown(document: Section, known: Iterable[str]) -> None:
    for key in document:
        if key not in known:
            raise UsageError(
                f"{document.places[key]}: is not a section; sections are {', '.join(known)}"
            )

"""YAML files whose values know where they stand: a mistake is reported by file, line and key.

section = read("cloud.yaml")
section["identity"]["users"][0]["name"]     # remembers this place
section.trail.place                         # cloud.yaml:4: identity.users[0].name
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emulator.errors import UsageError


class Trail:
    """The place in a file that was read last: where a mistake found now stands."""

    __slots__ = ("place",)

    def __init__(self, place: str) -> None:
        self.place = place


class Section(dict[str, Any]):
    """A mapping of a YAML file. Reading a key notes its place; a key that is missing is named."""

    __slots__ = ("places", "trail", "unread")

    def __init__(self, trail: Trail, places: dict[str, str]) -> None:
        """`places` are the places of the keys; that of the section itself is at the key ""."""
        super().__init__()
        self.trail = trail
        self.places = places
        self.unread: set[str] = set()

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        self.unread.add(key)

    def __getitem__(self, key: str) -> Any:
        self._note(key)
        return super().__getitem__(key)

    def __missing__(self, key: str) -> Any:
        self.trail.place = self.places[""]
        raise UsageError(f"the key {key!r} is missing")

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a key, or the default."""
        self._note(key)
        return super().get(key, default)

    def items(self) -> Any:
        """Return keys and values, noting each as it is reached."""
        return ((key, self[key]) for key in self)

    def values(self) -> Any:
        """Return the values, noting each as it is reached."""
        return (self[key] for key in self)

    def __iter__(self) -> Iterator[str]:
        for key in super().__iter__():
            self._note(key)
            yield key

    def __contains__(self, key: object) -> bool:
        self._note(str(key))
        return super().__contains__(key)

    def _note(self, key: str) -> None:
        if key in self.places:
            self.unread.discard(key)
            self.trail.place = self.places[key]

    def refuse_unread(self) -> None:
        """Raise UsageError when a key was never read, here or deeper: it is no key of its section.

        A mapping of which nothing was read was taken as a whole.
        """
        keys = list(super().__iter__())
        if self.unread and len(self.unread) < len(keys):
            key = next(key for key in keys if key in self.unread)
            self.trail.place = self.places[key]
            known = ", ".join(each for each in keys if each not in self.unread)
            raise UsageError(f"{key!r} is not a key that is known here (beside {known})")
        for value in super().values():
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, Section):
                    each.refuse_unread()


class Names(dict[tuple[str, str], str]):
    """What a fixture has made: (kind, name) → id, such as ("flavor", "m1.nano") → "42"."""

    def __missing__(self, key: tuple[str, str]) -> str:
        kind, name = key
        known = ", ".join(each for other, each in self if other == kind) or "none"
        raise UsageError(f"there is no {kind} named {name!r} (there are: {known})")


def read(path: str | Path) -> Section:
    """Return the mapping that a file holds. UsageError names file and line of what is wrong."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    trail = Trail(f"{path}:1")
    try:
        text = Path(path).read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=loader)
        if node is None:
            return Section(trail, {"": trail.place})
        content = _construct(node, str(path), "", 1, trail, yaml.SafeLoader(""))
    except OSError as problem:
        raise UsageError(f"{path}: {problem.strerror or problem}") from None
    except UnicodeDecodeError as problem:
        raise UsageError(f"{path}: is not UTF-8 text: {problem.reason}") from None
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise UsageError(f"{path}{line}: {problem.problem or problem.context}") from None
    except yaml.YAMLError as problem:
        raise UsageError(f"{path}: {' '.join(str(problem).split())}") from None
    if not isinstance(content, Section):
        raise UsageError(f"{path}:1: the file is not a mapping of names to values")
    return content


def _construct(node: Any, path: str, key: str, line: int, trail: Trail, constructor: Any) -> Any:
    """Return the value of a YAML node; `key` is its full name, `line` where the key stands."""
    if node.id == "scalar":
        return constructor.construct_object(node)
    if node.id == "sequence":
        return [
            _construct(each, path, f"{key}[{index}]", _line(each), trail, constructor)
            for index, each in enumerate(node.value)
        ]
    section = Section(trail, {"": f"{path}:{line}: {key}" if key else f"{path}:{line}"})
    for name_node, value_node in node.value:
        name, line = str(name_node.value), _line(name_node)
        full = f"{key}.{name}" if key else name
        if name in section.places:
            raise UsageError(f"{path}:{line}: {full} stands here twice")
        section.places[name] = f"{path}:{line}: {full}"
        section[name] = _construct(value_node, path, full, line, trail, constructor)
    return section


def _line(node: Any) -> int:
    line: int = node.start_mark.line + 1
    return line

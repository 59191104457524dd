"""YAML files whose values know where they stand: a mistake is reported by file, line and key.

section = read("cloud.yaml")
section["identity"]["users"][0]["name"]     # remembers this place
section.trail.place                         # cloud.yaml:4: identity.users[0].name

Beside a file may stand what was once read from it, as JSON (`prepare`): reading that takes a
hundredth of the time, and none to import PyYAML. It counts only for the very text it is of.
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


Tree = Any
"""A document with its lines: {name: (line, tree), …} is a mapping, [(line, tree), …] a sequence,
and anything else a value."""


def read(path: str | Path) -> Section:
    """Return the mapping that a file holds. UsageError names file and line of what is wrong."""
    text = _text(path)
    tree = _prepared(path, text)
    if tree is None:
        tree = _parsed(path, text)
    trail = Trail(f"{path}:1")
    content = _built(tree, str(path), "", 1, trail)
    if content is None:
        return Section(trail, {"": trail.place})
    if not isinstance(content, Section):
        raise UsageError(f"{path}:1: the file is not a mapping of names to values")
    return content


def prepare(path: str | Path) -> bytes:
    """Return what may stand beside a file: what it says, as JSON, and the text that this is of."""
    import orjson

    text = _text(path)
    return orjson.dumps({"of": _mark(text), "tree": _parsed(path, text)}) + b"\n"


def _text(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as problem:
        raise UsageError(f"{path}: {problem.strerror or problem}") from None
    except UnicodeDecodeError as problem:
        raise UsageError(f"{path}: is not UTF-8 text: {problem.reason}") from None
    except ValueError as problem:  # of a name that no file can have
        raise UsageError(f"{path!r}: {problem}") from None


def _mark(text: str) -> str:
    from hashlib import sha256

    return sha256(text.encode()).hexdigest()


def _prepared(path: str | Path, text: str) -> Tree:
    """What stands beside a file and is of this text; else None."""
    import orjson

    try:
        beside = orjson.loads(Path(path).with_suffix(".json").read_bytes())
        return beside["tree"] if beside["of"] == _mark(text) else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _parsed(path: str | Path, text: str) -> Tree:
    """What a text of YAML says. UsageError names file and line of what is wrong."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node = yaml.compose(text, Loader=loader)
        return None if node is None else _plain(node, str(path), "", yaml.SafeLoader(""))
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise UsageError(f"{path}{line}: {problem.problem or problem.context}") from None
    except yaml.YAMLError as problem:
        raise UsageError(f"{path}: {' '.join(str(problem).split())}") from None


def _plain(node: Any, path: str, key: str, constructor: Any) -> Tree:
    """A YAML node as a tree; `key` is its full name."""
    if node.id == "scalar":
        return constructor.construct_object(node)
    if node.id == "sequence":
        return [
            (_line(each), _plain(each, path, f"{key}[{index}]", constructor))
            for index, each in enumerate(node.value)
        ]
    tree: dict[str, Any] = {}
    for name_node, value_node in node.value:
        name, line = str(name_node.value), _line(name_node)
        full = _full(key, name)
        if name in tree:
            raise UsageError(f"{path}:{line}: {full} stands here twice")
        tree[name] = line, _plain(value_node, path, full, constructor)
    return tree


def _built(tree: Tree, path: str, key: str, line: int, trail: Trail) -> Any:
    """The value of a tree, whose mappings are sections; `line` is where its key stands."""
    if isinstance(tree, list):
        return [
            _built(each, path, f"{key}[{index}]", line, trail)
            for index, (line, each) in enumerate(tree)
        ]
    if not isinstance(tree, dict):
        return tree
    section = Section(trail, {"": f"{path}:{line}: {key}" if key else f"{path}:{line}"})
    for name, (at, each) in tree.items():
        full = _full(key, name)
        section.places[name] = f"{path}:{at}: {full}"
        section[name] = _built(each, path, full, at, trail)
    return section


def _full(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _line(node: Any) -> int:
    line: int = node.start_mark.line + 1
    return line

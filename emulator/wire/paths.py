"""The path tree: from a path to its operations; literal before parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from emulator.wire.operation import Operation


def latin(path: str) -> str:
    """Return a path whose bytes are letters, as they are: other letters than ASCII's are several.

    WSGI gives services their paths like this, and some split and show them as they get them.
    """
    return quote(unquote(path, "latin-1")) if "%" in path else path


def plain(path: str) -> str:
    """Return a path in which whatever was encoded stands for itself, a slash too.

    That is how WSGI gives it to a service, whose routes then see one segment more.
    """
    return quote(unquote(path)) if "%" in path else path


class Node:
    """One segment of all paths that begin alike."""

    __slots__ = ("literals", "methods", "parameter", "parameter_name", "rest_name")

    def __init__(self) -> None:
        self.literals: dict[str, Node] = {}
        self.parameter: Node | None = None
        self.parameter_name = ""
        self.rest_name = ""
        self.methods: dict[str, tuple[Operation, ...]] = {}


class PathTree:
    """Every path of a service. `{name}` is one segment; `{name...}`, at the end, all the rest."""

    def __init__(self) -> None:
        self.root = Node()

    def add(self, path: str, operation: Operation) -> None:
        """Put an operation at a path. ValueError when two parameters of a place differ in name."""
        node = self.root
        for segment in path.split("/")[1:]:
            if segment.startswith("{"):
                if node.parameter is None:
                    node.parameter = Node()
                name = segment[1:-1]
                if name.endswith("..."):
                    name = name[:-3]
                    node.parameter.rest_name = name
                if node.parameter_name not in ("", name):
                    raise ValueError(f"{path}: {segment} is {{{node.parameter_name}}} elsewhere")
                node.parameter_name = name
                node = node.parameter
            else:
                node = node.literals.setdefault(segment, Node())
        node.methods[operation.method] = (*node.methods.get(operation.method, ()), operation)

    def find(self, path: str) -> tuple[Node | None, dict[str, str]]:
        """Return the node of a path (percent-encoded, beginning with "/") and its arguments.

        The node is None when no path of the service is like this.
        """
        node = self.root
        arguments: dict[str, str] = {}
        segments = path.split("/")[1:]
        for index, segment in enumerate(segments):
            literal = node.literals.get(segment)
            if literal is not None:
                node = literal
                continue
            parameter = node.parameter
            if parameter is None or (not segment and not parameter.rest_name):
                return None, arguments
            name = node.parameter_name
            if parameter.rest_name:
                arguments[name] = _decoded("/".join(segments[index:]))
                return parameter, arguments
            arguments[name] = _decoded(segment)
            node = parameter
        return (node if node.methods else None), arguments

    def find_for(self, path: str, method: str) -> tuple[Node | None, dict[str, str]]:
        """Return the node of a path that has a method, also where `find` takes a literal for one.

        DELETE /servers/detail deletes the server of the id "detail".
        """
        return _search(self.root, path.split("/")[1:], method)


def _search(node: Node, segments: list[str], method: str) -> tuple[Node | None, dict[str, str]]:
    if not segments:
        return (node if method in node.methods else None), {}
    segment, rest = segments[0], segments[1:]
    literal = node.literals.get(segment)
    if literal is not None:
        found, arguments = _search(literal, rest, method)
        if found is not None:
            return found, arguments
    parameter = node.parameter
    if parameter is None or parameter.rest_name or not segment:
        return None, {}
    found, arguments = _search(parameter, rest, method)
    return found, {node.parameter_name: _decoded(segment), **arguments}


def _decoded(segment: str) -> str:
    return unquote(segment) if "%" in segment else segment

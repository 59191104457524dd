"""The path tree."""

from __future__ import annotations

import pytest

from emulator.services import SERVICES
from emulator.wire.operation import op
from emulator.wire.paths import PathTree
from emulator.wire.service import Service


def tree(*paths: str) -> PathTree:
    made = PathTree()
    for path in paths:
        made.add(path, op("GET", path))
    return made


def found(made: PathTree, path: str) -> tuple[str, dict[str, str]] | None:
    node, arguments = made.find(path)
    return None if node is None else (node.methods["GET"][0].path, arguments)


def test_a_literal_comes_before_a_parameter() -> None:
    made = tree("/servers/{server_id}", "/servers/detail")
    assert found(made, "/servers/detail") == ("/servers/detail", {})
    assert found(made, "/servers/x") == ("/servers/{server_id}", {"server_id": "x"})


@pytest.mark.parametrize("path", ["/servers", "/servers/", "/servers/x/", "/", "", "/x", "//x"])
def test_what_is_not_there_is_not_found(path: str) -> None:
    assert found(tree("/servers/{server_id}"), path) is None


def test_segments_are_decoded_after_they_are_split() -> None:
    made = tree("/tags/{tag}")
    assert found(made, "/tags/a%2Fb%20c") == ("/tags/{tag}", {"tag": "a/b c"})
    assert found(made, "/tags/%ff") == ("/tags/{tag}", {"tag": "\N{REPLACEMENT CHARACTER}"})


def test_a_rest_takes_everything() -> None:
    made = tree("/files/{path...}")
    assert found(made, "/files/a/b/c") == ("/files/{path...}", {"path": "a/b/c"})


def test_one_place_has_one_name() -> None:
    with pytest.raises(ValueError, match=r"\{name\} is \{server_id\} elsewhere"):
        tree("/servers/{server_id}", "/servers/{name}/x")


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_operation_is_found_at_its_own_path_and_no_row_shadows_another(
    service: Service,
) -> None:
    for operation in service.operations:
        for prefix in service.prefixes:
            node, _ = service.paths.find(prefix + operation.path.replace("...}", "}"))
            assert node is not None
            assert operation in node.methods[operation.method]
            spans = [row.span for row in node.methods[operation.method] if row is not operation]
            assert not any(operation.span.overlaps(each) for each in spans), operation.name

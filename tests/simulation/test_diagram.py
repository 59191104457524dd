"""Transitions as text, as Mermaid and as a picture."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from emulator.compute.servers.lifecycle import TRANSITIONS
from emulator.simulation.diagram import FORMATS, diagram


def test_the_text_names_states_steps_durations_and_events() -> None:
    pause = next(part for part in diagram(TRANSITIONS).split("\n\n") if part.startswith("pause\n"))
    assert pause.splitlines() == [
        "pause",
        "  from    active",
        "  step    pausing                         0.2-1 s       compute_pause_instance",
        "  to      paused",
    ]


def test_every_transition_of_servers_is_in_every_format() -> None:
    for each in FORMATS:
        shown = diagram(TRANSITIONS, each)
        assert all(name in shown for name in TRANSITIONS), each


def test_mermaid_draws_a_line_for_each_way() -> None:
    lines = diagram(TRANSITIONS, "mermaid").splitlines()
    assert lines[0] == "stateDiagram-v2"
    assert "    stopped --> active: start" in lines
    assert "    resized --> stopped: confirmResize" in lines
    assert "    paused --> paused: createImage" in lines


def test_the_picture_is_xml() -> None:
    root = ElementTree.fromstring(diagram(TRANSITIONS, "svg"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="'pdf' is none of text, mermaid, svg"):
        diagram(TRANSITIONS, "pdf")

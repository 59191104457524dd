"""Transitions as text, as a Mermaid state diagram and as an SVG picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from emulator.simulation.durations import Duration
from emulator.simulation.transition import Step, Transition

FORMATS = ("text", "mermaid", "svg")
ANY_STATE = "(any)"
SAME_STATE = "(same)"
BOX_WIDTH, BOX_HEIGHT = 150, 34
ROW_HEIGHT, ARROW_LENGTH, MARGIN = 22, 300, 24

Arrow = tuple[str, str, str]
"""(from, label, to)."""


def diagram(transitions: Mapping[str, Transition], format: str = "text") -> str:
    """Return the transitions of one kind of resource in a format. ValueError for another one."""
    if format == "text":
        return as_text(transitions)
    if format == "mermaid":
        return as_mermaid(transitions)
    if format == "svg":
        return as_svg(transitions)
    raise ValueError(f"{format!r} is none of {', '.join(FORMATS)}")


def as_text(transitions: Mapping[str, Transition]) -> str:
    """Return a paragraph a transition: from where, through which steps, to where."""
    return "\n\n".join("\n".join(_lines(each)) for each in transitions.values()) + "\n"


def _lines(change: Transition) -> list[str]:
    lines = [change.name, f"  from    {', '.join(starts(change))}"]
    lines += [
        f"  {'step' if first else '    '}    {_step(step)}" for first, step in _marked(change)
    ]
    lines.append(f"  to      {', '.join(ends(change))}")
    if fails(change) != [SAME_STATE]:
        lines.append(f"  fails   {', '.join(fails(change))}")
    return lines


def _marked(change: Transition) -> Iterable[tuple[bool, Step]]:
    return ((index == 0, step) for index, step in enumerate(change.steps))


def _step(step: Step) -> str:
    event = f"  {step.event}" if step.event else ""
    return f"{step.state or '-':<32}{_seconds(step.duration):<12}{event}".rstrip()


def _seconds(duration: Duration) -> str:
    if duration.low == duration.high:
        return f"{duration.low:g} s"
    return f"{duration.low:g}-{duration.high:g} s"


def as_mermaid(transitions: Mapping[str, Transition]) -> str:
    """Return a state diagram in Mermaid's language."""
    lines = ["stateDiagram-v2"]
    lines += [
        f"    {_id(start)} --> {_id(end)}: {label}" for start, label, end in arrows(transitions)
    ]
    return "\n".join(lines) + "\n"


def _id(state: str) -> str:
    return "[*]" if state == ANY_STATE else state.replace("-", "_")


def as_svg(transitions: Mapping[str, Transition]) -> str:
    """Return a picture: a box for each state, beside it an arrow for each way out of it."""
    ways: dict[str, list[tuple[str, str]]] = {}
    for start, label, end in arrows(transitions):
        ways.setdefault(start, []).append((label, end))
    parts: list[str] = []
    top = MARGIN
    for state, out in ways.items():
        height = max(BOX_HEIGHT, ROW_HEIGHT * len(out))
        parts.append(_box(MARGIN, top + (height - BOX_HEIGHT) / 2, state))
        for index, (label, end) in enumerate(out):
            parts.append(_arrow(top + ROW_HEIGHT * (index + 0.5), label, end))
        top += height + MARGIN
    width = MARGIN * 2 + BOX_WIDTH + ARROW_LENGTH + 200
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{top}"'
        ' font-family="sans-serif" font-size="13">'
    )
    tip = (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8"'
        ' markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>'
    )
    return "\n".join([head, tip, *parts, "</svg>"]) + "\n"


def _box(left: float, top: float, state: str) -> str:
    return (
        f'<rect x="{left:g}" y="{top:g}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="6"'
        ' fill="#eef" stroke="#446"/>'
        f'<text x="{left + BOX_WIDTH / 2:g}" y="{top + 22:g}" text-anchor="middle">'
        f"{escape(state)}</text>"
    )


def _arrow(middle: float, label: str, end: str) -> str:
    start = MARGIN + BOX_WIDTH + 8
    stop = start + ARROW_LENGTH
    return (
        f'<line x1="{start}" y1="{middle:g}" x2="{stop}" y2="{middle:g}" stroke="#446"'
        ' marker-end="url(#tip)"/>'
        f'<text x="{start + 8}" y="{middle - 4:g}">{escape(label)}</text>'
        f'<text x="{stop + 8}" y="{middle + 4:g}">{escape(end)}</text>'
    )


# What a transition says


def starts(change: Transition) -> list[str]:
    """Return the states a transition may begin in."""
    return list(change.facts.get("allowed") or [ANY_STATE])


def ends(change: Transition) -> list[str]:
    """Return the states a transition may end in when all goes well."""
    return list(change.facts.get("ends") or ()) or _named(change.to)


def fails(change: Transition) -> list[str]:
    """Return the state a transition ends in when a step fails."""
    return _named(change.fails_to)


def _named(end: object) -> list[str]:
    """The name of an end: a server's State, or a word."""
    name = end if isinstance(end, str) else getattr(end, "vm", None)
    return [name or SAME_STATE]


def arrows(transitions: Mapping[str, Transition]) -> Sequence[Arrow]:
    """Return every way from a state to another (or back to itself), with its name."""
    found: list[Arrow] = []
    for change in transitions.values():
        for start in starts(change):
            for end in ends(change):
                target = start if end == SAME_STATE else end
                found.append((start, change.name, target))
    return sorted(dict.fromkeys(found), key=lambda arrow: arrow[0])

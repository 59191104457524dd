"""Another name that servers had until 2.102, for those that boot from volumes."""

from __future__ import annotations

from collections.abc import Iterable

from emulator.wire.operation import Operation
from emulator.wire.versioned import Span, parse_version

LAST = parse_version("2.102")
PATHS = ("/servers", "/servers/detail", "/servers/{server_id}", "/servers/{server_id}/action")
ACTIONS = (
    *("confirmResize", "revertResize", "resize", "reboot", "rebuild", "createImage"),
    *("os-start", "os-stop", "trigger_crash_dump"),
)


def aliases(rows: Iterable[Operation]) -> tuple[Operation, ...]:
    """Return the operations of servers under their other name."""
    return tuple(_alias(row) for row in rows if row.path in PATHS)


def _alias(row: Operation) -> Operation:
    actions = row.actions
    if actions is not None:
        actions = {
            name: tuple(_alias(each) for each in actions[name])
            for name in ACTIONS
            if name in actions
        }
    return row._replace(
        path=row.path.replace("/servers", "/os-volumes_boot"),
        span=Span(row.span.since, min(row.span.until, LAST)),
        actions=actions,
    )

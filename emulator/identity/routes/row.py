"""A row of Keystone's table of contents: its policy rule is named without the service."""

from typing import Any

from emulator.wire.operation import Handler, Operation, op


def on(method: str, path: str, handler: Handler, rule: str = "", **facts: Any) -> Operation:
    """Return one operation; without a rule it asks policy itself, or nobody does."""
    return op(method, path, handler, policy=f"identity:{rule}" if rule else None, **facts)

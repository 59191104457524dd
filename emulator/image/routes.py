"""Glance v2: every operation, one row each."""

from emulator.wire.operation import Operation

DOCUMENTS: tuple[Operation, ...] = ()
OPERATIONS: tuple[Operation, ...] = ()

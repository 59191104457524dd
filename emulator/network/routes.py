"""Neutron v2.0: every operation, one row each."""

from emulator.wire.operation import Operation

DOCUMENTS: tuple[Operation, ...] = ()
OPERATIONS: tuple[Operation, ...] = ()

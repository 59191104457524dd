"""Nova's table of contents: every operation and server action, one row each."""

from emulator.compute import flavors, root
from emulator.wire.operation import Operation, op

DOCUMENTS: tuple[Operation, ...] = (
    op("GET", "", root.versions, open=True),
    op("GET", "/", root.versions, open=True),
    op("GET", "/v2.1", root.version, open=True),
    op("GET", "/v2.1/", root.version, open=True),
)

OPERATIONS: tuple[Operation, ...] = (
    op("GET", "/flavors/{flavor_id}", flavors.show),
)

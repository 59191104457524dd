"""The emulator's own API: every operation, one row each."""

from emulator.control import clock, clouds
from emulator.wire.operation import op

OPERATIONS = (
    op("GET", "/clouds", clouds.index),
    op("POST", "/clouds", clouds.create, body=clouds.CREATE),
    op("DELETE", "/clouds/{name}", clouds.delete),
    op("GET", "/clock", clock.show),
    op("POST", "/clock/advance", clock.advance, body=clock.ADVANCE),
    op("POST", "/clock/settle", clock.settle),
)

"""The emulator's own API: every operation, one row each."""

from emulator.control import clock
from emulator.wire.operation import op

OPERATIONS = (
    op("GET", "/clock", clock.show),
    op("POST", "/clock/advance", clock.advance, body=clock.ADVANCE),
    op("POST", "/clock/settle", clock.settle),
)

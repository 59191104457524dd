"""The emulator's own API: every operation, one row each."""

from emulator.control import clock, clouds, rate_limits
from emulator.wire.operation import op

OPERATIONS = (
    op("GET", "/clouds", clouds.index),
    op("POST", "/clouds", clouds.create, body=clouds.CREATE),
    op("DELETE", "/clouds/{name}", clouds.delete),
    op("GET", "/clock", clock.show),
    op("POST", "/clock/advance", clock.advance, body=clock.ADVANCE),
    op("POST", "/clock/settle", clock.settle),
    op("GET", "/rate-limits", rate_limits.show),
    op("PUT", "/rate-limits", rate_limits.replace, body=rate_limits.SET),
    op("DELETE", "/rate-limits", rate_limits.reset),
)

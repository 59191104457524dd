"""The emulator's own API (/_emulator): its tables and the order of its steps."""

from emulator.control import disasters, timeline
from emulator.control.errors import DIALECT, render_error
from emulator.control.routes import OPERATIONS
from emulator.control.steps import admit, parse
from emulator.control.tables import TABLES
from emulator.wire.service import Service
from emulator.wire.steps import choose, match, validate

SERVICE = Service(
    "control",
    mount="/_emulator",
    native_port=0,
    prefixes=("",),
    steps=(admit, match, choose, parse, validate),
    operations=OPERATIONS,
    policies={},
    tables=TABLES,
    render_error=render_error,
    dialect=DIALECT,
    machines=(disasters.MACHINE, timeline.MACHINE),
    body_bytes_max=16 << 20,  # whole timelines and fixtures are told
    outside=True,
)

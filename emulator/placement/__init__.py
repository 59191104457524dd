"""Placement 1.x: its tables and the order of its steps."""

from emulator.placement.errors import DIALECT, render_error
from emulator.placement.policies import POLICIES
from emulator.placement.routes import DOCUMENTS, OPERATIONS
from emulator.placement.tables import TABLES
from emulator.wire.service import Service
from emulator.wire.steps import authenticate, authorize, load, match, parse, validate

SERVICE = Service(
    "placement",
    mount="/placement",
    native_port=8778,
    prefixes=("",),
    steps=(authenticate, match, parse, validate, load, authorize),
    documents=DOCUMENTS,
    operations=OPERATIONS,
    policies=POLICIES,
    tables=TABLES,
    render_error=render_error,
    dialect=DIALECT,
)

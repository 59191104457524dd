"""Neutron v2.0: its tables and the order of its steps."""

from emulator.network.errors import DIALECT, render_error
from emulator.network.policies import POLICIES
from emulator.network.routes import DOCUMENTS, OPERATIONS
from emulator.network.tables import TABLES
from emulator.wire.service import Service
from emulator.wire.steps import authenticate, authorize, load, match, parse, validate

SERVICE = Service(
    "network",
    mount="/networking",
    native_port=9696,
    prefixes=("/v2.0",),
    steps=(authenticate, match, parse, validate, load, authorize),
    documents=DOCUMENTS,
    operations=OPERATIONS,
    policies=POLICIES,
    tables=TABLES,
    render_error=render_error,
    dialect=DIALECT,
)

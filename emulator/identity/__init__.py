"""Keystone v3: its tables and the order of its steps."""

from emulator.identity.errors import DIALECT, render_error
from emulator.identity.policies import POLICIES
from emulator.identity.routes import DOCUMENTS, OPERATIONS
from emulator.identity.tables import TABLES
from emulator.wire.service import Service
from emulator.wire.steps import authenticate, authorize, load, match, parse, validate

SERVICE = Service(
    "identity",
    mount="/identity",
    native_port=5000,
    prefixes=("/v3",),
    steps=(authenticate, match, parse, validate, load, authorize),
    documents=DOCUMENTS,
    operations=OPERATIONS,
    policies=POLICIES,
    tables=TABLES,
    render_error=render_error,
    dialect=DIALECT,
)

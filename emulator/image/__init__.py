"""Glance v2: its tables and the order of its steps."""

from emulator.image.errors import DIALECT, render_error
from emulator.image.policies import POLICIES
from emulator.image.routes import DOCUMENTS, OPERATIONS
from emulator.image.tables import TABLES
from emulator.wire.service import Service
from emulator.wire.steps import authenticate, authorize, load, match, parse, validate

SERVICE = Service(
    "image",
    mount="/image",
    native_port=9292,
    prefixes=("/v2",),
    steps=(authenticate, match, parse, validate, load, authorize),
    documents=DOCUMENTS,
    operations=OPERATIONS,
    policies=POLICIES,
    tables=TABLES,
    render_error=render_error,
    dialect=DIALECT,
)

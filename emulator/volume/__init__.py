"""Cinder v3: its tables and the order of its steps."""

from emulator.volume.errors import DIALECT, render_error
from emulator.volume.policies import POLICIES
from emulator.volume.routes import DOCUMENTS, OPERATIONS
from emulator.volume.tables import TABLES
from emulator.wire.service import Service
from emulator.wire.steps import authenticate, authorize, load, match, parse, validate

SERVICE = Service(
    "volume",
    mount="/volume",
    native_port=8776,
    prefixes=("/v3/{project_id}",),
    steps=(authenticate, match, parse, validate, load, authorize),
    documents=DOCUMENTS,
    operations=OPERATIONS,
    policies=POLICIES,
    tables=TABLES,
    render_error=render_error,
    dialect=DIALECT,
)

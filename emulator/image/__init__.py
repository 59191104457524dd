"""Glance v2: its tables and the order of its steps."""

from emulator.image import cache, imports, locations, store
from emulator.image.access import authorize
from emulator.image.answers import say_request
from emulator.image.bodies import read_query, refuse_body
from emulator.image.errors import DIALECT, forbidden
from emulator.image.limits import BODY_BYTES_MAX
from emulator.image.pages import render_error
from emulator.image.policies import POLICIES, policies_in, scope_kind
from emulator.image.routes import DOCUMENTS, OPERATIONS
from emulator.image.tables import TABLES
from emulator.wire.paths import latin
from emulator.wire.service import Service
from emulator.wire.steps import authenticate, load, match

SERVICE = Service(
    "image",
    mount="/image",
    native_port=9292,
    prefixes=("/v2",),
    # Bodies are read and checked by the operations: Glance finds the image after that,
    # and asks policy last.
    steps=(authenticate, match, refuse_body, read_query, load, authorize),
    documents=DOCUMENTS,
    operations=OPERATIONS,
    policies=POLICIES,
    policies_in=policies_in,
    policy_kinds={"scope": scope_kind},
    tables=TABLES,
    answers_options=True,
    read_path=latin,
    minds_service_token=False,
    render_error=render_error,
    dialect=DIALECT,
    finish=say_request,
    forbidden=forbidden,
    body_bytes_max=BODY_BYTES_MAX,
    machines=(store.MACHINE, imports.MACHINE, locations.MACHINE, cache.MACHINE),
)

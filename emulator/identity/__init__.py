"""Keystone v3: its tables and the order of its steps."""

from emulator.identity.errors import DIALECT, not_authorized, render_error, say_who_varies
from emulator.identity.policies import POLICIES, policies_in, scope_kind
from emulator.identity.routes import DOCUMENTS, OPERATIONS
from emulator.identity.steps import (
    identify,
    load_and_authorize,
    match,
    parse,
    require_token,
    validate,
)
from emulator.identity.tables import TABLES
from emulator.wire.paths import plain
from emulator.wire.service import Service

SERVICE = Service(
    "identity",
    mount="/identity",
    native_port=5000,
    prefixes=("/v3",),
    # Keystone 30.0.0: the path comes before the token, a token that is no good before the body, the
    # body before the lack of a token, the resource before policy.
    steps=(match, identify, parse, validate, require_token, load_and_authorize),
    documents=DOCUMENTS,
    operations=OPERATIONS,
    policies=POLICIES,
    policies_in=policies_in,
    policy_kinds={"scope": scope_kind},
    tables=TABLES,
    render_error=render_error,
    dialect=DIALECT,
    forbidden=not_authorized,
    finish=say_who_varies,
    head_as_get=True,
    read_path=plain,
)

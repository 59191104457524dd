"""Neutron v2.0: its tables and the order of its steps."""

from functools import partial

from emulator import former_policies
from emulator.network.envelope import DIALECT, render_error
from emulator.network.permission import POLICY_KINDS, forbidden
from emulator.network.policies import FORMERLY, POLICIES
from emulator.network.resource import match_collection
from emulator.network.root import read_path, say_request_id, tidy_path
from emulator.network.routes import DOCUMENTS, OPERATIONS
from emulator.network.tables import TABLES
from emulator.network.wiring import MACHINES
from emulator.wire.service import Service
from emulator.wire.steps import authenticate, parse

SERVICE = Service(
    "network",
    mount="/networking",
    native_port=9696,
    prefixes=("/v2.0",),
    # Neutron 29.0.0: the token, the path, the body; the resource's own verbs do the rest.
    steps=(tidy_path, authenticate, match_collection, parse),
    documents=DOCUMENTS,
    operations=OPERATIONS,
    policies=POLICIES,
    policies_in=partial(former_policies.of, "network"),
    policies_formerly=FORMERLY,
    policy_kinds=POLICY_KINDS,
    forbidden=forbidden,
    tables=TABLES,
    machines=MACHINES,
    answers_options=True,
    lists_on_options=True,
    read_path=read_path,
    render_error=render_error,
    dialect=DIALECT,
    finish=say_request_id,
    body_bytes_max=1024 * 1024,
)

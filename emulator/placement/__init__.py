"""Placement 1.x: its tables and the order of its steps."""

from functools import partial

from emulator import former_policies
from emulator.placement.envelope import DIALECT, forbidden, render_error
from emulator.placement.policies import POLICIES
from emulator.placement.routes import DOCUMENTS, OPERATIONS
from emulator.placement.steps import (
    agree_on_media,
    authorize,
    choose,
    has_media_type,
    parse,
    validate,
)
from emulator.placement.tables import TABLES
from emulator.placement.versions import HISTORY, negotiate, say_version
from emulator.wire.service import Service
from emulator.wire.steps import authenticate, load, match

SERVICE = Service(
    "placement",
    mount="/placement",
    native_port=8778,
    prefixes=("",),
    # openstack-placement 16.0.0: the version before the path, policy before the resource, the
    # resource before the body.
    steps=(
        authenticate,
        negotiate,
        match,
        has_media_type,
        choose,
        agree_on_media,
        authorize,
        load,
        parse,
        validate,
    ),
    documents=DOCUMENTS,
    operations=OPERATIONS,
    policies=POLICIES,
    policies_in=partial(former_policies.of, "placement"),
    tables=TABLES,
    render_error=render_error,
    dialect=DIALECT,
    finish=say_version,
    forbidden=forbidden,
    history=HISTORY,
)

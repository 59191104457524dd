"""Nova v2.1: its tables and the order of its steps."""

from functools import partial

from emulator import former_policies
from emulator.compute.errors import DIALECT, render_error
from emulator.compute.policies import FORMERLY, POLICIES
from emulator.compute.rate_limits import limit_rate
from emulator.compute.routes import DOCUMENTS, OPERATIONS
from emulator.compute.servers import faults  # noqa: F401 – makes them known
from emulator.compute.servers.deadlines import DEADLINE
from emulator.compute.servers.lifecycle import SERVER
from emulator.compute.servers.volume_attachments import BLOCK_DEVICE
from emulator.compute.steps import (
    check_media_type,
    check_path,
    check_project,
    finish,
    limit_size,
    negotiate,
    read_path,
    relax,
)
from emulator.compute.tables import TABLES
from emulator.compute.versions import HISTORY
from emulator.wire.service import Service
from emulator.wire.steps import (
    authenticate,
    authorize,
    check_query_text,
    choose,
    load,
    match,
    parse,
    validate,
)

SERVICE = Service(
    "compute",
    mount="/compute",
    native_port=8774,
    prefixes=("/v2.1", "/v2.1/{project_id}", "/v2", "/v2/{project_id}"),
    # Nova 34.0.0: the size comes before the token, that before the path, the version before the
    # body, the body before the URL's project and the operation's span, the resource before policy.
    steps=(
        limit_size,
        authenticate,
        limit_rate,
        match,
        check_path,
        negotiate,
        check_media_type,
        parse,
        check_project,
        choose,
        check_query_text,
        relax,
        validate,
        load,
        authorize,
    ),
    documents=DOCUMENTS,
    operations=OPERATIONS,
    policies=POLICIES,
    policies_in=partial(former_policies.of, "compute"),
    policies_formerly=FORMERLY,
    tables=TABLES,
    render_error=render_error,
    dialect=DIALECT,
    finish=finish,
    history=HISTORY,
    answers_options=True,
    read_path=read_path,
    machines=(SERVER, BLOCK_DEVICE, DEADLINE),
)

"""Cinder v3: its tables and the order of its steps."""

from functools import partial

from emulator import former_policies
from emulator.volume import backups, faults, group_snapshots, groups, snapshots  # noqa: F401
from emulator.volume.errors import DIALECT, render_error
from emulator.volume.policies import FORMERLY, POLICIES
from emulator.volume.routes import DOCUMENTS, OPERATIONS
from emulator.volume.tables import TABLES
from emulator.volume.versions import HISTORY, check_body, negotiate, say_version
from emulator.volume.volumes.lifecycle import VOLUME
from emulator.wire.service import Service
from emulator.wire.steps import authenticate, authorize, choose, load, match, parse, validate

SERVICE = Service(
    "volume",
    mount="/volume",
    native_port=8776,
    prefixes=("/v3", "/v3/{project_id}"),
    steps=(authenticate, match, negotiate, choose, check_body, parse, validate, load, authorize),
    documents=DOCUMENTS,
    operations=OPERATIONS,
    policies=POLICIES,
    policies_in=partial(former_policies.of, "volume"),
    policies_formerly=FORMERLY,
    tables=TABLES,
    answers_options=True,
    read_path=lambda path: path.removesuffix(".json"),
    render_error=render_error,
    dialect=DIALECT,
    finish=say_version,
    history=HISTORY,
    machines=(
        VOLUME,
        snapshots.MACHINE,
        backups.MACHINE,
        groups.MACHINE,
        group_snapshots.MACHINE,
    ),
)

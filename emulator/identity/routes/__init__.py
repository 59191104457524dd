"""Keystone v3: every operation, one row each, in three parts."""

from emulator.identity import root
from emulator.identity.routes import catalog, delegation, people
from emulator.wire.operation import Operation, op

DOCUMENTS: tuple[Operation, ...] = (
    op("GET", "", root.versions, open=True),
    op("GET", "/", root.versions, open=True),
    op("GET", "/v3", root.version, open=True),
)

OPERATIONS: tuple[Operation, ...] = (
    *people.TOKENS,
    *people.PEOPLE,
    *people.PLACES,
    *people.CONFIG,
    *people.ROLES,
    *catalog.CATALOG,
    *catalog.FILTER,
    *catalog.POLICIES,
    *catalog.LIMITS,
    *delegation.CREDENTIALS,
    *delegation.TRUSTS,
    *delegation.OAUTH1,
    *delegation.OAUTH2,
    *delegation.FEDERATION,
)

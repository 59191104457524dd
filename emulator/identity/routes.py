"""Keystone v3: every operation, one row each."""

from emulator.identity import authentication, revocations, root, tokens
from emulator.wire.operation import Operation, op

DOCUMENTS: tuple[Operation, ...] = (
    op("GET", "", root.versions, open=True),
    op("GET", "/", root.versions, open=True),
    op("GET", "/v3", root.version, open=True),
)

OPERATIONS: tuple[Operation, ...] = (
    op("POST", "/auth/tokens", authentication.login, status=201, open=True),
    op("GET", "/auth/tokens", tokens.show),
    op("DELETE", "/auth/tokens", tokens.revoke, status=204),
    op("GET", "/OS-REVOKE/events", revocations.index, policy="identity:list_revoke_events"),
)

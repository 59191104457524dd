"""Replicas that lag: reads that are answered with what was there a while ago.

Before each write the cloud is copied, so that a read may be answered as of any moment of late: what
was made since is not there yet, what was deleted lingers.
"""

from __future__ import annotations

from collections import deque

from emulator.store.database import Database
from emulator.wire.dispatch import dispatch
from emulator.wire.request import Context, Response
from emulator.wire.service import Service

COPIES_MAX = 200  # of the cloud; older ones are forgotten first


class Replicas:
    """What a cloud was before each of its latest writes."""

    def __init__(self) -> None:
        self._copies: deque[tuple[float, bytes]] = deque(maxlen=COPIES_MAX)

    def remember(self, database: Database, now: float) -> None:
        """Keep what the cloud is, before something is written."""
        self._copies.append((now, database.serialize()))

    def answer(self, ctx: Context, service: Service, lag_seconds: float) -> Response:
        """Answer a read as of so many seconds ago, for whoever may ask now."""
        content = next((copy for at, copy in self._copies if at > ctx.now - lag_seconds), None)
        if content is None:
            return dispatch(ctx, service)
        token = ctx.request.headers.get("X-Auth-Token")
        if token:
            ctx.cloud.credentials(ctx, token)  # remembered: the replica may not know it yet
        replica = Database()
        replica.restore(content)
        ctx.db = replica
        try:
            return dispatch(ctx, service)
        finally:
            replica.close()

"""What can go wrong, by kind: the kind knows its status, the service its envelope.

Services subclass a kind and give it the message the real service words::

    class InstanceNotFound(NotFound):
        template = "Instance %(instance_id)s could not be found."

    raise InstanceNotFound(instance_id=server_id)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class EmulatorError(Exception):
    """A request that cannot be fulfilled, with the words the client gets.

    `template` is filled in with the keyword values unless a message is given. `headers` go on the
    answer. `keeps_changes` says that the transaction is committed nevertheless (a failed login
    is counted although it is answered with 401). `facts` are the values, for envelopes and logs.
    `reason` says in a word what kind of thing refused, for people who ask why.
    """

    status: ClassVar[int] = 500
    reason: ClassVar[str] = "failure"
    template: ClassVar[str] = ""
    keeps_changes: ClassVar[bool] = False

    def __init__(
        self, message: str | None = None, *, headers: Mapping[str, str] | None = None, **facts: Any
    ) -> None:
        self.message = self.template % facts if message is None else message
        self.headers = dict(headers or {})
        self.facts = facts
        super().__init__(self.message)


class BadInput(EmulatorError):
    """The request itself is wrong."""

    reason = "input"
    status = 400


class Unauthorized(EmulatorError):
    """Who is asking is not known."""

    reason = "token"
    status = 401


class Forbidden(EmulatorError):
    """Who is asking is known and may not."""

    reason = "forbidden"
    status = 403


class PolicyForbidden(Forbidden):
    """A policy rule said no; `facts["rule"]` is its name."""

    reason = "policy"
    template = "Policy doesn't allow %(rule)s to be performed."


class QuotaExceeded(Forbidden):
    """A quota would be exceeded (services choose another status by subclassing a second kind)."""

    reason = "quota"


class NotFound(EmulatorError):
    """The resource does not exist, or not for this caller."""

    reason = "missing"
    status = 404


class MethodNotAllowed(EmulatorError):
    """The path exists, the method does not."""

    reason = "method"
    status = 405


class NotAcceptable(EmulatorError):
    """The requested version is outside what the service speaks."""

    reason = "version"
    status = 406


class Conflict(EmulatorError):
    """The resource is in a state that does not allow this."""

    reason = "state"
    status = 409


class Gone(EmulatorError):
    """An interface that was removed for good."""

    reason = "removed"
    status = 410


class PreconditionFailed(EmulatorError):
    """An If-Match (or the like) does not hold."""

    reason = "precondition"
    status = 412


class TooLarge(EmulatorError):
    """The body is larger than the service reads."""

    reason = "size"
    status = 413


class UnsupportedMediaType(EmulatorError):
    """The body is of a type the service does not read."""

    reason = "media type"
    status = 415


class RangeNotSatisfiable(EmulatorError):
    """The Range header names bytes that do not exist."""

    reason = "range"
    status = 416


class OverLimit(EmulatorError):
    """Too many requests in too short a time."""

    reason = "rate limit"
    status = 429


class NotEmulated(EmulatorError):
    """A part of the real service that the emulator does not have; named on the coverage page."""

    reason = "not emulated"
    status = 501
    template = "%(feature)s is not emulated."


class ServiceUnavailable(EmulatorError):
    """The service cannot answer now."""

    reason = "unavailable"
    status = 503


class TransitionFailed(Exception):
    """An effect of a transition failed; the engine ends the transition in its failing state."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class UsageError(Exception):
    """The user of the command or the library asked for something impossible: one clear sentence."""

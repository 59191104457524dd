"""A request as it came (Request), and all that is known while it is answered (Context)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emulator.policy import Own, Target
from emulator.simulation.clock import iso
from emulator.wire.versioned import UNVERSIONED, Span, Version

if TYPE_CHECKING:
    from emulator.config import Settings
    from emulator.errors import EmulatorError
    from emulator.ids import Ids
    from emulator.simulation.engine import Engine
    from emulator.store.database import Database
    from emulator.wire.operation import Operation
    from emulator.wire.service import Service


@dataclass(slots=True)
class Request:
    """One HTTP request. `path` is still percent-encoded; header names are compared without case.

    `origin` is scheme and authority as the client wrote them, `root` the path of the cloud
    ("" or "/clouds/NAME"); links begin with both. `upload` is the data of an
    operation that takes data.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    origin: str = "http://127.0.0.1:8774"
    root: str = ""
    upload: Any = None
    announced: bool = False  # the operation knows that the data was on its way
    too_large: bool = False  # the body was longer than the service reads, and was not read
    native: bool = False  # came to a port of the service's own: its URLs have no mount
    inside: bool = False  # asked by the process that the cloud is in


@dataclass(slots=True)
class Trouble:
    """What a fault of the wire does to an answer on its way; times are real seconds.

    `reset` cuts the connection in place of the answer, `sent_bytes` after so much of the body;
    `delay_seconds` holds the answer back, `spread_seconds` lets its body trickle.
    """

    reset: bool = False
    sent_bytes: int | None = None
    delay_seconds: float = 0.0
    spread_seconds: float = 0.0


@dataclass(slots=True)
class Response:
    """One HTTP answer. Headers may repeat. `stream` yields bytes in place of a body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    stream: Any = None
    trouble: Trouble | None = None  # on its way to the client


@dataclass(frozen=True)
class Credentials:
    """Who a token stands for, with the role names it carries (implied ones included)."""

    user_id: str | None = None
    user_name: str | None = None
    user_domain_id: str | None = None
    user_domain_name: str | None = None
    project_id: str | None = None
    project_name: str | None = None
    project_domain_id: str | None = None
    project_domain_name: str | None = None
    domain_id: str | None = None
    domain_name: str | None = None
    system: bool = False
    roles: frozenset[str] = frozenset()
    token: str = ""
    expires_at: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)  # what else Keystone knows of the token
    memory: dict[Any, bool] = field(default_factory=dict, compare=False, repr=False)  # of policy

    @property
    def is_admin(self) -> bool:
        """Whether the admin role is held: what the services' context_is_admin asks by default."""
        return "admin" in self.roles

    def policy_value(self, name: str) -> Any:
        """Return the credential a policy check names, e.g. project_id or system_scope."""
        if name in ("tenant", "tenant_id"):
            return self.project_id
        if name == "system_scope":
            return "all" if self.system else None
        if name == "is_admin":
            return self.is_admin
        if name in self.facts:
            return self.facts[name]
        return getattr(self, name, None)


NO_REQUEST = Request("", "")
NOBODY = Credentials()
EMULATOR = Credentials(user_name="emulator", roles=frozenset({"admin", "service"}))
"""Who acts when the clock does: what a service does on its own account."""


class Context:
    """All that is known about the request being answered, or about the step being run.

    `now` is the one moment at which everything in this request happens, in seconds; `timestamp`
    is the same as stored text.
    """

    service: Service | None = None
    operation: Operation | None = None
    candidates: tuple[Operation, ...] = ()
    mount = ""  # where the service is for this client: /compute, or "" on a native port
    prefix = ""  # the part of the path before the operation's own, e.g. /compute/v2.1
    path = ""  # the path inside the service
    body: Any = None
    version: Version = UNVERSIONED
    version_known = False  # a version was agreed on, so the answer says which
    target: Target | None = None
    error: EmulatorError | None = None  # what the answer is, where it is one
    request_id = ""
    global_request_id: str | None = None
    _timestamp: str | None = None

    def __init__(self, cloud: Any, now: float, request: Request | None = None) -> None:
        self.cloud = cloud
        self.now = now
        self.request = request or NO_REQUEST
        self.db: Database = cloud.database
        self.ids: Ids = cloud.ids
        self.settings: Settings = cloud.settings
        self.engine: Engine = cloud.engine
        self.credentials: Credentials = EMULATOR if request is None else NOBODY
        self.arguments: dict[str, Any] = {}
        self.query: dict[str, list[str]] = {}

    def newest(self, maximum: Version) -> Version:
        """Return the newest version that this service speaks here, `maximum` unless set lower."""
        assert self.service is not None
        newest: Version = self.cloud.newest.get(self.service.name, maximum)
        return min(newest, maximum)

    @property
    def timestamp(self) -> str:
        """The moment of this request as stored text, 2026-01-01T00:00:00.000000."""
        if self._timestamp is None:
            self._timestamp = iso(self.now)
        return self._timestamp

    @property
    def project_id(self) -> str:
        """The project the token is scoped to ("" when it is not scoped to one)."""
        return self.credentials.project_id or ""

    @property
    def user_id(self) -> str:
        """The user the token is of."""
        return self.credentials.user_id or ""

    @property
    def is_admin(self) -> bool:
        """Whether the caller holds the admin role."""
        return self.credentials.is_admin

    def __contains__(self, behaviour: Span) -> bool:
        """Say whether a named behaviour holds at the version of this request."""
        return behaviour.holds(self.version)

    def can(self, rule: str, target: Target | None = None) -> bool:
        """Say whether a policy rule of this service lets the caller act on the target.

        Without a target it is what the operation loaded, or the caller's own project.
        """
        assert self.service is not None
        if target is None:
            target = self.own_target if self.target is None else self.target
        who, enforcer = self.credentials, self.cloud.enforcers[self.service.name]
        if not who.token or type(target) is not Own:
            return bool(enforcer.allows(rule, who, target))
        asked = (self.service.name, rule, target["project_id"], target["user_id"], len(target))
        allowed = who.memory.get(asked)
        if allowed is None:
            allowed = who.memory[asked] = enforcer.allows(rule, who, target)
        return allowed

    def authorize(self, rule: str, target: Target | None = None) -> None:
        """Raise the service's refusal unless the rule allows it."""
        if not self.can(rule, target):
            assert self.service is not None
            refusal = self.service.forbidden(rule)
            refusal.facts.setdefault("rule", rule)
            raise refusal

    @property
    def own_target(self) -> Target:
        """The target of rules about nothing in particular: the caller's own project."""
        who = self.credentials
        return Own(
            project_id=who.project_id,
            user_id=who.user_id,
            tenant_id=who.project_id,
            domain_id=who.domain_id,
        )

    def at_service(self, name: str) -> Context:
        """Return this context as another service sees it: same caller and moment, its policies."""
        other = self._copy()
        other.service = self.cloud.services[name]
        other.target = None
        other.version = UNVERSIONED
        return other

    def as_emulator(self) -> Context:
        """Return this context with the rights of a service acting on its own account."""
        other = self._copy()
        other.credentials = EMULATOR
        return other

    def _copy(self) -> Context:
        """This context once more (copy.copy takes four times as long)."""
        other = object.__new__(Context)
        other.__dict__.update(self.__dict__)
        return other

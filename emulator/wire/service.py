"""A service: its tables and the order of its steps, in one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from emulator.errors import EmulatorError, PolicyForbidden
from emulator.policy import Enforcer, Kind
from emulator.simulation.transition import Machine
from emulator.store.migrations import Tables
from emulator.wire.operation import Operation, Reply
from emulator.wire.paths import PathTree
from emulator.wire.request import Context
from emulator.wire.validation import Dialect
from emulator.wire.versioned import Release

WireStep = Callable[[Context], None]


def policy_forbidden(rule: str) -> EmulatorError:
    """Return the refusal most services give."""
    return PolicyForbidden(rule=rule)


@dataclass(frozen=True, eq=False)
class Service:
    """One OpenStack service.

    `mount` is where it answers on the one port, `native_port` where a stock cloud has it.
    `documents` are operations at the mount itself (version documents), `operations` those below
    each of `prefixes` (a service that takes a project id in its URL has two).
    `policies_formerly` is the name that a rule had in older releases, where it had another,
    `policies_in` the checks that rules had in a release, where they had others.
    `render_error` makes the answer of an error; `finish` puts headers on every answer.
    """

    name: str
    mount: str
    native_port: int
    prefixes: tuple[str, ...]
    steps: tuple[WireStep, ...]
    operations: tuple[Operation, ...]
    policies: Mapping[str, str]
    tables: Tables
    render_error: Callable[[EmulatorError, Context], Reply]
    dialect: Dialect
    documents: tuple[Operation, ...] = ()
    finish: Callable[[Context, Reply], None] = lambda ctx, reply: None
    forbidden: Callable[[str], EmulatorError] = policy_forbidden
    policy_kinds: Mapping[str, Kind] = field(default_factory=dict)
    policies_formerly: Mapping[str, str] = field(default_factory=dict)
    policies_in: Callable[[str], Mapping[str, str]] = lambda release: {}
    history: tuple[Release, ...] = ()
    machines: tuple[Machine, ...] = ()
    views: Mapping[str, Any] = field(default_factory=dict)
    body_bytes_max: int = 114688  # oslo.middleware's max_request_body_size
    head_as_get: bool = False
    outside: bool = False  # of the cloud: its requests take no request id and no transaction
    answers_options: bool = False  # to OPTIONS, with nothing: oslo.middleware's CORS comes first
    minds_service_token: bool = True  # one that is not valid is refused, whoever else asks
    lists_on_options: bool = False  # lists are told first, where they can be; nothing else is
    read_path: Callable[[str], str] = lambda path: path  # a path as the service's routes see it

    @cached_property
    def paths(self) -> PathTree:
        """Every path of the service, below its mount."""
        tree = PathTree()
        for document in self.documents:
            tree.add(document.path, document)
        for prefix in self.prefixes:
            for operation in self.operations:
                tree.add(prefix + operation.path, operation)
        return tree

    @cached_property
    def _enforcers(self) -> dict[str, Enforcer]:
        return {}

    def enforcer(self, release: str) -> Enforcer:
        """Return the rules of a release, compiled once for all clouds that change none of them."""
        if release not in self._enforcers:
            changes = self.policies_in(release)
            self._enforcers[release] = Enforcer(self.policies, changes, self.policy_kinds)
        return self._enforcers[release]

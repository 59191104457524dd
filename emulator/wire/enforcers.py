"""The policy rules of each service: its own, changed by a file and by the cloud's settings."""

from __future__ import annotations

from collections.abc import Sequence

from emulator import policyfiles
from emulator.config import Settings
from emulator.errors import UsageError
from emulator.policy import Enforcer
from emulator.wire.service import Service


def enforcers(services: Sequence[Service], settings: Settings) -> dict[str, Enforcer]:
    """Return what enforces each service's rules. UsageError for rules of a service not there."""
    known = [service.name for service in services]
    for setting in ("policies", "policy_files"):
        for name in getattr(settings, setting):
            if name not in known:
                raise UsageError(
                    f"{setting}: {name!r} is no service; services are {', '.join(known)}"
                )
    return {service.name: _enforcer(service, settings) for service in services}


def _enforcer(service: Service, settings: Settings) -> Enforcer:
    """The rules of a service: its own, changed by its file, changed by the settings."""
    changes = dict(settings.policies.get(service.name, {}))
    if service.name in settings.policy_files:
        changes = {**policyfiles.from_file(settings.policy_files[service.name]), **changes}
    changes = policyfiles.renewed(changes, service.policies_formerly)
    return Enforcer(service.policies, changes, service.policy_kinds)

"""The policy rules of each service: those of its release, changed by a file and by settings."""

from __future__ import annotations

from collections.abc import Sequence

from emulator import policyfiles
from emulator.config import Settings
from emulator.errors import UsageError
from emulator.policy import Enforcer
from emulator.wire.service import Service


def enforcers(services: Sequence[Service], settings: Settings, release: str) -> dict[str, Enforcer]:
    """Return what enforces each service's rules, in a cloud of a release.

    UsageError for rules of a service not there.
    """
    known = [service.name for service in services]
    for setting in ("policies", "policy_files"):
        for name in getattr(settings, setting):
            if name not in known:
                raise UsageError(
                    f"{setting}: {name!r} is no service; services are {', '.join(known)}"
                )
    return {service.name: _enforcer(service, settings, release) for service in services}


def _enforcer(service: Service, settings: Settings, release: str) -> Enforcer:
    """The rules of a service: those of the release, changed by its file, by the settings."""
    changes = dict(settings.policies.get(service.name, {}))
    if service.name in settings.policy_files:
        changes = {**policyfiles.from_file(settings.policy_files[service.name]), **changes}
    if not changes:
        return service.enforcer(release)
    changes = policyfiles.renewed(changes, service.policies_formerly)
    changes = {**service.policies_in(release), **changes}
    return Enforcer(service.policies, changes, service.policy_kinds)

"""Settings: every knob, its default and its meaning."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from emulator import policyfiles, releases
from emulator.errors import UsageError
from emulator.yamlfiles import read

CLOCKS = ("real", "frozen", "manual")
PROFILES = ("instant", "fast", "typical", "slow", "chaos")
RATE_LIMIT_OWNERS = ("project", "user")
QUOTA_DRIVERS = ("database", "none")
RATE_LIMIT_NAMES = {"verb", "uri", "regex", "value", "unit"}
RATE_LIMIT_VERBS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD")
RATE_LIMIT_UNITS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86400}  # seconds
WEB_HOSTS = ("loopback", "any")
KINDS = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    dict: "a mapping",
    list: "a list",
}


@dataclass(frozen=True)
class Settings:
    """How a cloud behaves. Times are in seconds of the virtual clock, sizes in bytes."""

    host: str = "127.0.0.1"  # where to listen
    port: int = 8774  # 0 picks a free one
    db: str = ""  # file of the cloud; empty means memory
    fixture: str = "devstack"  # name or path of the sample cloud an empty database is filled with
    release: str = releases.NEWEST.name  # of OpenStack, from train on: versions, defaults
    seed: int = 1  # of every id and every duration
    clock: str = "real"  # real | frozen | manual: the latter two stand until they are moved
    rate: float = 1.0  # virtual seconds a second, when the clock is real
    skip_on_poll: bool = False  # whoever asks again about something under way finds it done
    durations: str = "fast"  # profile: instant | fast | typical | slow | chaos
    lifecycles: Sequence[Mapping[str, Any]] = field(
        default_factory=list
    )  # stages: how long steps of resources take and how they end, beside the profile
    timeline: str = ""  # YAML file of what a new cloud goes through: words and their moments
    clock_start: float = 1893456000.0  # a manual clock begins at 2030-01-01T00:00:00Z
    json_depth_max: int = 100  # nesting of a request body
    page_limit_max: int = 1000  # rows of one page (Nova's [api]max_limit)
    settle_steps_max: int = 1_000_000  # steps one settle() may run
    token_expiration_seconds: int = 3600  # Keystone's [token]expiration
    dns_domain: str = "openstacklocal"  # Neutron's option: with another, ports keep their names
    web_hosts: str = "loopback"  # where images are fetched from: loopback | any
    image_format_check: bool = False  # refuse data that is not of the image's disk_format
    allow_resize_to_same_host: bool = True  # as DevStack has Nova's option of this name
    resize_confirm_window_seconds: float = 0.0  # a resize is confirmed after so long; 0 is never
    shelved_offload_seconds: float = (
        0.0  # a shelved server leaves its host after so long; -1: never
    )
    reclaim_seconds: float = 0.0  # a deleted server can be restored for so long; 0: it is gone
    console_token_ttl_seconds: int = 600  # Nova's [consoleauth]token_ttl
    control: bool = True  # answer below /_emulator
    control_token: str = ""  # what the control API wants as a bearer token; empty lets everyone in
    import_bytes_max: int = 268_435_456  # of a request to import a snapshot
    journal_max: int = 10_000  # requests, and as many steps, that the journal keeps; 0: none
    notifications: bool = False  # keep Nova's versioned notifications in the journal and its events
    strict: bool = False  # what a test sends and nobody reads fails it (the pytest plugin)
    console_ports: bool = (
        True  # serve consoles where they are said to be; at free ports if the usual are not
    )
    quota_driver: str = "database"  # of Compute: database, or none: nothing is limited or counted
    rate_limit_per: str = "project"  # whose requests Compute counts together: project | user
    rate_limit_status: int = 429  # of a request over a rate limit: 429, or 413 as it once was
    rate_limits: Sequence[Mapping[str, Any]] = field(
        default_factory=list
    )  # of Compute: verb, uri, regex, value, unit (SECOND, MINUTE, HOUR, DAY)
    policies: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict
    )  # service → rule → check
    policy_files: Mapping[str, str] = field(
        default_factory=dict
    )  # service → a file of rules as its policy.yaml is; `policies` win over it
    quotas: Mapping[str, Mapping[str, int]] = field(
        default_factory=dict
    )  # service → resource → limit

    def __post_init__(self) -> None:
        """Refuse values that no cloud can have."""
        if self.clock not in CLOCKS:
            raise UsageError(f"clock: {self.clock!r} is none of {', '.join(CLOCKS)}")
        if self.durations not in PROFILES:
            raise UsageError(f"durations: {self.durations!r} is none of {', '.join(PROFILES)}")
        if self.web_hosts not in WEB_HOSTS:
            raise UsageError(f"web_hosts: {self.web_hosts!r} is none of {', '.join(WEB_HOSTS)}")
        if self.quota_driver not in QUOTA_DRIVERS:
            known = ", ".join(QUOTA_DRIVERS)
            raise UsageError(f"quota_driver: {self.quota_driver!r} is none of {known}")
        if self.rate_limit_per not in RATE_LIMIT_OWNERS:
            known = ", ".join(RATE_LIMIT_OWNERS)
            raise UsageError(f"rate_limit_per: {self.rate_limit_per!r} is none of {known}")
        if self.rate_limit_status not in (413, 429):
            raise UsageError(f"rate_limit_status: {self.rate_limit_status!r} is not 413 or 429")
        releases.find(self.release)
        problem = rate_limit_problem(self.rate_limits)
        if problem is not None:
            raise UsageError(f"rate_limits: {problem}")
        for rules in self.policies.values():
            try:
                policyfiles.checked(rules)
            except UsageError as problem:
                raise UsageError(f"policies: {problem}") from None
        if not 0 <= self.rate < float("inf"):
            raise UsageError(f"rate: {self.rate!r} is not a number of at least 0")
        if not self.journal_max >= 0:
            raise UsageError(f"journal_max: {self.journal_max!r} is not a number of at least 0")
        if not 0 <= self.port <= 65535:
            raise UsageError(f"port: {self.port!r} is not between 0 and 65535")


def rate_limit_problem(limits: Any) -> str | None:
    """Say what is wrong with rate limits as they are written down, None when nothing is."""
    for number, limit in enumerate(limits, 1):
        problem = _problem(limit)
        if problem is not None:
            return f"rate limit {number}: {problem}"
    return None


def _problem(limit: Any) -> str | None:
    if not isinstance(limit, Mapping) or set(limit) != RATE_LIMIT_NAMES:
        return "takes verb, uri, regex, value and unit"
    for name, known in (("verb", RATE_LIMIT_VERBS), ("unit", RATE_LIMIT_UNITS)):
        if limit[name] not in known:
            return f"{name} {limit[name]!r} is none of {', '.join(known)}"
    if not isinstance(limit["value"], int) or limit["value"] < 1:
        return f"value {limit['value']!r} is no number of at least 1"
    if not isinstance(limit["uri"], str):
        return f"uri {limit['uri']!r} is no text"
    try:
        re.compile(limit["regex"])
    except (re.error, TypeError):
        return f"regex {limit['regex']!r} is no pattern"
    return None


def described() -> list[tuple[str, str, Any, str]]:
    """Return name, kind, default and meaning of every setting; the meaning is its comment above."""
    import inspect

    line = r"^    {name}: [^#]*?  # (.+)$"
    source, default = inspect.getsource(Settings), Settings()
    found = []
    for each in fields(Settings):
        comment = re.search(line.format(name=each.name), source, re.MULTILINE)
        value = getattr(default, each.name)
        kind = KINDS[type(value)]
        found.append((each.name, kind, value, comment[1] if comment else ""))
    return found


def settings_from_file(path: str | Path, base: Settings | None = None) -> Settings:
    """Read a YAML mapping of settings. UsageError names file, line and key when it is wrong."""
    document = read(path)
    known = {each.name: each for each in fields(Settings)}
    settings = base or Settings()
    for name, value in document.items():
        if name not in known:
            place = document.trail.place
            raise UsageError(f"{place}: is not a setting; settings are {', '.join(sorted(known))}")
        try:
            settings = replace(settings, **{name: _typed(value, getattr(Settings(), name))})
        except UsageError as problem:
            sentence = str(problem).removeprefix(f"{name}: ")
            raise UsageError(f"{document.trail.place}: {sentence}") from None
    folder = Path(path).parent
    files = {name: str(folder / file) for name, file in settings.policy_files.items()}
    return replace(settings, policy_files=files) if "policy_files" in document else settings


def _typed(value: Any, default: Any) -> Any:
    """The value as the type that the default has. UsageError when it is of another one."""
    expected = type(default)
    if expected is float and type(value) is int:
        return float(value)
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        raise UsageError(f"takes {KINDS[expected]}, not {value!r}")
    return value

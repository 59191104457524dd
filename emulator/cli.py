"""The command `openstack-emulator`."""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, fields, replace
from functools import partial
from pathlib import Path

from emulator import __version__, access
from emulator.config import PROFILES, Settings, described, settings_from_file
from emulator.errors import UsageError

USAGE_EXIT = 2
CONTROL_TOKEN = "OPENSTACK_EMULATOR_TOKEN"
DIAGRAMS = ("text", "mermaid", "svg")
NOUNS = {  # of the control API; what each verb takes is imported when one is said
    "clock": "read and move the clock of a cloud",
    "clouds": "make, list and drop clouds beside the default one",
    "timeline": "let words be said by themselves, each at its moment",
    "lifecycles": "see and change how long things take and how they end",
    "faults": "let things go wrong",
    "cells": "let cells of Compute go down and come back",
    "snapshots": "keep, compare and carry away what a cloud is",
    "release": "see and set the release of a cloud",
    "rate-limits": "see and set Compute's rate limits",
    "events": "follow what a cloud is asked and does",
    "journal": "read what a cloud was asked and did, and ask why",
    "wire-faults": "let a bad network or a tired service befall requests",
    "control": "describe the control API",
}
ENV_FORMATS = ("shell", "openrc", "clouds.yaml", "json", "terraform")


def build_parser(command: str = "") -> argparse.ArgumentParser:
    """Return the parser of the whole command line; each command's function is its `run`.

    With the name of a command it knows that one alone: making all takes a while.
    """
    parser = argparse.ArgumentParser(
        prog="openstack-emulator",
        description="A local OpenStack cloud for tests: one process, one port, no hypervisor.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    known: dict[str, Callable[[argparse._SubParsersAction[argparse.ArgumentParser]], None]] = {
        "serve": _add_serve,
        "env": _add_env,
        "seed": _add_seed,
        "demo": _add_demo,
        "settings": _add_settings,
        "microversion": _add_microversion,
        "transitions": _add_transitions,
        "operations": _add_operations,
        **{noun: partial(_add_noun, noun) for noun in NOUNS},
    }
    for name in [command] if command in known else known:
        known[name](commands)
    return parser


def _add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = commands.add_parser(
        "serve",
        help="run a cloud",
        description="Run a cloud until SIGTERM or SIGINT. Prints `Ready. URL` when it answers.",
        argument_default=argparse.SUPPRESS,
    )
    defaults = Settings()
    serve.add_argument("--host", help=f"address to listen on ({defaults.host})")
    serve.add_argument("--port", type=int, help=f"0 picks a free one ({defaults.port})")
    serve.add_argument("--db", metavar="FILE", help="keep the cloud in this file (else in memory)")
    serve.add_argument(
        "--fixture", metavar="NAME|FILE", help=f"what a new cloud begins with ({defaults.fixture})"
    )
    serve.add_argument(
        "--release", metavar="NAME", help=f"of OpenStack, such as yoga ({defaults.release})"
    )
    serve.add_argument("--seed", type=int, help=f"of ids and durations ({defaults.seed})")
    serve.add_argument("--rate", type=float, help=f"virtual seconds a second ({defaults.rate:g})")
    serve.add_argument(
        "--durations", choices=PROFILES, help=f"how long things take ({defaults.durations})"
    )
    serve.add_argument(
        "--timeline", metavar="FILE", help="YAML file of what a new cloud goes through"
    )
    serve.add_argument(
        "--config", metavar="FILE", help="YAML file of settings; options win over it"
    )
    serve.add_argument(
        "--control-token",
        metavar="TOKEN",
        default=os.environ.get(CONTROL_TOKEN, argparse.SUPPRESS),
        help=f"what the control API wants as a bearer token (${CONTROL_TOKEN})",
    )
    serve.add_argument(
        "--no-control",
        dest="control",
        action="store_false",
        help="have no control API",
    )
    serve.add_argument(
        "--native-ports",
        action="store_true",
        help="listen on each service's own port too: 5000, 8774, 9292, 9696, 8776, 8778",
    )
    serve.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> int:
    gc.disable()  # until the cloud is made: importing leaves no garbage
    with _no_certificates():
        from emulator.server import serve

    try:
        native_ports = "native_ports" in options and options.native_ports
        serve(_settings(options), native_ports=native_ports, ready=_ready)
    finally:
        gc.enable()
    return 0


@contextmanager
def _no_certificates() -> Iterator[None]:
    """Hide the machine's certificates from aiohttp, which reads them all when it is imported.

    They are for its client, which a server has no use for.
    """
    hidden = {name: os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR")}
    os.environ.update(dict.fromkeys(hidden, os.devnull))
    try:
        yield
    finally:
        for name, value in hidden.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def _ready(url: str) -> None:
    print(f"Ready. {url}", flush=True)


def _default_url() -> str:
    """Where the cloud is, unless it is said."""
    return os.environ.get("OPENSTACK_EMULATOR_URL", f"http://{Settings.host}:{Settings.port}")


def _add_env(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    env = commands.add_parser(
        "env",
        help="print what clients need to reach a cloud",
        description='Print what clients need to reach a cloud: eval "$(openstack-emulator env)".',
    )
    env.add_argument("--url", default=_default_url(), help="of the cloud (%(default)s)")
    env.add_argument("--user", default="demo", help="who to be (%(default)s)")
    env.add_argument("--project", help="where to act (the project named like the user)")
    env.add_argument("--password", default=access.PASSWORD, help="of the user (%(default)s)")
    env.add_argument("--format", choices=ENV_FORMATS, default="shell", help="(%(default)s)")
    env.add_argument("--json", dest="format", action="store_const", const="json", help="as JSON")
    env.set_defaults(run=_env)


def _env(options: argparse.Namespace) -> int:
    url, user = options.url.rstrip("/"), options.user
    project = options.project or user
    if options.format == "clouds.yaml":
        print(access.clouds_yaml(url, user, project, options.password), end="")
    else:
        write = {
            "shell": access.shell,
            "openrc": access.openrc,
            "json": access.as_json,
            "terraform": access.terraform,
        }[options.format]
        print(write(access.variables(url, user, project, options.password)))
    return 0


def _add_seed(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    seed = commands.add_parser(
        "seed",
        help="fill a cloud with inhabitants",
        description="Fill a running cloud, or one in a file that no other process has open, with "
        "projects, people, networks, volumes and servers in all states.",
    )
    where = seed.add_mutually_exclusive_group()
    where.add_argument("--url", default=_default_url(), help="of the running cloud (%(default)s)")
    where.add_argument(
        "--db", metavar="FILE", help="the file of the cloud; made when there is none"
    )
    seed.add_argument("--servers", type=int, default=500, help="how many (%(default)s)")
    seed.add_argument("--projects", type=int, default=5, help="how many (%(default)s)")
    seed.add_argument("--seed", type=int, default=1, help="of all names (%(default)s)")
    seed.add_argument("--json", action="store_true", help="print what was made as JSON")
    seed.set_defaults(run=_seed)


def _seed(options: argparse.Namespace) -> int:
    from emulator.seeding import doors, inhabitants

    def fill(door: doors.Door) -> None:
        made = inhabitants.fill(
            door,
            servers=options.servers,
            projects=options.projects,
            seed=options.seed,
            tell=_progress,
        )
        if options.json:
            print(json.dumps(asdict(made)))
            return
        print(
            f"{made.servers} servers, {made.volumes} volumes, {made.floating_ips} floating IPs in:"
        )
        for project in made.projects:
            print("  project {name}, user {user}, password {password}".format(**project))

    if options.db is None:
        with doors.through_url(options.url.rstrip("/")) as door:
            fill(door)
        return 0
    from emulator.cloud import Cloud

    cloud = Cloud(db=options.db)
    try:
        fill(doors.through_cloud(cloud))
    finally:
        cloud.close()
    return 0


def _progress(done: int, total: int) -> None:
    """Say how far a long work is, on a terminal in one line."""
    if sys.stderr.isatty():
        print(f"\r{done} of {total} servers", end="\n" if done == total else "", file=sys.stderr)
    elif done % 1000 == 0:
        print(f"{done} of {total} servers", file=sys.stderr)


def _add_demo(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    demo = commands.add_parser(
        "demo",
        help="boot a server and watch its life",
        description="Start a cloud, boot a server in it through openstacksdk, show its life.",
    )
    demo.set_defaults(run=_demo)


def _demo(options: argparse.Namespace) -> int:
    from emulator.demo import demonstrate

    demonstrate(print)
    return 0


def _add_settings(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    shown = commands.add_parser(
        "settings",
        help="list every setting",
        description="List what `serve --config FILE` and Cloud(...) take, as a table in Markdown.",
    )
    shown.add_argument("--json", action="store_true", help="as JSON")
    shown.set_defaults(run=_show_settings)


def _show_settings(options: argparse.Namespace) -> int:
    names = ("setting", "takes", "default", "meaning")
    if options.json:
        print(json.dumps([dict(zip(names, each, strict=True)) for each in described()], indent=2))
        return 0
    print("| {} | {} | {} | {} |".format(*names))
    print("|---|---|---|---|")
    for name, kind, default, meaning in described():
        print(f"| `{name}` | {kind} | `{json.dumps(default)}` | {meaning.replace('|', 'or')} |")
    return 0


def _add_microversion(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    told = commands.add_parser(
        "microversion",
        help="tell what a microversion changed",
        description="Tell what a microversion changed, as the emulator's own tables have it.",
    )
    told.add_argument("number", metavar="VERSION", help="such as 2.73")
    told.add_argument(
        "--service", choices=("compute", "volume", "placement"), help="compute unless VERSION says"
    )
    told.set_defaults(run=_tell_microversion)


def _tell_microversion(options: argparse.Namespace) -> int:
    from emulator.services import BY_NAME
    from emulator.wire.changes import changes
    from emulator.wire.versioned import parse_version

    number = options.number
    major = number.partition(".")[0]
    name = options.service or {"1": "placement", "3": "volume"}.get(major, "compute")
    try:
        version = parse_version(number)
    except ValueError:
        raise UsageError(f"{number!r} is not a version such as 2.73") from None
    service = BY_NAME[name]
    release = next((each for each in service.history if each.version == version), None)
    if release is None:
        first, last = (".".join(map(str, service.history[end].version)) for end in (0, -1))
        raise UsageError(f"{name} has no version {number}: it has {first} to {last}")
    print(f"{name} {number}: {release.summary}")
    for line in changes(service, version):
        print(f"  {line}")
    return 0


def _add_transitions(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    shown = commands.add_parser(
        "transitions",
        help="show what a kind of resource can go through",
        description="Show the transitions of a kind of resource: states, steps, durations.",
    )
    shown.add_argument("kind", help="such as server or volume")
    shown.add_argument("--format", choices=DIAGRAMS, default="text", help="(%(default)s)")
    shown.set_defaults(run=_show_transitions)


def _show_transitions(options: argparse.Namespace) -> int:
    from emulator.services import MACHINES
    from emulator.simulation.diagram import diagram

    if options.kind not in MACHINES:
        raise UsageError(f"{options.kind!r} is none of {', '.join(MACHINES)}")
    print(diagram(MACHINES[options.kind].transitions, options.format))
    return 0


def _add_operations(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    shown = commands.add_parser(
        "operations",
        help="list every operation",
        description="List every operation that is emulated, and the versions that have it.",
    )
    shown.add_argument("service", nargs="?", help="only of this service, such as compute")
    shown.add_argument("--json", action="store_true", help="as JSON")
    shown.add_argument(
        "--coverage",
        metavar="TESTS",
        nargs="?",
        const="tests",
        help="as a page in Markdown, with what proves each: the tests in this folder (tests)",
    )
    shown.set_defaults(run=_show_operations)


def _show_operations(options: argparse.Namespace) -> int:
    from emulator.services import BY_NAME
    from emulator.wire.changes import operations_of
    from emulator.wire.coverage import page

    if options.service not in (None, *BY_NAME):
        raise UsageError(f"{options.service!r} is none of {', '.join(BY_NAME)}")
    if options.coverage is not None:
        chosen = [each for name, each in BY_NAME.items() if options.service in (None, name)]
        print(page(chosen, Path(options.coverage)), end="")
        return 0
    rows = [
        {"service": name, "operation": row.name, "versions": str(row.span), "policy": row.policy}
        for name, service in BY_NAME.items()
        if options.service in (None, name)
        for row in operations_of(service)
    ]
    if options.json:
        print(json.dumps(rows, indent=2))
        return 0
    for row in rows:
        print(f"{row['service']:<10} {row['operation']}  {row['versions']}".rstrip())
    return 0


def _add_noun(noun: str, commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    said = commands.add_parser(
        noun,
        help=NOUNS[noun],
        description=f"{NOUNS[noun].capitalize()}. Without a verb: what can be said.",
    )
    said.add_argument("verb", nargs="?")
    said.add_argument("values", nargs="*", metavar="VALUE|NAME=VALUE")
    said.add_argument("--file", metavar="FILE", help="YAML file of named values")
    said.add_argument("--url", default=_default_url(), help="of the cloud (%(default)s)")
    said.add_argument(
        "--token", default=os.environ.get(CONTROL_TOKEN, ""), help=f"${CONTROL_TOKEN}"
    )
    said.add_argument("--json", action="store_true", help="print the answer as JSON")
    said.set_defaults(run=_say, noun=noun)


def _say(options: argparse.Namespace) -> int:
    from emulator.control import commands

    printed = commands.run(
        options.url,
        options.noun,
        options.verb,
        options.values,
        file=options.file,
        token=options.token,
        as_json=options.json,
    )
    if isinstance(printed, bytes):
        sys.stdout.buffer.write(printed)
    elif isinstance(printed, str):
        print(printed, end="\n" if printed else "")
    else:
        with suppress(KeyboardInterrupt):
            for line in printed:
                print(line, flush=True)
    return 0


def _settings(options: argparse.Namespace) -> Settings:
    """Return the defaults, changed by the config file, changed by the options that were given."""
    base = settings_from_file(options.config) if "config" in options else Settings()
    given = {
        each.name: vars(options)[each.name] for each in fields(Settings) if each.name in options
    }
    return replace(base, **given)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 when it went well, 1 when it failed, 2 when it cannot be done."""
    words = sys.argv[1:] if arguments is None else arguments
    options = build_parser(words[0] if words else "").parse_args(words)
    try:
        status: int = options.run(options)
    except UsageError as problem:
        print(f"openstack-emulator: {problem}", file=sys.stderr)
        return USAGE_EXIT
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status

"""The command line: what it prints, and how it refuses."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator import __version__
from emulator.cli import build_parser, main
from emulator.cloud import Cloud

# What the SDK itself is going to change is the SDK's own affair.
pytestmark = pytest.mark.filterwarnings("ignore:::openstack")

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """start("serve", …) → the running command; whatever still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def starting(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "emulator", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield starting
    for process in started:
        process.kill()
        process.communicate()


def ready_url(process: subprocess.Popen[str]) -> str:
    """Wait for the line that says the cloud answers, and return its URL."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("Ready. http://"), (line, process.stderr and process.stderr.read())
    return line.removeprefix("Ready. ").rstrip("\n")


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that cannot be done; return its one sentence."""
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    sentence = captured.err.removeprefix("openstack-emulator: ")
    assert sentence != captured.err
    assert sentence.count("\n") == 1
    return sentence


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_serve_says_when_it_answers_and_stops_when_it_is_told(
    start: Start, end: signal.Signals
) -> None:
    process = start("serve", "--port", "0", "--fixture", "")
    url = ready_url(process)
    assert json.load(urllib.request.urlopen(f"{url}/health")) == {"status": "ok"}
    process.send_signal(end)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")


def test_serve_stops_though_a_client_keeps_its_connection(start: Start) -> None:
    process = start("serve", "--port", "0", "--fixture", "")
    port = int(ready_url(process).rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(100)
        process.terminate()
        assert process.wait(timeout=5) == 0


def test_a_taken_port_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        sentence = refusal(capsys, "serve", "--fixture", "", "--port", port)
    assert sentence.startswith(f"cannot listen on 127.0.0.1:{port}: ")
    assert "address already in use" in sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("port: 1\nrates: 2\n", "{file}:2: rates: is not a setting; settings are "),
        ("seed: x\n", "{file}:1: seed: takes a whole number, not 'x'\n"),
        ("seed: true\n", "{file}:1: seed: takes a whole number, not True\n"),
        ("# a comment\nrate: -1\n", "{file}:2: rate: -1.0 is not a number of at least 0\n"),
        ("clock: sometimes\n", "{file}:1: clock: 'sometimes' is none of real, frozen, manual\n"),
        ("policies: 3\n", "{file}:1: policies: takes a mapping, not 3\n"),
        ("seed: 1\nseed: 2\n", "{file}:2: seed stands here twice\n"),
        ("- seed\n", "{file}:1: the file is not a mapping of names to values\n"),
        ("seed: [\n", "{file}:2: did not find expected node content\n"),
    ],
)
def test_a_wrong_config_is_named_by_file_line_and_key(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, sentence: str
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(text)
    found = refusal(capsys, "serve", "--config", str(file))
    assert found.startswith(sentence.format(file=file))


def test_a_config_that_is_not_there_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    found = refusal(capsys, "serve", "--config", "/nowhere/config.yaml")
    assert found == "/nowhere/config.yaml: No such file or directory\n"


def test_a_fixture_that_is_not_there_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    found = refusal(capsys, "serve", "--fixture", "nothing")
    assert found.startswith("there is no fixture 'nothing': give a path, or one of busy, ")


@pytest.mark.parametrize("content", [None, b"this is no database, though long enough to be read"])
def test_a_file_that_cannot_be_the_database_is_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "nowhere" / "cloud.sqlite"
    if content is not None:
        file.parent.mkdir()
        file.write_bytes(content)
    found = refusal(capsys, "serve", "--port", "0", "--db", str(file))
    assert found.startswith(f"{file}: cannot be used as a database: ")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["serve", "--port", "many"],
        ["serve", "--durations", "long"],
        ["serve", "--wings"],
    ],
)
def test_wrong_arguments_are_refused_with_the_usage(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: openstack-emulator")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(command in shown for command in ("serve", "env"))


def test_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"openstack-emulator {__version__}\n"


def test_env_is_for_a_shell(capsys: pytest.CaptureFixture[str]) -> None:
    main(["env", "--url", "http://cloud:80/", "--user", "admin", "--password", "it's"])
    lines = capsys.readouterr().out
    script = f"{lines}\nprintf '%s ' $OS_AUTH_URL $OS_USERNAME $OS_PROJECT_NAME $OS_PASSWORD"
    shown = subprocess.check_output(["sh", "-c", script], text=True, env={**os.environ})
    assert shown.split() == ["http://cloud:80/identity/v3", "admin", "admin", "it's"]


def test_env_is_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    main(["env", "--json", "--project", "alt_demo"])
    values = json.loads(capsys.readouterr().out)
    assert values["OS_AUTH_URL"] == "http://127.0.0.1:8774/identity/v3"
    assert values["OS_PROJECT_NAME"] == "alt_demo"


def test_env_writes_clouds_yaml(capsys: pytest.CaptureFixture[str]) -> None:
    main(["env", "--format", "clouds.yaml", "--user", "alice", "--project", "lab"])
    clouds = yaml.safe_load(capsys.readouterr().out)["clouds"]
    assert clouds["emulator"]["auth"]["username"] == "alice"
    assert clouds["devstack-admin"]["auth"]["project_name"] == "admin"
    assert clouds["devstack-system-admin"]["auth"]["system_scope"] == "all"


def test_env_writes_a_terraform_provider(capsys: pytest.CaptureFixture[str]) -> None:
    main(["env", "--format", "terraform"])
    shown = capsys.readouterr().out
    assert shown.startswith('provider "openstack" {\n')
    assert '  tenant_name       = "demo"\n' in shown


def test_env_openrc_clears_what_would_win_over_it(capsys: pytest.CaptureFixture[str]) -> None:
    main(["env", "--format", "openrc"])
    assert "unset OS_CLOUD OS_TOKEN" in capsys.readouterr().out


def test_every_command_has_its_function() -> None:
    options = build_parser().parse_args(["serve", "--port", "1"])
    assert options.port == 1
    assert callable(options.run)


def call(method: str, url: str, body: Any = None) -> tuple[int, Any]:
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, content, {"Content-Type": "application/json"})
    request.method = method
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def test_clouds_are_made_and_dropped_beside_the_default_one(start: Start) -> None:
    url = ready_url(start("serve", "--port", "0", "--fixture", ""))
    clouds = f"{url}/_emulator/clouds"
    wanted = {"name": "mine", "clock": "manual"}
    assert call("POST", clouds, wanted) == (
        201,
        {"cloud": {"name": "mine", "url": f"{url}/clouds/mine"}},
    )
    assert call("POST", clouds, wanted)[0] == 409
    assert call("POST", clouds, {"name": "a/b"})[0] == 400
    assert call("POST", clouds, {"name": "x", "fixture": "nothing"})[0] == 400
    assert call("POST", f"{url}/clouds/mine/_emulator/clouds", {"name": "x"}) == (
        201,
        {"cloud": {"name": "x", "url": f"{url}/clouds/mine/clouds/x"}},
    )
    call("POST", f"{url}/clouds/mine/_emulator/clock/advance", {"seconds": 60})
    mine = call("GET", f"{url}/clouds/mine/_emulator/clock")[1]["clock"]
    assert (mine["mode"], mine["now"]) == ("manual", "2030-01-01T00:01:00.000000Z")
    assert call("GET", f"{url}/_emulator/clock")[1]["clock"]["mode"] == "real"
    assert [each["name"] for each in call("GET", clouds)[1]["clouds"]] == ["mine"]
    assert call("DELETE", f"{clouds}/mine") == (204, None)
    assert call("DELETE", f"{clouds}/mine")[0] == 404
    assert call("GET", f"{url}/clouds/mine/health")[0] == 404


def test_seed_fills_a_running_cloud(capsys: pytest.CaptureFixture[str], cloud: Cloud) -> None:
    arguments = ["seed", "--url", cloud.url, "--servers", "3", "--projects", "1"]
    assert main([*arguments, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["servers"], len(made["projects"])) == (3, 1)
    connection = cloud.connect("admin")
    assert len(list(connection.compute.servers(all_projects=True))) == 3
    connection.close()
    assert main([*arguments, "--seed", "2"]) == 0
    assert "3 servers, 1 volumes, " in capsys.readouterr().out


def test_seed_fills_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    db = str(tmp_path / "cloud.sqlite")
    assert main(["seed", "--db", db, "--servers", "1", "--projects", "1", "--json"]) == 0
    (project,) = json.loads(capsys.readouterr().out)["projects"]
    with Cloud(db=db) as again:
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("OS_CLIENT_CONFIG_FILE", os.devnull)
            connection = again.connect(project["user"], project["name"])
        assert len(list(connection.compute.servers())) == 1
        connection.close()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--url", "http://127.0.0.1:1"], "no cloud answers at http://127.0.0.1:1: "),
        (["--url", "here"], "'here' is not the URL of a cloud, such as http://127.0.0.1:8774"),
        (["--db", "/nowhere/x"], "/nowhere/x: cannot be used as a database: "),
    ],
)
def test_seed_says_what_it_cannot_reach(
    capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert refusal(capsys, "seed", *arguments).startswith(sentence)


def test_demo_shows_a_servers_life(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo"]) == 0
    lines = capsys.readouterr().out
    states = re.findall(r"s  ([A-Z_]+)", lines)
    assert list(dict.fromkeys(states)) == ["BUILD", "ACTIVE", "RESIZE", "VERIFY_RESIZE", "SHUTOFF"]
    assert "create, resize, confirmResize, stop" in lines
    assert lines.endswith("0 servers are left.\n")


def test_operations_are_listed_with_their_versions(capsys: pytest.CaptureFixture[str]) -> None:
    main(["operations", "compute"])
    lines = capsys.readouterr().out.splitlines()
    assert "compute    GET /servers" in lines
    assert "compute    GET /servers/{server_id}/topology  since 2.78" in lines
    main(["operations", "--json"])
    rows = json.loads(capsys.readouterr().out)
    assert {"identity", "network"} <= {row["service"] for row in rows}
    assert "'wings' is none of identity, " in refusal(capsys, "operations", "wings")


def test_transitions_are_shown_as_text_and_as_a_diagram(capsys: pytest.CaptureFixture[str]) -> None:
    main(["transitions", "server"])
    assert "spawning" in capsys.readouterr().out
    main(["transitions", "volume", "--format", "mermaid"])
    assert capsys.readouterr().out.startswith("stateDiagram-v2\n")
    main(["transitions", "server", "--format", "svg"])
    assert capsys.readouterr().out.startswith("<svg ")
    assert "'wings' is none of " in refusal(capsys, "transitions", "wings")


def test_output_may_be_cut_off() -> None:
    command = f"{sys.executable} -m emulator operations | head -1"
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert ended.stdout.count("\n") == 1
    assert ended.stderr == ""

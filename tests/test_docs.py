"""What the documents say is tried: every command of the README runs, every table is up to date."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from emulator import policyfiles, seeding
from emulator.cli import build_parser, main
from emulator.cloud import Cloud
from emulator.config import Settings, settings_from_file
from emulator.control import commands

ROOT = Path(__file__).parents[1]
DOCS = sorted((ROOT / "docs").glob("*.md"))
URL = "http://127.0.0.1:8774"
FENCE = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CLIENTS = {
    "openstack ": "openstackclient",
    "novaclient": "novaclient",
    "import openstack": "openstack",
}


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the word behind it, its text."""

    language: str
    word: str
    text: str
    heading: str


def blocks(file: Path) -> list[Block]:
    text = file.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        heading = re.findall(r"^#+ (.+)$", text[: match.start()], re.MULTILINE)[-1]
        found.append(Block(match[1], match[2] or "", match[3], heading))
    return found


README = blocks(ROOT / "README.md")
TRIED = [*README, *blocks(ROOT / "docs" / "testing.md")]  # pages whose every example runs


def of(language: str) -> list[object]:
    return [
        pytest.param(block, id=f"{block.heading} {index}")
        for index, block in enumerate(TRIED)
        if block.language == language and not block.word
    ]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Cloud(durations="instant") as cloud:
        yield cloud.url


def surroundings(url: str, folder: Path) -> dict[str, str]:
    """The environment of somebody who has activated the virtual environment and has a cloud."""
    cleared = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with_cloud = {"OPENSTACK_EMULATOR_URL": url, "OS_AUTH_URL": f"{url}/identity/v3"}
    return {**cleared, **with_cloud, "PATH": path, "HOME": str(folder)}


def run(command: list[str], url: str, folder: Path) -> str:
    ended = subprocess.run(
        command, cwd=folder, env=surroundings(url, folder), capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def need_clients(text: str) -> None:
    for sign, module in CLIENTS.items():
        if sign in text:
            pytest.importorskip(module)


@pytest.mark.parametrize("block", of("sh"))
def test_a_shell_block_runs(block: Block, url: str, tmp_path: Path) -> None:
    need_clients(block.text)
    lines = [line for line in block.text.splitlines() if not line.startswith(". .venv/")]
    script = "set -e\n" + "\n".join(lines).replace(URL, url)
    run(["bash", "-c", script], url, tmp_path)


@pytest.mark.parametrize("block", of("python"))
def test_a_python_block_runs(block: Block, url: str, tmp_path: Path) -> None:
    need_clients(block.text)
    file = tmp_path / "test_readme.py"
    file.write_text(block.text)
    if "def test_" in block.text:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)]
    else:
        command = [sys.executable, str(file)]
    run(command, url, tmp_path)


@pytest.mark.parametrize("file", [ROOT / "README.md", *DOCS], ids=lambda file: file.name)
def test_yaml_blocks_are_yaml(file: Path) -> None:
    for block in blocks(file):
        if block.language == "yaml":
            assert yaml.safe_load(block.text)


@pytest.mark.parametrize("block", [b for b in README if b.word], ids=lambda block: block.word)
def test_the_commands_for_a_fresh_machine_are_those_of_the_checks(block: Block) -> None:
    """They need the package index, so they are not run here but by .ci/run, step by step."""
    checks = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for step in block.text.strip().split(" && "):
        command = step.replace(".venv/bin/", "").removeprefix("python3 ")
        words = command.split()
        if words[:2] == ["-m", "venv"]:
            assert "-m venv" in checks
        elif words[0] == "pip":
            assert re.search(r"pip\S* install --quiet \S*-e '\.\[[^]]*\btest\b", checks)
        elif words[0] == "pytest":
            assert command in checks
        else:
            build_parser().parse_args(words[1:])


def test_the_terraform_provider_is_what_env_prints(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = [block for block in README if block.language == "hcl"]
    main(["env", "--url", URL, "--format", "terraform"])
    assert block.text == capsys.readouterr().out


def test_every_setting_is_in_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    main(["settings"])
    table = capsys.readouterr().out
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert table in page, f"docs/settings.md should have this table:\n{table}"
    assert all(row.rstrip().rstrip("|").strip()[-1] != "|" for row in table.splitlines())


def test_the_settings_file_of_the_page_is_read(tmp_path: Path) -> None:
    *examples, rules = [b for b in blocks(ROOT / "docs" / "settings.md") if b.language == "yaml"]
    for number, example in enumerate(examples):
        file = tmp_path / f"config{number}.yaml"
        file.write_text(example.text)
        assert settings_from_file(file) != Settings()
    (tmp_path / "policy.yaml").write_text(rules.text)
    assert len(policyfiles.from_file(tmp_path / "policy.yaml")) == 4


def test_every_command_is_in_the_documents() -> None:
    """Those of the control API in its page, the others in the README."""
    text = "".join(
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/control.md")
    )
    (commands,) = [each for each in build_parser()._actions if each.choices]
    assert commands.choices is not None
    missing = [name for name in commands.choices if f"openstack-emulator {name}" not in text]
    assert not missing


def test_every_fixture_is_in_the_documents() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "README.md", *DOCS))
    assert all(f"`{name}`" in text for name in seeding.available())


def test_the_page_of_the_control_api_has_every_word() -> None:
    """The table in docs/control.md is what commands.page() returns."""
    kept = (ROOT / "docs" / "control.md").read_text(encoding="utf-8")
    start = kept.index("| say | request |")
    lines = kept[start:].splitlines(keepends=True)[2:]
    table = "".join(itertools.takewhile(lambda line: line.startswith("|"), lines))
    assert table == commands.page()


@pytest.mark.parametrize("file", [ROOT / "README.md", *DOCS], ids=lambda file: file.name)
def test_links_between_files_lead_somewhere(file: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", file.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (file.parent / target).exists(), target


@pytest.mark.parametrize(
    "block", [b for b in blocks(ROOT / "docs" / "fixtures.md") if b.language == "yaml"],
    ids=lambda block: block.heading,
)  # fmt: skip
def test_the_fixtures_of_the_page_make_clouds(block: Block, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(block.text)
    Cloud(fixture=str(tmp_path / "own.yaml")).close()


def coverage_rows(page: str) -> dict[tuple[str, str], str]:
    """What proves each operation of a page of coverage, by its service and the rest of its row."""
    rows, service = {}, ""
    for line in page.splitlines():
        if line.startswith("## "):
            service = line[3:]
        elif line.startswith("| `"):
            facts, _, proof = line.removesuffix(" |").rpartition(" | ")
            rows[service, facts] = proof
    return rows


def proofs(text: str) -> set[str]:
    """The files of a row's last column, each with the span of versions it is named for."""
    spans = [part.rpartition(": ") for part in text.split("<br>")]
    return {f"{span}: {file}" for span, _, files in spans for file in files.split(", ")}


def test_the_page_of_coverage_has_every_operation_and_proves_what_it_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A proof that was added since may be missing; one that has gone may not be there."""
    main(["operations", "--coverage", str(ROOT / "tests")])
    now = capsys.readouterr().out
    kept = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    again = "openstack-emulator operations --coverage >docs/coverage.md"
    old, new = coverage_rows(kept), coverage_rows(now)
    assert old.keys() == new.keys(), f"{old.keys() ^ new.keys()}: {again}"
    for row, proof in old.items():
        assert {each for each in proofs(proof) if "—" not in each} <= proofs(new[row]), (
            f"{row}: {again}"
        )
    missing = "## Not emulated"
    assert kept.partition(missing)[2] == now.partition(missing)[2] != "", again


def test_coverage_without_tests_is_refused(tmp_path: Path) -> None:
    assert main(["operations", "--coverage", str(tmp_path)]) == 2

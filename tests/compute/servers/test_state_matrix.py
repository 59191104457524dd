"""Every action in every state, as the real service answered it: code and message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator.compute.servers.lifecycle import TRANSITIONS

MATRIX = yaml.safe_load((Path(__file__).parent / "state_matrix.yaml").read_text())
STATES: list[str] = MATRIX["states"]
ACTIONS: dict[str, dict[str, Any]] = MATRIX["actions"]
BY_ADMIN = ("migrate", "os-migrateLive", "shelveOffload", "evacuate")
NAMES = {"os-start": "start", "os-stop": "stop", "reboot SOFT": "reboot"}
NAMES |= {"reboot HARD": "hard reboot"}


def body_of(action: str, subject: Any) -> dict[str, Any]:
    bodies = {
        "reboot SOFT": {"reboot": {"type": "SOFT"}},
        "reboot HARD": {"reboot": {"type": "HARD"}},
        "createImage": {"createImage": {"name": "image"}},
        "createBackup": {"createBackup": {"name": "backup", "backup_type": "daily", "rotation": 1}},
        "changePassword": {"changePassword": {"adminPass": "secret"}},
        "rebuild": {"rebuild": {"imageRef": subject.image}},
        "resize": {"resize": {"flavorRef": subject.flavors["m1.small"]}},
        "os-migrateLive": {"os-migrateLive": {"host": None, "block_migration": "auto"}},
        "evacuate": {"evacuate": {}},
        "os-getConsoleOutput": {"os-getConsoleOutput": {}},
    }
    return bodies.get(action, {action: None})


def attempt(subject: Any, action: str, **columns: Any) -> tuple[int, str]:
    """Do an action to a server in a state, and take it back; return code and message."""
    cloud = subject.api.cloud
    before = cloud.snapshot()
    subject.become(**columns)
    who = "admin" if action in BY_ADMIN else "demo"
    answer = subject.act(body_of(action, subject), version="2.64", who=who, settle=False)
    message = ""
    if answer.status >= 400:
        message = next(iter(answer.json.values()))["message"]
        message = message.replace(subject.id, "UUID").replace(subject.row["host"], "HOST")
    cloud.restore(before)
    return answer.status, message


def refusal(action: str, attribute: str, value: str) -> str:
    called = ACTIONS[action]["called"]
    return f"Cannot '{called}' instance UUID while it is in {attribute} {value}"


@pytest.mark.parametrize("action", ACTIONS)
def test_every_state_lets_an_action_begin_or_says_why_not(action: str, server: Any) -> None:
    facts = ACTIONS[action]
    for state, code in zip(STATES, facts["codes"], strict=True):
        said = {409: refusal(action, "vm_state", state)}.get(code, "")
        said = facts.get("says", {}).get(str(code), said)
        assert attempt(server, action, vm_state=state) == (code, said), state


@pytest.mark.parametrize("action", ACTIONS)
def test_a_task_that_is_under_way_refuses_another(action: str, server: Any) -> None:
    facts = ACTIONS[action]
    ((state, code),) = facts["busy"].items()
    said = refusal(action, "task_state", "powering-off") if code == 409 else ""
    said = facts.get("says", {}).get(str(code), said)
    assert attempt(server, action, vm_state=state, task_state="powering-off") == (code, said)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_lock_refuses_the_owner(action: str, server: Any) -> None:
    facts = ACTIONS[action]
    ((state, code),) = facts["locked"].items()
    said = facts.get("says_locked", "Instance UUID is locked" if code == 409 else "")
    assert attempt(server, action, vm_state=state, locked_by="owner") == (code, said)


@pytest.mark.parametrize("action", [name for name in ACTIONS if name != "os-getConsoleOutput"])
def test_the_table_of_transitions_says_the_same(action: str) -> None:
    allowed = TRANSITIONS[NAMES.get(action, action)].facts["allowed"]
    codes = zip(STATES, ACTIONS[action]["codes"], strict=True)
    assert set(allowed) == {state for state, code in codes if code != 409}


def test_every_transition_starts_and_ends_in_states_that_there_are() -> None:
    known = {*STATES, "deleted"}
    for name, change in TRANSITIONS.items():
        ends = {change.to.vm, change.fails_to.vm, *change.facts["ends"]} - {None}
        assert ends <= known, name
        assert set(change.facts["allowed"] or ()) <= known, name

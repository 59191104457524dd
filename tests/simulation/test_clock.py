"""The virtual clock: it is moved, it runs at a rate, it never goes back."""

from __future__ import annotations

import pytest

from emulator.errors import UsageError
from emulator.simulation import clock as module
from emulator.simulation.clock import VirtualClock, iso, moment


@pytest.fixture
def machine_time(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the machine's clock says: a list of one number that a test changes."""
    now = [1000.0]
    monkeypatch.setattr(module.time, "time", lambda: now[0])
    return now


def test_a_manual_clock_stands_until_it_is_advanced(machine_time: list[float]) -> None:
    clock = VirtualClock("manual", base=50.0)
    machine_time[0] += 3600
    assert clock.now() == 50.0
    assert clock.advance(1.5) == 51.5
    assert clock.now() == 51.5


def test_a_real_clock_runs_at_its_rate(machine_time: list[float]) -> None:
    clock = VirtualClock("real", 60.0)
    machine_time[0] += 2
    assert clock.now() == 1120.0


def test_an_advanced_real_clock_runs_on_from_there(machine_time: list[float]) -> None:
    clock = VirtualClock("real", 1.0)
    machine_time[0] += 1
    assert clock.advance(100) == 1101.0
    machine_time[0] += 5
    assert clock.now() == 1106.0


def test_it_never_goes_back_even_when_the_machine_does(machine_time: list[float]) -> None:
    clock = VirtualClock("real", 1.0)
    machine_time[0] += 10
    assert clock.now() == 1010.0
    machine_time[0] -= 5
    assert clock.now() == 1010.0


@pytest.mark.parametrize("seconds", [-1, -0.001, float("nan")])
def test_it_is_not_advanced_backwards(seconds: float) -> None:
    with pytest.raises(UsageError, match="less than the minimum of 0"):
        VirtualClock("manual", base=0.0).advance(seconds)


def test_times_are_stored_with_microseconds_and_read_back() -> None:
    text = iso(1893456000.25)
    assert text == "2030-01-01T00:00:00.250000"
    assert moment(text) == 1893456000.25

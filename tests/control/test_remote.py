"""A cloud of another process: its connection is kept, and what becomes of it is minded."""

from __future__ import annotations

import os
import pickle
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from emulator import Cloud, RemoteCloud


@pytest.fixture
def own() -> Iterator[Cloud]:
    with Cloud(clock="manual", durations="instant") as cloud:
        yield cloud


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every connection that was opened."""
    found: list[Any] = []
    create = socket.create_connection

    def counted(*args: Any, **named: Any) -> Any:
        found.append(create(*args, **named))
        return found[-1]

    monkeypatch.setattr(socket, "create_connection", counted)
    return found


def test_words_share_a_connection(own: Cloud, opened: list[Any]) -> None:
    remote = RemoteCloud(own.url)
    assert opened == []
    remote.clock.advance(1)
    remote.clouds.create("other")
    remote.clouds.delete("other")
    assert len(opened) == 1
    with remote:
        pass
    assert opened[0].fileno() == -1
    remote.clock.show()
    assert len(opened) == 2


def test_a_connection_that_has_ended_is_opened_again(own: Cloud, opened: list[Any]) -> None:
    remote = RemoteCloud(own.url)
    remote.clock.show()
    opened[0].shutdown(socket.SHUT_RDWR)
    remote.clock.show()
    assert len(opened) == 2


def test_each_process_has_a_connection_of_its_own(
    own: Cloud, opened: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = RemoteCloud(own.url)
    remote.clock.show()
    with monkeypatch.context() as forked:
        forked.setattr(os, "getpid", lambda: -1)
        remote.clock.show()
        assert len(opened) == 2
    remote.clock.show()
    assert len(opened) == 2


def test_it_can_be_sent_to_another_process(own: Cloud) -> None:
    remote = RemoteCloud(own.url, token="t")
    remote.clock.show()
    other = pickle.loads(pickle.dumps(remote))
    assert (other.url, other.token) == (own.url, "t")
    assert other.clock.show() == remote.clock.show()

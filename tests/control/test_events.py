"""Waiting without polling: the stream of events, and the long poll."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from emulator import Cloud, RemoteCloud
from emulator.errors import UsageError
from emulator.seeding import doors

VOLUMES = "/volume/v3/volumes"


@pytest.fixture
def standing() -> Iterator[Cloud]:
    with Cloud(clock="manual", durations="typical") as cloud:
        yield cloud


class Demo:
    """User demo over HTTP."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.token = self.ask("POST", "/identity/v3/auth/tokens", LOGIN)[0]["x-subject-token"]

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        with doors.through_url(self.cloud.url) as door:
            return door(method, path, body, **headers)

    def make_volume(self, name: str = "v1") -> str:
        body = {"volume": {"size": 1, "name": name}}
        made = self.ask("POST", VOLUMES, body, X_Auth_Token=self.token)[1]
        return str(made["volume"]["id"])

    def delete_volume(self, volume: str) -> None:
        self.ask("DELETE", f"{VOLUMES}/{volume}", X_Auth_Token=self.token)


USER = {"name": "demo", "domain": {"id": "default"}, "password": "secret"}
LOGIN = {
    "auth": {
        "identity": {"methods": ["password"], "password": {"user": USER}},
        "scope": {"project": {"name": "demo", "domain": {"id": "default"}}},
    }
}


# Events


def test_events_come_while_things_happen(standing: Cloud) -> None:
    """Another client follows: the request first, then each step, in the journal's words."""
    demo = Demo(standing)
    followed = RemoteCloud(standing.url).events.follow()
    volume = demo.make_volume()
    asked = next(followed)
    assert (asked["kind"], asked["method"], asked["status"]) == ("request", "POST", 202)
    begun = next(followed)
    assert (begun["what"], begun["resource"], begun["id"]) == ("entered", "volume", volume)
    assert begun["request_id"] == asked["request_id"]
    standing.settle()
    done = next(followed)
    assert (done["what"], done["id"], done["transition"]) == ("finished", volume, "create")
    followed.close()


def test_what_is_chosen_is_followed_from_a_number_on(standing: Cloud) -> None:
    volume = Demo(standing).make_volume()
    standing.settle()
    kept = standing.journal.list(resource=volume)["journal"]
    followed = list(standing.events.follow(resource=volume, since=0, seconds=0))
    assert followed == kept
    last = str(followed[-1]["number"])
    assert list(standing.events.follow(since=int(last), limit=1)) == followed[-1:]
    (request,) = standing.events.follow(kind="request", service="volume", since=0, limit=1)
    assert request["operation"].startswith("POST")


def raw(cloud: Cloud, query: str, **headers: str) -> bytes:
    """What is sent, as it is on the wire."""
    parts = urlsplit(cloud.url)
    connection = http.client.HTTPConnection(parts.netloc)
    connection.request("GET", f"{parts.path}/_emulator/events?{query}", headers=headers)
    answer = connection.getresponse()
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    content = answer.read()
    connection.close()
    return content


def test_events_are_server_sent_events(standing: Cloud) -> None:
    """As WHATWG's HTML has them: id, event, data, an empty line; a client that comes back says
    what it saw last."""
    standing.rate_limits.reset()
    standing.faults.add("host-dies", host="compute1")
    content = raw(standing, "since=0&seconds=0").decode()
    comment, first, second, third, rest = content.split("\n\n")
    assert (comment, rest) == (": follows", "")
    lines = first.split("\n")
    assert lines[0].startswith("id: ")
    assert lines[1] == "event: control"
    assert lines[2].startswith('data: {"number":')
    assert third.split("\n")[1] == "event: fault"
    again = raw(standing, "seconds=0", **{"Last-Event-ID": lines[0].removeprefix("id: ")})
    assert again.decode().split("\n\n")[1:3] == [second, third]


def test_events_that_cannot_be_followed() -> None:
    with Cloud(journal_max=0) as cloud, pytest.raises(UsageError, match="journal"):
        cloud.events.follow()
    with (
        Cloud() as cloud,
        doors.through_url(cloud.url) as door,
        pytest.raises(UsageError, match="Last-Event-ID: 'x' is no number of an entry"),
    ):
        door("GET", "/_emulator/events", Last_Event_ID="x")


def test_a_real_clock_goes_on_while_somebody_follows() -> None:
    """At 1,000 virtual seconds a second a volume is there soon; nobody asks for it."""
    with Cloud(clock="real", rate=1000, durations="typical") as cloud:
        followed = RemoteCloud(cloud.url).events.follow(kind="step")
        volume = Demo(cloud).make_volume()
        for each in followed:
            if each["what"] == "finished":
                assert each["id"] == volume
                break


def test_events_end_with_their_cloud(standing: Cloud) -> None:
    fork = standing.fork("short")
    followed = RemoteCloud(fork.url).events.follow()
    fork.rate_limits.reset()
    assert next(followed)["path"] == "/_emulator/rate-limits"
    fork.close()
    assert list(followed) == []


def test_the_command_prints_what_it_follows(
    standing: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    from emulator.cli import main

    Demo(standing).make_volume()
    line = ["events", "follow", "since=0", "limit=2", "--url", standing.url]
    assert main(line) == 0
    assert "201 POST identity /identity/v3/auth/tokens" in capsys.readouterr().out


# The long poll


def test_a_long_poll_is_answered_when_the_resource_is_there() -> None:
    """Others are answered meanwhile."""
    with Cloud(clock="real", rate=100, durations="typical") as cloud:
        demo = Demo(cloud)
        volume = demo.make_volume()
        told = RemoteCloud(cloud.url).clock.wait("v1", "available", timeout=30)
        assert (told["reached"], told["resource"]["id"]) == (True, volume)
        demo.delete_volume(volume)
        assert cloud.clock.wait(volume, "deleted", "volume", 30)["reached"]


def test_who_waits_is_told_when_somebody_else_moves_the_clock(standing: Cloud) -> None:
    volume = Demo(standing).make_volume()
    told: list[Any] = []
    waits = threading.Thread(
        target=lambda: told.append(RemoteCloud(standing.url).clock.wait(volume, "available"))
    )
    waits.start()
    standing.settle()
    waits.join(timeout=30)
    assert told[0]["reached"]


def test_waiting_ends_in_an_error_and_at_the_timeout(standing: Cloud) -> None:
    standing.faults.add("volume-no-backend")
    volume = Demo(standing).make_volume()
    late = standing.clock.wait(volume, "available", timeout=0)
    assert (late["reached"], late["resource"]["status"]) == (False, "creating")
    standing.settle()
    failed = standing.clock.wait(volume, "available")
    assert (failed["reached"], failed["resource"]["status"]) == (False, "error")

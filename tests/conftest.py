"""What tests of the emulator itself share: clouds that begin with tokens, asked without sockets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from emulator.cloud import Cloud
from emulator.config import Settings
from emulator.wire.request import Request

PASSWORD = "secret"
NOBODY = "nobody"
VERSION_HEADERS = {"placement": "placement", "compute": "compute", "volume": "volume"}


@dataclass
class Answer:
    """What came back. Header names are lower case; of a repeated one the last is kept."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content) if self.content else None

    @property
    def text(self) -> str:
        return self.content.decode()


class Headers(dict[str, str]):
    """Request headers, found whatever their case."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__({name.lower(): value for name, value in headers.items()})

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())


@dataclass
class Api:
    """A cloud, asked in process: `api.get("/compute/v2.1/servers", who="demo")`.

    `who` is a user in the project of the same name, `user@project`, `user@system`,
    `user@domain:NAME`, or "nobody". `version` is a text such as "compute 2.90".
    """

    cloud: Cloud
    tokens: dict[str, str] = field(default_factory=dict)
    who: str = "admin"

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        who: str | None = None,
        version: str | None = None,
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
    ) -> Answer:
        sent = dict(headers or {})
        if body is not None:
            data = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        if version is not None:
            sent["OpenStack-API-Version"] = version
        who = who or self.who
        if who != NOBODY:
            sent.setdefault("X-Auth-Token", self.token(who))
        path, _, query = path.partition("?")
        request = Request(method, path, query, Headers(sent), data or b"")
        if data is not None and self.cloud.expects(request)[0]:
            request.upload = self.cloud.new_upload()
            request.upload.write(data)
        response = self.cloud.handle(request)
        if request.upload is not None:
            request.upload.close()
        content = b"".join(response.stream) if response.stream is not None else response.body
        named = {name.lower(): value for name, value in response.headers}
        return Answer(response.status, named, content)

    def get(self, path: str, **options: Any) -> Answer:
        return self("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self("POST", path, body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self("PUT", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        return self("DELETE", path, **options)

    def token(self, who: str) -> str:
        """Return a token of somebody, asked for once."""
        if who not in self.tokens:
            answer = self.post("/identity/v3/auth/tokens", login(who), who=NOBODY)
            assert answer.status == 201, answer.text
            self.tokens[who] = answer.headers["x-subject-token"]
        return self.tokens[who]


def login(who: str) -> dict[str, Any]:
    """Return the body of a password login."""
    user, _, where = who.partition("@")
    where = where or user
    default = {"id": "default"}
    if where == "system":
        scope: dict[str, Any] = {"system": {"all": True}}
    elif where.startswith("domain:"):
        scope = {"domain": {"name": where.removeprefix("domain:")}}
    else:
        scope = {"project": {"name": where, "domain": default}}
    password = {"user": {"name": user, "domain": default, "password": PASSWORD}}
    return {"auth": {"identity": {"methods": ["password"], "password": password}, "scope": scope}}


@dataclass
class Beginning:
    """A cloud as tests begin with it, with tokens already given out."""

    content: bytes
    tokens: dict[str, str]


BEGINNINGS: dict[str, Beginning] = {}  # by the settings; filled once a process

Open = Callable[..., Api]


@pytest.fixture
def open_cloud() -> Iterator[Open]:
    """open_cloud(who=["demo"], clock="manual", …) → Api of a cloud of its own, closed at the end.

    Durations are instant unless said otherwise. The tokens of `who` come with the cloud.
    """
    opened: list[Cloud] = []

    def opening(who: Iterable[str] = (), **changes: Any) -> Api:
        settings = Settings(**{"durations": "instant", **changes})
        key = repr(settings)
        if key not in BEGINNINGS:
            with_nothing = Cloud(settings)
            BEGINNINGS[key] = Beginning(with_nothing.snapshot(), {})
            with_nothing.close()
        beginning = BEGINNINGS[key]
        missing = set(who) - {NOBODY} - set(beginning.tokens)
        if missing:
            cloud = Cloud(settings, content=beginning.content)
            api = Api(cloud, beginning.tokens)
            for each in sorted(missing):
                api.token(each)
            beginning.content = cloud.snapshot()
            cloud.close()
        opened.append(Cloud(settings, content=beginning.content))
        return Api(opened[-1], dict(beginning.tokens))

    yield opening
    for cloud in opened:
        cloud.close()


@pytest.fixture
def api(open_cloud: Open) -> Api:
    """A fresh `devstack` cloud with instant durations; it acts as admin unless told `who`."""
    return open_cloud(who=["admin", "demo"])

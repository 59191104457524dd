"""Runs the wire files beside it: request → status, headers and body, as data.

A file holds one story or several, with `---` between them. Each story has a cloud of its own:

    name: a server can be locked with a reason since 2.73
    cloud: {fixture: devstack, clock: manual}       # settings; durations are instant unless said
    as: demo                                        # for all requests; admin unless said
    version: compute 2.73                           # for all requests: OpenStack-API-Version
    requests:
    - POST: /compute/v2.1/servers                   # GET POST PUT PATCH DELETE HEAD OPTIONS
      name: a server is made                        # shown when it fails
      body: {server: {name: vm, flavorRef: "${flavor:m1.nano}"}}
      status: 202
      keep: {vm: server.id}                         # $vm in what follows
    - settle: true                                  # or advance: SECONDS
    - GET: /compute/v2.1/servers/$vm
      as: admin                                     # user, user@project, user@system, nobody
      version: compute 2.9
      headers: {X-OpenStack-Request-ID: req-1}
      status: 200
      response: {server.locked: false, server.addresses.private.*.version: [4], server.id: <uuid>}
      keys: {server.image: [id, links]}             # these and no others ("" is the body itself)
      length: {server.addresses: 1}
      response_headers: {X-Compute-Request-Id: ~^req-}

A request that is asked at several versions says what changes with them, instead of `version`:

    - GET: /compute/v2.1/servers/$vm
      growth: {server: {"2.1": [id, name], "2.9": [locked], "2.75": [-name]}}   # - those that go
    - POST: /compute/v2.1/servers
      body: {server: {…}}
      takes: {"2.19": {server.description: text}}   # in the body; just below it is 400

Growth is looked at just below each of its versions, too.

`text: …` sends a body as it stands. A path goes through keys and list indexes; `*` is every
element. Expected is a value, or `~regular expression`, or <absent>, <any>, <uuid>, <hex>, <time>,
<text>, <number>. `${kind:name}` is the id of what the fixture has under that name.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).parent
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
STORY = {"name", "cloud", "requests", "as", "version", "headers"}
REQUEST = {"name", "as", "version", "headers", "body", "text", "status", "keep"}
REQUEST |= {
    "growth",
    "takes",
    "response",
    "response_headers",
    "keys",
    "length",
    "settle",
    "advance",
    *METHODS,
}
FORMS = {
    "<uuid>": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "<hex>": r"[0-9a-f]{32}",
    "<time>": r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{6})?Z?",
}
CHECKS = {"response", "response_headers", "keys", "length", "keep"}
ABSENT = object()
VARIABLE = re.compile(r"\$(?:\{(\w+):([^}]+)\}|(\w+))")


def stories() -> list[Any]:
    """Every story of every file, named after both."""
    found = []
    for file in sorted(HERE.rglob("*.yaml")):
        documents = yaml.load_all(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for number, story in enumerate(each for each in documents if each):
            name = f"{file.relative_to(HERE)}: {story.get('name', number + 1)}"
            found.append(pytest.param(story, id=name))
    return found


@pytest.mark.parametrize("story", stories())
def test_wire(story: Mapping[str, Any], open_cloud: Callable[..., Any]) -> None:
    requests = story["requests"]
    unknown = (set(story) - STORY).union(*(set(each) - REQUEST for each in requests))
    assert not unknown, f"no such keys: {unknown}"
    asking = {request.get("as", story.get("as", "admin")) for request in requests}
    api = open_cloud(who=asking, **story.get("cloud", {}))
    kept: dict[str, Any] = {}
    for request in requests:
        if "advance" in request:
            api.cloud.advance(request["advance"])
        if "settle" in request:
            api.cloud.settle()
        method = next((each for each in METHODS if each in request), None)
        if method is not None:
            merged = {**story, **request, "headers": {**story.get("headers", {})}}
            merged["headers"] |= request.get("headers", {})
            for each in at_each_version(fill(merged, kept, api), request[method].split("/")[1]):
                ask(api, method, each, kept)


def at_each_version(request: Mapping[str, Any], service: str) -> Iterator[Mapping[str, Any]]:
    """Yield the request as it is asked: at one version, or at those of its growth and takes."""
    if not {"growth", "takes"} & set(request):
        yield request
    for path, facts in request.get("growth", {}).items():
        keys: list[str] = []
        for version, changes in facts.items():
            if keys:
                yield {**request, "version": f"{service} {below(version)}", "keys": {path: keys}}
            gone = {name[1:] for name in changes if name.startswith("-")}
            assert gone <= set(keys), f"{gone} were not there below {version}"
            keys = [name for name in keys if name not in gone]
            keys += [name for name in changes if not name.startswith("-")]
            yield {**request, "version": f"{service} {version}", "keys": {path: keys}}
    for version, parts in request.get("takes", {}).items():
        body = copy.deepcopy(request["body"])
        for path, value in parts.items():
            *places, last = path.split(".")
            at(body, ".".join(places))[last] = value
        yield {**request, "version": f"{service} {version}", "body": body}
        refused = {"version": f"{service} {below(version)}", "body": body, "status": 400}
        yield {key: request[key] for key in request if key not in CHECKS} | refused


def below(version: str) -> str:
    """Return the version before one: "2.18" for "2.19"."""
    major, _, minor = version.partition(".")
    return f"{major}.{int(minor) - 1}"


def ask(api: Any, method: str, request: Mapping[str, Any], kept: dict[str, Any]) -> None:
    """Send one request and compare what comes back."""
    text = request.get("text")
    answer = api(
        method,
        request[method],
        request.get("body"),
        who=request.get("as", "admin"),
        version=request.get("version"),
        headers=request["headers"],
        data=None if text is None else text.encode(),
    )
    shown = f"{request.get('name', '')} {method} {request[method]}"
    shown = f"{shown}\n{answer.status} {answer.headers}\n{answer.text[:3000]}"
    if "status" in request:
        assert answer.status == request["status"], shown
    for name, expected in request.get("response_headers", {}).items():
        compare(f"header {name}", answer.headers.get(name.lower(), ABSENT), expected, shown)
    wanted = [name for name in ("response", "keys", "length", "keep") if name in request]
    body = answer.json if wanted else None
    for path, expected in request.get("response", {}).items():
        compare(path, at(body, str(path)), expected, shown)
    for path, expected in request.get("keys", {}).items():
        compare(f"keys of {path}", sorted(at(body, str(path))), sorted(expected), shown)
    for path, expected in request.get("length", {}).items():
        compare(f"length of {path}", len(at(body, str(path))), expected, shown)
    for name, path in request.get("keep", {}).items():
        kept[name] = at(body, str(path))
        assert kept[name] is not ABSENT, f"{path} is not there: {shown}"


def fill(value: Any, kept: Mapping[str, Any], api: Any) -> Any:
    """Put ids in the place of $name and ${kind:name}."""
    if isinstance(value, dict):
        return {fill(name, kept, api): fill(each, kept, api) for name, each in value.items()}
    if isinstance(value, list):
        return [fill(each, kept, api) for each in value]
    if not isinstance(value, str):
        return value

    def found(match: re.Match[str]) -> str:
        if match[1]:
            return str(api.cloud.names[match[1], match[2]])
        return str(kept[match[3]]) if match[3] in kept else match[0]

    return VARIABLE.sub(found, value)


def at(value: Any, path: str) -> Any:
    """Return what stands at a path, ABSENT when nothing does. Keys may have dots of their own."""
    if not path:
        return value
    first, _, rest = path.partition(".")
    if first == "*":
        return [at(each, rest) for each in value]
    if isinstance(value, list):
        index = int(first)
        return at(value[index], rest) if -len(value) <= index < len(value) else ABSENT
    if not isinstance(value, dict):
        return ABSENT
    for key in sorted(value, key=len, reverse=True):
        if path == key or path.startswith(key + "."):
            return at(value[key], path[len(key) + 1 :])
    return ABSENT


def compare(path: str, found: Any, expected: Any, shown: str) -> None:
    """Fail with the place, both values and the whole answer."""
    if isinstance(expected, str) and re.fullmatch(r"<\w+>|~.*", expected, re.DOTALL):
        kinds = {"<text>": str, "<number>": (int, float)}
        if expected == "<absent>":
            same = found is ABSENT
        elif expected == "<any>":
            same = found is not ABSENT
        elif expected in kinds:
            same = isinstance(found, kinds[expected])  # type: ignore[arg-type]
        elif expected in FORMS:
            same = re.fullmatch(FORMS[expected], str(found)) is not None
        else:
            same = re.search(expected[1:], str(found), re.DOTALL) is not None
    else:
        same = found == expected and isinstance(found, bool) == isinstance(expected, bool)
    shown_found = "absent" if found is ABSENT else repr(found)
    assert same, f"{path}: {shown_found}, expected {expected!r}: {shown}"

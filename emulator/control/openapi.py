"""The control API described in OpenAPI 3.1, from the table of its words."""

from __future__ import annotations

import copy
from typing import Any

from emulator import __version__
from emulator.control import snapshots
from emulator.control.words import MOUNT, Word
from emulator.wire.request import Context
from emulator.wire.versioned import UNVERSIONED

TEXT, WHOLE_NUMBER = {"type": "string"}, {"type": "integer"}
ERROR = {"type": "object", "properties": {"code": WHOLE_NUMBER, "message": TEXT}}
REFUSED = {
    "description": "It cannot be done, and the message says why",
    "content": {
        "application/json": {"schema": {"type": "object", "properties": {"error": ERROR}}},
    },
}


def show(ctx: Context) -> dict[str, Any]:
    """Describe every word of the control API as an OpenAPI document."""
    from emulator.control.routes import WORDS  # which has this function in a row

    paths: dict[str, dict[str, Any]] = {}
    for each in WORDS:
        row = each.operation
        paths.setdefault(MOUNT + row.path, {})[row.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {"title": "openstack-emulator, control", "version": __version__},
        "servers": [{"url": f"{ctx.request.origin}{ctx.request.root}"}],
        "paths": paths,
        "components": {"responses": {"Refused": REFUSED}},
    }


def _operation(word: Word) -> dict[str, Any]:
    row = word.operation
    described: dict[str, Any] = {
        "operationId": word.name.replace(" ", "_").replace("-", "_"),
        "tags": [word.noun],
        "summary": word.meaning,
        "responses": {
            str(row.status): {"description": "Done"},
            "4XX": {"$ref": "#/components/responses/Refused"},
        },
    }
    parameters = [_parameter(word, name, "path", True) for name in word.in_path]
    if row.query is not None:
        parameters += [
            _parameter(word, each.name, "query", each.required) for each in row.query.parameters
        ]
    if parameters:
        described["parameters"] = parameters
    if row.body is not None:
        schema = copy.deepcopy(row.body.at(UNVERSIONED))
        content = {"application/json": {"schema": schema}}
        if word.data:  # or the file as it is, all else in the query
            content |= {kind: {"schema": {}} for kind in snapshots.DATA}
            others = [name for name in word.parameters if name not in (word.data, *word.in_path)]
            parameters = described.setdefault("parameters", [])
            parameters += [_parameter(word, name, "query", False) for name in others]
        described["requestBody"] = {"content": content}
    return described


def _parameter(word: Word, name: str, place: str, required: bool) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": word.parameters[name]}

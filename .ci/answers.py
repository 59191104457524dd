"""A pytest plugin: every answer that the tests see is held against its schema, where it has one.

    PYTHONPATH=.ci pytest -n auto -p answers --reference=REFERENCE

REFERENCE holds the schemas that Nova, Keystone and Glance declare (see schemas.py beside this). A
test fails when an answer within it breaks the schema of its operation at its microversion, unless
KNOWN says that the real one's does so too. Answers to servers in other processes are not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from schemas import Answers

from emulator.wire import dispatch

KNOWN = (
    r"^GET /limits .*: limits/rate: ",
    r"^\w+ /os-server-groups.*: 'soft-(anti-)?affinity' is not one of",
    r"^\w+ /os-keypairs.*/name: .* does not match",
    r"^GET /os-instance_usage_audit_log.*/hosts_not_run/\*: .* is not a 'uuid'",
)
"""What breaks its schema and is right so: docs/differences.md says why."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the run say where the schemas are."""
    parser.addoption("--reference", required=True, help="the folder with compute/schemas.json")


@pytest.fixture(scope="session")
def broken_answers(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Collect what breaks its schema, from now to the end of the run."""
    known = Answers(request.config.getoption("--reference"))
    found: list[str] = []
    response = dispatch._response

    def checked(ctx: Any, reply: Any) -> Any:
        made = response(ctx, reply)
        problem = known.problem(ctx, reply, made)
        if problem is not None and not any(re.search(each, problem) for each in KNOWN):
            found.append(problem)
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dispatch, "_response", checked)
        yield found


@pytest.fixture(autouse=True)
def answers_keep_their_schemas(broken_answers: list[str]) -> Iterator[None]:
    """Fail the test within which an answer broke its schema."""
    broken_answers.clear()
    yield
    assert not broken_answers, "\n".join(sorted(set(broken_answers)))

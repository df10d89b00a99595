"""The argument of the procedures is checked, whoever calls."""

from __future__ import annotations

import json
from typing import Any

import pytest

from procedures.domain.request import (
    MAX_POLICY_DEPTH,
    read_request,
    requested_executions,
    requested_ids,
)


def _nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth - 1):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{}", '{"invocation_id": 1}', '{"invocation_id": "a b"}',
     '{"invocation_id": "a", "invocation_id": "b"}', '{"invocation_id": "a", "n": NaN}'],
)  # fmt: skip
def test_bad_requests_are_refused(text: str) -> None:
    """No JSON object, no invocation, a key twice, NaN: refused before anything is read."""
    with pytest.raises(ValueError, match=r"JSON|request|twice|Expecting"):
        read_request(text)


@pytest.mark.parametrize(
    ("executions", "answer"),
    [
        (["e"], "not an execution"),
        ([{"policy_data": {"a": 1}}], "not an execution"),
        ([{"execution_id": "x" * 129}], "not an execution"),
        ([{"execution_id": "a'b"}], "not an execution"),
        ([{"execution_id": "e"}, {"execution_id": "e"}], "stands twice"),
        ([{"execution_id": "e", "policy_data": []}], "must be a JSON object"),
        ([{"execution_id": "e", "policy_data": {}}], "must be a JSON object"),
        ([{"execution_id": "e", "policy_data": _nested(MAX_POLICY_DEPTH + 1)}], "levels deep"),
    ],
)
def test_bad_executions_are_refused(executions: list[Any], answer: str) -> None:
    """An illegal id or policy refuses the whole request."""
    with pytest.raises(ValueError, match=answer):
        requested_executions({"executions": executions})


def test_legal_executions_are_read() -> None:
    """The deepest legal policy is taken, and an execution to resume needs no policy."""
    policy = {"a": _nested(MAX_POLICY_DEPTH - 1)}
    request = {
        "invocation_id": "i",
        "executions": [{"execution_id": "a", "policy_data": policy}, {"execution_id": "b"}],
    }
    assert list(requested_executions(read_request(json.dumps(request)))) == ["a", "b"]


@pytest.mark.parametrize("ids", [None, "e", ["a", "a"], [1], ["a b"]])
def test_bad_ids_are_refused(ids: Any) -> None:
    """execution_ids is a list of legal ids, each once."""
    with pytest.raises(ValueError, match="execution_id"):
        requested_ids({"execution_ids": ids})

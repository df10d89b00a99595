"""Whatever texts come from callers and from the API: they are data, and come back equal."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.workflow import Workflow

HOSTILE = st.sampled_from(
    [
        "'; delete from policy_execution_state; --",
        "\\'; drop table policy_execution_events; --",
        "$$ ; select 1; $$",
        "{{ run_query('delete from policy_execution_state') }}",
        "{% do exceptions.raise_compiler_error('x') %}",
        "{# comment #}",
        "%s %(x)s ? :1 &x",
        "\\",
        "\u2028\u2029\u0085",
        "a\x00b",
    ]
)
TEXTS = HOSTILE | st.text(st.characters(codec="utf-8"), max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
POLICIES = st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4)


def kept(answer: Any) -> Any:
    """What is kept of an answer: NUL is U+FFFD there (docs/answers.md)."""
    if isinstance(answer, dict):
        return {kept(name): kept(value) for name, value in answer.items()}
    if isinstance(answer, list):
        return [kept(value) for value in answer]
    return answer.replace("\x00", "\ufffd") if isinstance(answer, str) else answer


@settings(
    max_examples=6,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(policies=st.lists(POLICIES, min_size=5, max_size=20), extra=POLICIES)
def test_texts_are_data(
    workflow: Workflow, policies: list[dict[str, Any]], extra: dict[str, Any]
) -> None:
    """Every policy and every answer arrives as it was sent, and no other row changes."""
    workflow.api.reset()
    before = workflow.rows() if workflow.names("tables") else []
    offset = len(before)
    answer = {"extra": extra}
    workflow.api.order(endpoint="create", extra=answer)
    workflow.api.order(endpoint="circuit", extra=answer)
    workflow.api.order(endpoint="status", extra=answer, statuses=["ready"])
    ids = [f"e{offset + number:05d}" for number in range(len(policies))]
    ran = workflow.run(
        policies=[
            {"policy_data": policy, "execution_id": execution_id}
            for policy, execution_id in zip(policies, ids, strict=True)
        ]
    )
    assert ran.success, ran.output
    rows = workflow.rows()
    assert rows[:offset] == before
    assert [row["execution_id"] for row in rows[offset:]] == ids
    sent = sorted(json.dumps(policy, sort_keys=True) for policy in workflow.sent("create"))
    assert sent == sorted(json.dumps(policy, sort_keys=True) for policy in policies)
    for row, policy in zip(rows[offset:], policies, strict=True):
        assert json.loads(row["policy_data"]) == policy
        for column in ("api_response", "policy_status_response", "circuit_breaker_response"):
            assert json.loads(row[column])["extra"] == kept(extra)

"""What is in doubt stays in doubt, whatever is answered or described afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local_snowflake.server import LocalSnowflake
from procedures.common.failpoints import FOLDER_VARIABLE
from tests.integration.workflow import Ran, Workflow

POLICY = {"policy_name": "p"}
KEYS: dict[str, Any] = {"policy_api": None}
NO_KEYS: dict[str, Any] = {"policy_api": {"idempotency": "none"}}
ALREADY: dict[str, Any] = {
    "policy_api": {
        "idempotency": "none",
        "create": {"already": [409]},
        "trigger": {"already": [409]},
    }
}


@pytest.fixture
def orders(
    local_snowflake: LocalSnowflake,  # noqa: ARG001  # which passes the variable on
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Give the folder in which failpoints are ordered to do something."""
    folder = tmp_path / "orders"
    folder.mkdir()
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder


def _killed(workflow: Workflow, orders: Path, point: str, described: dict[str, Any]) -> None:
    """Kill the procedure at a failpoint, and let the lease run out."""
    (orders / point).write_text("kill", encoding="utf-8")
    assert not _run(workflow, described).success
    assert (orders / f"{point}.reached").exists()
    workflow.query(
        """update policy_execution_state
        set "lease_expires_at" = dateadd(minute, -1, sysdate())
        where "lease_expires_at" is not null"""
    )


def _run(workflow: Workflow, described: dict[str, Any], **decision: Any) -> Ran:
    if decision:
        return workflow.run(
            "retry_policy_workflow", execution_id="e", project_vars=described, **decision
        )
    return workflow.run(execution_id="e", policy_data=POLICY, project_vars=described)


@pytest.mark.parametrize(
    ("endpoint", "step"), [("create", "create_policy"), ("circuit", "trigger_circuit_breaker")]
)
@pytest.mark.parametrize(("before", "after"), [(KEYS, NO_KEYS), (NO_KEYS, KEYS)])
def test_a_request_in_doubt_stays_in_doubt(
    workflow: Workflow,
    orders: Path,
    endpoint: str,
    step: str,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    """A request that was sent under one description is not repeated under the other by itself."""
    workflow.api.honour_idempotency_keys(False)
    _killed(workflow, orders, f"after_request_of_{step}", before)
    for _ in range(2):
        again = _run(workflow, after)
        assert not again.success
        assert "an earlier request without an idempotency key may have" in again.output
        assert len(workflow.api.journal(endpoint)) == 1
    name = "create" if endpoint == "create" else "trigger"
    assert _run(workflow, after, **{name: "again"}).success
    assert len(workflow.api.journal(endpoint)) == 2


def test_a_request_that_was_not_processed_is_no_doubt(workflow: Workflow) -> None:
    """A refusal leaves nothing at the API, under whatever description it came."""
    for described in (KEYS, NO_KEYS, KEYS):
        workflow.api.order(endpoint="create", http_status=400, effect=False, times=1)
        assert "HTTP 400" in _run(workflow, described).output
    assert _run(workflow, NO_KEYS).success
    assert len(workflow.api.journal("create")) == 4


def test_a_doubt_outlives_the_row(workflow: Workflow) -> None:
    """Retention removes the row of a failed execution; the events still say what is in doubt."""
    workflow.api.order(endpoint="create", reset="before", times=1)
    assert not _run(workflow, NO_KEYS).success
    assert workflow.run("clean_up_policy_executions", retention_minutes=0).success
    assert workflow.rows() == []
    for described in (NO_KEYS, KEYS):
        assert "may have created the policy" in _run(workflow, described).output
    assert len(workflow.api.journal("create")) == 1
    adopted = _run(workflow, NO_KEYS, policy_id="pol-1")
    workflow.api.order(endpoint="status", http_status=404)
    assert "policy pol-1 is there at the API" in str([e["message"] for e in workflow.events()])
    assert len(workflow.api.journal("create")) == 1
    assert workflow.row()["policy_id"] == "pol-1", adopted.output


@pytest.mark.parametrize(
    "order",
    [
        {"extra": {"errors": [{"message": "the owner could not be notified"}]}},
        {"extra": {"status": "error"}},
        {"http_status": 302, "headers": {"Location": "/policies/1"}},
        {"http_status": 499},
        {"http_status": 460},
    ],
    ids=lambda order: str(next(iter(order.values()))),
)
@pytest.mark.parametrize("endpoint", ["create", "circuit"])
def test_a_refusal_that_proves_nothing_is_a_doubt(
    workflow: Workflow, endpoint: str, order: dict[str, Any]
) -> None:
    """Of an API without keys, only what was surely not processed is sent again."""
    workflow.api.honour_idempotency_keys(False)
    workflow.api.order(endpoint=endpoint, times=1, **order)
    assert not _run(workflow, NO_KEYS).success
    assert not _run(workflow, NO_KEYS).success
    assert len(workflow.api.journal(endpoint)) == 1


def test_a_refusal_of_a_later_request_ends_no_earlier_doubt(workflow: Workflow) -> None:
    """A 401 to the repetition with a key says nothing about the first request."""
    workflow.api.order(endpoint="create", reset="before", times=1)
    assert not _run(workflow, KEYS).success
    workflow.api.order(endpoint="create", http_status=401, effect=False, times=1)
    assert not _run(workflow, KEYS).success
    assert "may have created the policy" in _run(workflow, NO_KEYS).output
    assert len(workflow.api.journal("create")) == 2


def test_from_a_status_that_means_already_to_keys(workflow: Workflow) -> None:
    """A request without a key is not repeated with one."""
    workflow.api.order(endpoint="create", reset="before", times=1)
    assert not _run(workflow, ALREADY).success
    assert "may have created the policy" in _run(workflow, KEYS).output
    assert len(workflow.api.journal("create")) == 1


@pytest.mark.parametrize("endpoint", ["create", "circuit"])
def test_already_counts_only_where_a_request_may_have_taken_effect(
    workflow: Workflow, endpoint: str
) -> None:
    """After a refusal nothing is there: a 409 is then about something else."""
    workflow.api.order(endpoint=endpoint, http_status=422, effect=False, times=1)
    assert not _run(workflow, ALREADY).success
    conflict = {"message": "the name is taken", "data": {"policy": {"id": "foreign-7"}}}
    workflow.api.order(endpoint=endpoint, http_status=409, body=conflict, effect=False, times=1)
    refused = _run(workflow, ALREADY)
    assert not refused.success
    assert "HTTP 409 from the API [POST" in refused.output
    assert _run(workflow, ALREADY).success


def test_already_confirms_what_may_have_taken_effect(workflow: Workflow) -> None:
    """After a lost answer, the status says that the circuit breaker was triggered."""
    workflow.api.order(endpoint="circuit", reset="before", times=1)
    assert not _run(workflow, ALREADY).success
    workflow.api.order(endpoint="circuit", http_status=409, effect=False, times=1)
    assert _run(workflow, ALREADY).success
    assert "an earlier request (HTTP 409)" in workflow.row()["message"]

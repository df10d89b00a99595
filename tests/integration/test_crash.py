"""A procedure that is killed at any point loses nothing: the next run finishes the execution."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local_snowflake.server import LocalSnowflake
from procedures.common.failpoints import FAILPOINTS, FOLDER_VARIABLE
from tests.integration.workflow import Ran, Workflow

POLICY = {"policy_name": "p"}
AFTER_CREATE_IS_RECORDED = (
    "after_write_of_create_policy",
    "after_request_of_poll_policy_status",
    "in_write_of_trigger_circuit_breaker",
)


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


def _break_at(workflow: Workflow, orders: Path, point: str, what: str) -> Ran:
    """Run until the point, break there, and let the lease run out."""
    (orders / point).write_text(what, encoding="utf-8")
    broken = workflow.run(execution_id="e", policy_data=POLICY)
    assert (orders / f"{point}.reached").exists(), broken.output
    assert not broken.success
    workflow.query(
        """update policy_execution_state
        set "lease_expires_at" = dateadd(minute, -1, sysdate())
        where "lease_expires_at" is not null"""
    )
    return broken


@pytest.mark.parametrize("point", FAILPOINTS)
def test_a_killed_run_is_finished_by_the_next(
    workflow: Workflow, orders: Path, point: str, record_promise: Any
) -> None:
    """With Idempotency-Keys honoured, one policy and one circuit request take effect."""
    _break_at(workflow, orders, point, "kill")
    again = workflow.run(execution_id="e", policy_data=POLICY)
    assert again.success, again.output
    assert workflow.row()["status"] == "completed"
    effects = [e.endpoint for e in workflow.api.journal() if e.effect and e.method == "POST"]
    assert effects == ["create", "circuit"]
    sequences = [event["sequence"] for event in workflow.events()]
    assert sequences == list(range(1, len(sequences) + 1))
    record_promise(f"killed {point}", "one policy and one circuit request take effect", 1)


@pytest.mark.parametrize("point", AFTER_CREATE_IS_RECORDED)
def test_a_recorded_policy_is_not_created_again(
    workflow: Workflow, orders: Path, point: str, record_promise: Any
) -> None:
    """Also an API that ignores Idempotency-Keys gets one create, once its answer is written."""
    workflow.api.honour_idempotency_keys(False)
    _break_at(workflow, orders, point, "raise")
    assert workflow.run(execution_id="e", policy_data=POLICY).success
    assert len(workflow.api.journal("create")) == 1
    record_promise(f"broken {point}, keys ignored", "no second create is sent", 1)


def test_failpoints_are_off_without_the_variable(workflow: Workflow, tmp_path: Path) -> None:
    """An order that no environment variable leads to is not obeyed."""
    (tmp_path / "before_claim").write_text("kill", encoding="utf-8")
    assert workflow.run(execution_id="e", policy_data=POLICY).success
    assert (tmp_path / "before_claim").exists()

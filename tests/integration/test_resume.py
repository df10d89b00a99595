"""Taking up, retrying and cancelling executions; the history survives the state table."""

from __future__ import annotations

import json
from typing import Any

from tests.integration.workflow import Workflow

POLICY = {"policy_name": "kept", "parameters": {"n": 1.5}}


def _age(workflow: Workflow, execution_id: str) -> None:
    """Make an execution's rows two hours old, so that the next start removes a finished one."""
    workflow.query(
        """update policy_execution_state
        set "finished_at" = dateadd(hour, -2, sysdate())
        where "execution_id" = ?""",
        [execution_id],
    )


def _fail_circuit(workflow: Workflow, execution_id: str) -> None:
    workflow.api.order(endpoint="circuit", http_status=500, times=1)
    assert not workflow.run(execution_id=execution_id, policy_data=POLICY).success


def _stories(workflow: Workflow) -> dict[str, list[str]]:
    stories: dict[str, list[str]] = {}
    for event in workflow.events():
        stories.setdefault(event["execution_id"], []).append(event["event"])
    return stories


def test_a_failed_execution_resumes_after_retention_removed_its_row(workflow: Workflow) -> None:
    """The events bring it back: no second policy is created, and only step 3 is repeated."""
    _fail_circuit(workflow, "old")
    before = workflow.row()
    _age(workflow, "old")
    assert workflow.run("clean_up_policy_executions").success
    assert workflow.rows() == []
    ran = workflow.run(execution_id="old", policy_data=POLICY)
    assert ran.success, ran.output
    after = workflow.row()
    same = ("policy_id", "poll_count", "start_time", "policy_data", "api_response")
    assert {key: after[key] for key in same} == {key: before[key] for key in same}
    assert after["status"] == "completed"
    assert len(workflow.api.journal("create")) == 1
    assert len(workflow.api.journal("circuit")) == 2
    assert [event["sequence"] for event in workflow.events()] == list(range(1, 10))


def test_a_completed_execution_stays_completed_after_retention(workflow: Workflow) -> None:
    """Its row is gone, its history is not: nothing is sent again, and another policy is refused."""
    assert workflow.run(execution_id="done", policy_data=POLICY).success
    _age(workflow, "done")
    again = workflow.run(execution_id="done", policy_data=POLICY)
    assert again.success, again.output
    assert len(workflow.api.journal("create")) == 1
    assert workflow.row()["circuit_breaker_completed"] is True
    _age(workflow, "done")
    other = workflow.run(execution_id="done", policy_data={"policy_name": "other"})
    assert not other.success
    assert "exists with another policy_data" in other.output


def test_true_is_not_one(workflow: Workflow) -> None:
    """Policies that differ only in the type of a value are different policies."""
    assert workflow.run(execution_id="t", policy_data={"policy_name": "p", "x": True}).success
    assert not workflow.run(execution_id="t", policy_data={"policy_name": "p", "x": 1}).success


def test_retry_takes_up_what_failed_or_was_left_behind(workflow: Workflow) -> None:
    """Failed ones, with and without a row, and one whose lease ran out; no others."""
    assert workflow.run(execution_id="completed", policy_data=POLICY).success
    _fail_circuit(workflow, "removed")
    _age(workflow, "removed")
    assert workflow.run("clean_up_policy_executions").success
    _fail_circuit(workflow, "failed")
    assert workflow.run(execution_id="left", policy_data=POLICY).success
    assert workflow.run(execution_id="leased", policy_data=POLICY).success
    workflow.query(
        """update policy_execution_state
        set "status" = 'policy_ready', "completed" = false, "circuit_breaker_completed" = false,
            "lease_expires_at" = dateadd(
                minute, case when "execution_id" = 'left' then -1 else 10 end, sysdate()
            )
        where "execution_id" in ('left', 'leased')"""
    )
    workflow.query(
        """delete from policy_execution_events
        where "execution_id" in ('left', 'leased') and "status_after" = 'completed'"""
    )
    sent = len(workflow.api.journal("circuit"))
    ran = workflow.run("retry_policy_workflow")
    assert ran.success, ran.output
    assert "taking up 3 execution(s)" in ran.output
    rows = {row["execution_id"]: row["status"] for row in workflow.rows()}
    assert rows == {
        "completed": "completed",
        "removed": "completed",
        "failed": "completed",
        "left": "completed",
        "leased": "policy_ready",
    }
    assert len(workflow.api.journal("circuit")) == sent + 3
    assert len(workflow.api.journal("create")) == 5


def test_retry_is_narrowed(workflow: Workflow) -> None:
    """Limit takes the oldest, execution_id one, and nothing to do is a success."""
    nothing = workflow.run("retry_policy_workflow")
    assert nothing.success, nothing.output
    assert "nothing to take up" in nothing.output
    for execution_id in ("first", "second", "third"):
        _fail_circuit(workflow, execution_id)
    assert workflow.run("retry_policy_workflow", limit=1).success
    assert workflow.run("retry_policy_workflow", execution_id="third").success
    rows = {row["execution_id"]: row["status"] for row in workflow.rows()}
    assert rows == {"first": "completed", "second": "error", "third": "completed"}
    unknown = workflow.run("retry_policy_workflow", execution_id="unknown")
    assert not unknown.success
    assert "there is no execution unknown to take up" in unknown.output


def test_a_retry_that_fails_again_fails(workflow: Workflow) -> None:
    """The exit code of a retry is that of its executions."""
    workflow.api.order(endpoint="circuit", http_status=500)
    assert not workflow.run(execution_id="e", policy_data=POLICY).success
    ran = workflow.run("retry_policy_workflow")
    assert not ran.success
    assert "1 of 1 execution(s) did not complete" in ran.output


def test_cancel_ends_an_execution_for_good(workflow: Workflow) -> None:
    """Neither a run nor a retry takes it up, also when its row is gone; nothing is sent."""
    _fail_circuit(workflow, "e")
    sent = len(workflow.api.journal())
    ran = workflow.run("cancel_policy_execution", execution_id="e", reason='we said "no"')
    assert ran.success, ran.output
    assert "nothing to take up" in workflow.run("retry_policy_workflow").output
    for _ in range(2):
        again = workflow.run(execution_id="e", policy_data=POLICY)
        assert not again.success
        assert 'cancelled: we said "no"' in again.output
        assert workflow.row()["status"] == "error"
        _age(workflow, "e")
    assert len(workflow.api.journal()) == sent
    assert _stories(workflow)["e"][-1] == "cancelled"
    twice = workflow.run("cancel_policy_execution", execution_id="e", reason="again")
    assert twice.success


def test_cancel_refuses_what_it_cannot_end(workflow: Workflow) -> None:
    """A completed execution, an unknown one, a missing reason: said, and nothing is changed."""
    assert workflow.run(execution_id="done", policy_data=POLICY).success
    for arguments, answer in (
        ({"execution_id": "done", "reason": "r"}, "is completed and cannot be cancelled"),
        ({"execution_id": "nobody", "reason": "r"}, "there is no execution nobody"),
        ({"execution_id": "done", "reason": " "}, "reason must be a text"),
        ({"execution_id": "a b", "reason": "r"}, "execution_id must be a text"),
    ):
        ran = workflow.run("cancel_policy_execution", **arguments)
        assert not ran.success
        assert answer in ran.output
    assert workflow.row()["status"] == "completed"


def test_secrets_of_a_policy_are_not_in_the_history(workflow: Workflow) -> None:
    """The API gets them, the events don't; after retention they must be given again."""
    policy: dict[str, Any] = {"policy_name": "p", "api_key": "k-123456"}
    workflow.api.order(endpoint="create", http_status=400, times=1)
    assert not workflow.run(execution_id="s", policy_data=policy).success
    claimed = next(event for event in workflow.events() if event["event"] == "claimed")
    assert json.loads(claimed["policy_data"]) == {"policy_name": "p", "api_key": "[redacted]"}
    assert "k-123456" not in json.dumps(workflow.events(), default=str)
    _age(workflow, "s")
    assert workflow.run("clean_up_policy_executions").success
    alone = workflow.run("retry_policy_workflow")
    assert not alone.success
    assert "the history does not keep the policy's secrets" in alone.output
    assert len(workflow.api.journal("create")) == 1
    assert workflow.run(execution_id="s", policy_data=policy).success
    assert workflow.sent("create") == [policy, policy]

"""The history: events replay to the state, models and stories survive the clean-up."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from procedures.common.redaction import redact
from procedures.domain.history import rows_of_history
from tests.integration.mixed_executions import MixedExecutions
from tests.integration.workflow import Workflow

COUNT = 120
WALL_CLOCKS = {"start_time", "last_poll_time"}
TIMES = {*WALL_CLOCKS, "cancelled_at", "polled_at"}
# The text of a policy may hold secrets; retention counts from the restoring.
NO_HISTORY = {"lease_expires_at", "finished_at", "policy_text"}
JSON = ("policy_data", "api_response", "policy_status_response", "circuit_breaker_response")
VIEWS = (
    "policy_executions",
    "policy_execution_steps",
    "policy_execution_history",
    "policy_api_requests",
    "policy_execution_health",
)


@pytest.fixture(scope="module")
def mixed(shared_workflow: Workflow) -> MixedExecutions:
    """Give 120 executions and their models: some retried, some cancelled, some changed meanwhile.

    The last test of this module empties the state table.
    """
    workflow = shared_workflow
    workflow.api.reset()
    found = MixedExecutions(workflow, COUNT, seed=4)
    assert not found.run().success
    statuses = {row["execution_id"]: row["status"] for row in workflow.rows()}
    assert statuses == found.statuses()
    cancelled, *more = found.of_kind("create refused")[:2]
    assert workflow.run(
        "cancel_policy_execution", execution_id=cancelled, reason="not wanted"
    ).success
    request = {"invocation_id": "by-hand", "execution_ids": more, "reason": "not wanted"}
    assert workflow.call("cancel_policy_execution", request)["cancelled"]
    workflow.api.forget_orders()
    again = found.of_kind("never ready", "circuit refused", "create unknown")
    for execution_id in again[:3]:
        workflow.run("retry_policy_workflow", execution_id=execution_id)
    built = workflow.dbt("build")
    assert built.success, built.output
    return found


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its JSON parsed, without what is no history."""
    plain = {
        key: json.loads(value) if key in JSON and value is not None else value
        for key, value in row.items()
        if key not in NO_HISTORY
    }
    return plain | {"policy_data": redact(plain["policy_data"])}


def _replayed(workflow: Workflow) -> dict[str, dict[str, Any]]:
    """The rows that the events, replayed in their order, come to."""
    events = [
        event | {"event_time": round(event["event_time"].timestamp() * 1_000_000)}
        for event in workflow.events()
        if event["event"] != "superseded"
    ]
    return {row["execution_id"]: row for row in rows_of_history(events)}


def _when(column: str, row: dict[str, Any], zone: datetime.tzinfo) -> datetime.datetime:
    """A replayed moment as the column has it: ours are UTC, the others the session's wall clock."""
    of_replay = {"start_time": "started", "cancelled_at": "cancelled"}.get(column, "polled")
    of_column = zone if column in WALL_CLOCKS else datetime.UTC
    return datetime.datetime.fromtimestamp(row[of_replay] / 1_000_000, of_column).replace(
        tzinfo=None
    )


def test_events_replay_to_the_state_table(mixed: MixedExecutions) -> None:
    """Every column of every row is what its events add up to; times within the same seconds."""
    workflow = mixed.workflow
    replayed = _replayed(workflow)
    rows = workflow.rows()
    assert len(rows) == COUNT
    zone = workflow.events()[0]["event_time"].tzinfo
    for row in map(_plain, rows):
        replay = replayed[row["execution_id"]]
        for column, value in row.items():
            if column in TIMES and value is not None:
                apart = abs(value - _when(column, replay, zone))
                assert apart < datetime.timedelta(seconds=30), (row["execution_id"], column)
            else:
                assert replay.get(column) == value, (row["execution_id"], column)


def test_models_say_what_happened(mixed: MixedExecutions) -> None:
    """Status, cause, polls, steps and requests of each execution are those that it had."""
    workflow = mixed.workflow
    again = mixed.of_kind("never ready", "circuit refused", "create unknown")[:3]
    cancelled = mixed.of_kind("create refused")[:2]
    found = {row["EXECUTION_ID"]: row for row in workflow.query("select * from policy_executions")}
    state = {row["execution_id"]: row for row in workflow.rows()}
    causes = {
        execution_id: row["ERROR_CAUSE"]
        for execution_id, row in found.items()
        if row["ERROR_CAUSE"] and execution_id not in [*again, *cancelled]
    }
    assert causes == {
        execution_id: cause
        for execution_id, cause in mixed.causes().items()
        if execution_id not in [*again, *cancelled]
    }
    for execution_id, row in found.items():
        stands = state[execution_id]
        for column in (
            "policy_id",
            "status",
            "poll_count",
            "invocation_id",
            "requires_circuit_breaker",
            "circuit_breaker_initiated",
            "circuit_breaker_completed",
            "error_message",
            "message",
        ):
            assert row[column.upper()] == stands[column], (execution_id, column)
        assert row["IS_FINISHED"] is stands["completed"]
        assert row["IS_CANCELLED"] is (execution_id in cancelled)
        assert row["RUNS"] == 1 + (execution_id in [*again, *cancelled])
        answer = json.loads(stands["api_response"] or "{}")
        if row["POLICY_ID"]:
            assert row["API_EXECUTION_ID"] == answer.get("execution_id")
        assert row["POLICY_NAME"] == mixed.kinds[execution_id]
        assert row["POLICY_TYPE"] == "mixed"
    health = workflow.query("select * from policy_execution_health")
    for column, status in (("COMPLETED", "completed"), ("STARTED", None)):
        wanted = [row for row in state.values() if status in (None, row["status"])]
        assert sum(row[column] for row in health) == len(wanted)
    requests = workflow.query("select sum(requests_sent) as n from policy_api_requests")
    assert requests[0]["N"] == len(workflow.api.journal())
    steps = workflow.query(
        "select step, result, count(*) as n from policy_execution_steps group by step, result"
    )
    assert sum(row["N"] for row in steps if row["STEP"] == 1) == COUNT
    assert {row["RESULT"] for row in steps} == {"succeeded", "failed"}


def _shown(workflow: Workflow) -> dict[str, list[dict[str, Any]]]:
    return {view: sorted(workflow.query(f"select * from {view}"), key=str) for view in VIEWS}


def test_models_and_stories_are_the_same_after_the_clean_up(mixed: MixedExecutions) -> None:
    """All that views and stories show of 120 executions is there when the state table is empty."""
    workflow = mixed.workflow
    before = _shown(workflow)
    assert len(before["policy_executions"]) == COUNT
    shown = [mixed.of_kind(kind)[0] for kind in ("ready at once", "never ready", "create refused")]
    stories = [workflow.diagnose(execution_id=execution_id) for execution_id in shown]
    assert workflow.run("clean_up_policy_executions", retention_minutes=0).success
    assert workflow.rows() == []
    assert _shown(workflow) == before
    assert [workflow.diagnose(execution_id=execution_id) for execution_id in shown] == stories

"""Step 1: create each policy at the API and store its policy_id."""

from __future__ import annotations

from typing import Any

from snowflake.snowpark import Session

from procedures.api_outcome import ApiOutcome
from procedures.execution import (
    COMPLETED,
    ERROR,
    PENDING,
    POLICY_CREATED,
    Change,
    Execution,
)
from procedures.execution_state import ExecutionState
from procedures.policy_api import PolicyApi
from procedures.settings import load_settings
from procedures.steps import drive, failed, read_request, summary


def create_policy(session: Session, request: str) -> dict[str, Any]:
    """Clean up, claim the executions, and send POST /createpolicy for those still pending.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "executions": [{"execution_id": ...,
            "policy_data": {...}}]}`; without `executions` it only cleans up, with
            `retention_minutes` (default: the registered one).

    Returns:
        Counts by status, `waiting` (ids that another run drives), `done` (completed before),
        `refused` (ids that exist with another policy_data) and `cleaned` (rows removed).

    """
    wanted = read_request(request)
    settings = load_settings()
    state = ExecutionState(session, settings, wanted["invocation_id"])
    retention = wanted.get("retention_minutes")
    cleaned = state.clean_up(settings.retention_minutes if retention is None else int(retention))
    executions = wanted.get("executions") or []
    if not executions:
        return {"driven": 0, "counts": {}, "executions": [], "cleaned": cleaned}

    by_id = {execution["execution_id"]: execution for execution in executions}
    refused = [
        {"execution_id": row.execution_id, "stored": row.policy_data}
        for row in state.read(by_id)
        if row.policy_data is not None and row.policy_data != by_id[row.execution_id]["policy_data"]
    ]
    for row in refused:
        by_id.pop(row["execution_id"])
    if by_id:
        state.claim(list(by_id.values()))
    rows = state.read(by_id)
    if len({row.execution_id for row in rows}) < len(rows):
        raise RuntimeError("an execution_id stands twice in the state table; nothing was sent")
    mine = [row for row in rows if row.invocation_id == wanted["invocation_id"]]
    todo = [row for row in mine if row.status == PENDING]
    changes, landed = drive(settings, state, todo, _create, _after_create)
    return summary(
        changes,
        landed,
        cleaned=cleaned,
        refused=refused,
        done=[row.execution_id for row in rows if row.status == COMPLETED],
        waiting=[
            row.execution_id
            for row in rows
            if row.status != COMPLETED and row.invocation_id != wanted["invocation_id"]
        ],
    )


def _create(api: PolicyApi, execution: Execution) -> ApiOutcome:
    return api.create_policy(execution.execution_id, execution.policy_data)


def _after_create(execution: Execution, outcome: ApiOutcome) -> Change:
    created = outcome.kind == "created"
    message = None if created else failed(1, "create policy", execution, outcome)
    return Change(
        execution_id=execution.execution_id,
        step=1,
        attempt=1,
        status_before=PENDING,
        status_after=POLICY_CREATED if created else ERROR,
        event="create_policy",
        columns={
            "policy_id": outcome.policy_id if created else None,
            "api_response": outcome.response,
        },
        outcome=outcome,
        message=message,
    )

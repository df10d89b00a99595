"""Step 1: create each policy at the API and store its policy_id."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from snowflake.snowpark import Session

from procedures.api_outcome import REDACTED, ApiOutcome, redact
from procedures.execution import COMPLETED, ERROR, PENDING, POLICY_CREATED, Change, Execution
from procedures.execution_state import ExecutionState
from procedures.policy_api import PolicyApi
from procedures.request import read_request, requested_executions
from procedures.settings import Settings, load_settings
from procedures.steps import drive, failed, summary


def create_policy(session: Session, request: str) -> dict[str, Any]:
    """Clean up, claim the executions, and send POST /createpolicy for those still pending.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "executions": [{"execution_id": ...,
            "policy_data": {...}}]}`; without `policy_data` an execution is only resumed. Without
            `executions` it only cleans up, with `retention_minutes` (default: the registered
            one).

    Returns:
        Counts by status, `waiting` (ids that another run drives), `done` (completed before),
        `cancelled` (ids that were ended for good), `refused` (executions that exist with another
        policy_data: nothing is sent for any execution of the request), `unknown` (ids to resume
        that are not there) and `cleaned` (rows removed).

    """
    wanted = read_request(request)
    executions = requested_executions(wanted)
    settings = load_settings()
    state = ExecutionState(session, settings, wanted["invocation_id"])
    retention = wanted.get("retention_minutes")
    cleaned = state.clean_up(settings.retention_minutes if retention is None else int(retention))
    if not executions:
        return summary([], set(), cleaned=cleaned)

    known = {row.execution_id: row for row in state.read(executions)}
    # Ids made from this invocation are new; any other may have a history.
    made = f"{wanted['invocation_id']}-"
    missing = [id_ for id_ in executions if id_ not in known and not id_.startswith(made)]
    if missing:
        state.restore(missing)
        known |= {row.execution_id: row for row in state.read(missing)}
    refused = [
        {
            "execution_id": row.execution_id,
            "stored": redact(row.policy_data),
            "given": redact(executions[row.execution_id]["policy_data"]),
        }
        for row in known.values()
        if _is_another(row, executions[row.execution_id].get("policy_data"))
    ]
    if refused:
        return summary([], set(), cleaned=cleaned, refused=refused)
    unknown = [
        id_
        for id_, item in executions.items()
        if id_ not in known and item.get("policy_data") is None
    ]
    rows = state.claim([item for id_, item in executions.items() if id_ not in unknown])
    mine = [
        _with_policy(row, executions) for row in rows if state.drives(row) and row.status == PENDING
    ]
    given = {id_ for id_, item in executions.items() if item.get("policy_data") is not None}
    changes, landed = create_policies(settings, state, mine, given)
    return summary(
        changes,
        landed,
        cleaned=cleaned,
        unknown=unknown,
        done=[row.execution_id for row in rows if row.status == COMPLETED],
        cancelled=[row.execution_id for row in rows if row.cancelled],
        waiting=[
            row.execution_id
            for row in rows
            if row.status != COMPLETED and not row.cancelled and not state.drives(row)
        ],
    )


def create_policies(
    settings: Settings,
    state: ExecutionState,
    pending: Sequence[Execution],
    given: Collection[str] = (),
) -> tuple[list[Change], set[str]]:
    """Send POST /createpolicy for each; answers all changes, and whose landed.

    A policy that comes from the history without its secrets is not sent: it ends in 'error'.

    Args:
        settings: the procedure's settings.
        state: the tables, for this driver.
        pending: executions of this driver.
        given: ids whose policy the caller has just given, so that it is whole.

    """
    lost = [
        row
        for row in pending
        if row.execution_id not in given and REDACTED in _canonical(row.policy_data)
    ]
    unsendable = [_after_loss(row) for row in lost]
    landed_first = state.record(unsendable)
    todo = [row for row in pending if row not in lost]
    changes, landed = drive(settings, state, "create_policy", todo, _create, _after_create)
    return [*unsendable, *changes], landed_first | landed


def _is_another(row: Execution, given: Any) -> bool:
    """Whether a policy differs from the stored one, whose secrets a restored row does not have."""
    if given is None or row.policy_data is None:
        return False
    stored = row.policy_data
    return _canonical(stored) != _canonical(given) and _canonical(stored) != _canonical(
        redact(given)
    )


def _canonical(policy: Any) -> str:
    """Text in which true is not 1, and 1 is not '1'."""
    return json.dumps(policy, sort_keys=True, ensure_ascii=False)


def _with_policy(row: Execution, executions: dict[str, dict[str, Any]]) -> Execution:
    """Prefer the policy as it was given now: digits of numbers included, secrets included."""
    given = executions[row.execution_id].get("policy_data")
    return row if given is None else replace(row, policy_data=given)


def _after_loss(row: Execution) -> Change:
    return Change(
        execution=row,
        step=1,
        attempt=1,
        status_after=ERROR,
        event="create_policy",
        columns={},
        message="Step 1 (create policy) was not begun: the history does not keep the policy's "
        "secrets. Run it again with its policy_data",
        error_class="SecretsNotKept",
    )


def _create(api: PolicyApi, execution: Execution) -> ApiOutcome:
    return api.create_policy(execution.execution_id, execution.policy_data)


def _after_create(execution: Execution, outcome: ApiOutcome) -> Change:
    created = outcome.kind == "created"
    message = None if created else failed(1, "create policy", execution, outcome)
    return Change(
        execution=execution,
        step=1,
        attempt=1,
        status_after=POLICY_CREATED if created else ERROR,
        event="create_policy",
        columns={
            "policy_id": outcome.policy_id if created else None,
            "api_response": outcome.response,
        },
        outcome=outcome,
        message=message,
    )

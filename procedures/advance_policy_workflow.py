"""Does every due step of the open executions that nobody drives, once, without waiting."""

from __future__ import annotations

from typing import Any

from snowflake.snowpark import Session

from procedures.create_policy import create_policies
from procedures.execution import ERROR, PENDING, POLICY_CREATED, POLICY_READY
from procedures.execution_state import ExecutionState
from procedures.poll_policy_status import poll_policies
from procedures.request import read_request, whole_number
from procedures.settings import load_settings
from procedures.steps import Tally
from procedures.trigger_circuit_breaker import trigger_circuit_breakers

MAX_LIMIT = 10_000


def advance_policy_workflow(session: Session, request: str) -> dict[str, Any]:
    """Clean up, claim what is due, and take each execution as far as it goes without waiting.

    An execution that is not ready is polled once and given up, so that the next call, by whomever,
    goes on with it. A Snowflake task can call this; so can any scheduler.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "poll_interval_seconds": ..., "limit": ...}`:
            who calls, how long after a poll the next one is due (default: at once), and how many
            executions to take (default: 1000). A caller that always sends the same text, as a task
            does, lets `invocation_id` end in '*', which is replaced by something unique.

    Returns:
        Counts by status of the changes of this call; `open`, how many of its executions are not
        finished, and `failed`, the ids of those that ended in 'error'.

    Raises:
        ValueError: when the request is not legal.

    """
    wanted = read_request(request)
    interval = whole_number(wanted, "poll_interval_seconds", 0, 0, 86_400)
    limit = whole_number(wanted, "limit", 1000, 1, MAX_LIMIT)
    settings = load_settings()
    state = ExecutionState(session, settings, wanted["invocation_id"])
    cleaned = state.clean_up(settings.retention_minutes)
    ids = state.due(interval, limit)
    tally = Tally()
    if not ids:
        return tally.told(cleaned=cleaned, open=0, failed=[])
    before = {row.execution_id: row for row in state.read(ids)}
    for _ in state.claim([{"execution_id": id_} for id_ in ids], before):
        pass
    create_policies(settings, state, tally, dict.fromkeys(ids))
    poll_policies(settings, state, tally, ids)
    trigger_circuit_breakers(settings, state, tally, ids)
    state.release()
    mine = [row for row in state.read(ids) if row.invocation_id == wanted["invocation_id"]]
    return tally.told(
        cleaned=cleaned,
        open=sum(row.status in (PENDING, POLICY_CREATED, POLICY_READY) for row in mine),
        failed=[row.execution_id for row in mine if row.status == ERROR],
    )

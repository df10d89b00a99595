"""Runs each due step of the open executions without a live lease, once, without waiting."""

from __future__ import annotations

from typing import Any

from snowflake.snowpark import Session

from procedures.common.settings import load_settings
from procedures.description.description import read_description
from procedures.domain.execution import ERROR
from procedures.domain.request import read_request, whole_number
from procedures.domain.tally import Tally
from procedures.http.credentials import read_credentials, secret_problem
from procedures.steps.call_time import CallTime
from procedures.steps.create import create_policies
from procedures.steps.poll import poll_policies
from procedures.steps.trigger import trigger_circuit_breakers
from procedures.tables.claiming import Claims, Given
from procedures.tables.database import Database
from procedures.tables.execution_state import ExecutionState

MAX_LIMIT = 10_000


def advance_policy_workflow(session: Session, request: str) -> dict[str, Any]:
    """Clean up, claim what is due, and take each execution as far as it goes without waiting.

    An execution that is not ready is polled once. Then its lease ends, so that the next call can go
    on with it, whoever calls. A Snowflake task or any other scheduler can call this procedure.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "poll_interval_seconds": ..., "limit": ...}`:
            the id of this call, how long after a poll the next poll is due (default: at once), and
            how many executions to take (default: 1000). A task always sends the same text; it lets
            the id end in '*', and the '*' is replaced by a unique text.

    Returns:
        Counts by status of the changes of this call; `open`, how many of its executions are not
        finished; `failed`, the ids of its executions that ended in 'error'. With `secret_problem` a
        secret cannot be used, and nothing was sent.

    Raises:
        ValueError: when the request is not legal.
        SecretError: when a secret cannot be used and nobody reads the answer: a task has to fail.

    """
    wanted = read_request(request)
    interval = whole_number(wanted, "poll_interval_seconds", 0, 0, 86_400)
    limit = whole_number(wanted, "limit", 1000, 1, MAX_LIMIT)
    settings, database = load_settings(), Database(session)
    state = ExecutionState(database, settings, wanted["invocation_id"])
    claims = Claims(database, settings, state, wanted["invocation_id"])
    cleaned = state.clean_up(settings.retention_minutes)
    ids = state.due(interval, limit)
    tally = Tally()
    if not ids:
        return tally.summary(cleaned=cleaned, open=0, failed=[])
    if wanted.get("is_read") is not True:
        read_credentials(read_description(settings.api))
    elif problem := secret_problem(settings.api):
        return tally.summary(cleaned=cleaned, open=0, failed=[], **problem)
    claims.record(ids)
    due: dict[str, Given] = dict.fromkeys(ids)
    seen = claims.look(ids)
    for _ in claims.claim(due, seen, takes_failed=False):
        pass
    otherwise = [id_ for id_, then in seen.items() if then.sent_otherwise]
    time_of_call = CallTime(settings)
    create_policies(settings, state, tally, time_of_call, due, sent_otherwise=otherwise)
    poll_policies(settings, state, tally, time_of_call)
    trigger_circuit_breakers(settings, state, tally, time_of_call)
    state.release(everything=True)
    mine = [row for row in state.read(ids) if row.invocation_id == wanted["invocation_id"]]
    return tally.summary(
        cleaned=cleaned,
        open=sum(not row.is_finished for row in mine),
        failed=[row.execution_id for row in mine if row.status == ERROR],
    )

"""Cancels an execution for good: neither a run nor a retry takes the execution up again."""

from __future__ import annotations

import time
from typing import Any

from snowflake.snowpark import Session

from procedures.common.settings import load_settings
from procedures.domain.execution import Execution
from procedures.domain.ownership import fresh_seconds
from procedures.domain.request import read_request, requested_ids
from procedures.tables.claiming import Claims
from procedures.tables.database import Database
from procedures.tables.execution_state import ExecutionState

MAX_REASON_CHARACTERS = 1000
# The time that a request on its way takes to arrive.
MARGIN_SECONDS = 0.5


def cancel_policy_execution(session: Session, request: str) -> dict[str, Any]:
    """Set one execution that is not completed to 'error', cancelled; nothing is sent.

    A run that owns the execution loses it: the next changes of that run are not applied. When this
    procedure returns, no request is sent for the execution any more: it waits as long as a run may
    send without a new look at the table. A request that was sent before is not taken back.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "execution_ids": [one], "reason": ...}`.

    Returns:
        `cancelled`, whether this call cancelled the execution; `status`, the status now (None when
        there is no such execution); `was_cancelled`, whether the execution is cancelled by now.

    Raises:
        ValueError: when the request is not legal.

    """
    wanted = read_request(request)
    ids = requested_ids(wanted)
    reason = wanted.get("reason")
    if len(ids) != 1:
        raise ValueError("one execution is cancelled at a time")
    if not isinstance(reason, str) or not 0 < len(reason.strip()) <= MAX_REASON_CHARACTERS:
        raise ValueError(f"reason must be a text of 1 to {MAX_REASON_CHARACTERS} characters")
    settings, database = load_settings(), Database(session)
    state = ExecutionState(database, settings, wanted["invocation_id"])
    claims = Claims(database, settings, state, wanted["invocation_id"])
    before = next(iter(state.read(ids)), None)
    done = state.cancel(ids[0], before, f"cancelled: {reason.strip()}")
    seen = claims.look(ids)[ids[0]]
    if done and not (before and _had_no_owner(before, seen.sequence)):
        time.sleep(fresh_seconds(settings.lease_seconds) + MARGIN_SECONDS)
    return {
        "cancelled": done,
        "status": seen.status,
        "was_cancelled": seen.cancelled,
    }


def _had_no_owner(before: Execution, sequence: int) -> bool:
    """Whether no run owned the lease of an execution when it was cancelled."""
    return (before.lease_seconds or 0) <= 0 and sequence == before.sequence + 1

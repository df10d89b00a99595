"""Ends an execution for good: neither a run nor a retry takes it up again."""

from __future__ import annotations

from typing import Any

from snowflake.snowpark import Session

from procedures.execution_state import ExecutionState
from procedures.request import read_request, requested_ids
from procedures.settings import load_settings

MAX_REASON_CHARACTERS = 1000


def cancel_policy_execution(session: Session, request: str) -> dict[str, Any]:
    """Set one execution that is not completed to 'error', cancelled; nothing is sent.

    A run that is driving it loses it: what it writes next does not land. A request under way is
    not taken back.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "execution_ids": [one], "reason": ...}`.

    Returns:
        `cancelled`, whether it was there to be cancelled, and `status` as it stands now (None
        when there is no such execution).

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
    state = ExecutionState(session, load_settings(), wanted["invocation_id"])
    done = state.cancel(ids[0], f"cancelled: {reason.strip()}")
    rows = list(state.read(ids))
    return {
        "cancelled": done,
        "status": rows[0].status if rows else None,
        "was_cancelled": bool(rows and rows[0].cancelled),
    }

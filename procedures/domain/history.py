"""Rebuilds the row of an execution from its events, after retention has removed the row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from procedures.common.bound_json import parsed
from procedures.domain.execution import (
    CIRCUIT_BREAKER_INITIATED,
    COMPLETED,
    ERROR,
    NO_CIRCUIT_BREAKER,
    POLICY_ADOPTED,
    POLICY_READY,
)

_RESPONSES = {
    "create_policy": "api_response",
    POLICY_ADOPTED: "api_response",
    "poll_policy_status": "policy_status_response",
    "trigger_circuit_breaker": "circuit_breaker_response",
}


def rows_of_history(events: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Fold events, ordered by execution and sequence, into rows of the state table.

    `started`, `polled` and `cancelled` are times, in microseconds since 1970, UTC.
    """
    return [
        _row(execution_id, list(own))
        for execution_id, own in groupby(events, key=lambda event: str(event["execution_id"]))
    ]


def _row(execution_id: str, events: list[Mapping[str, Any]]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "execution_id": execution_id,
        "poll_count": 0,
        "requires_circuit_breaker": False,
        "circuit_breaker_initiated": False,
        "circuit_breaker_completed": False,
        "started": int(events[0]["event_time"]),
        "last_sequence": len(events),
    }
    for event in events:
        name, status, when = event["event"], event["status_after"], int(event["event_time"])
        if name == "resumed" and row.get("status") == ERROR and not row["requires_circuit_breaker"]:
            row["poll_count"] = 0
        if name == POLICY_ADOPTED and row.get("policy_id"):
            # A person gave the execution another policy, of which nothing is known yet.
            row |= {"poll_count": 0, "requires_circuit_breaker": False}
        row |= {
            "status": status or row.get("status"),
            "policy_id": event["policy_id"] or row.get("policy_id"),
            "message": event["message"],
            "invocation_id": event["invocation_id"],
            "last_sequence": max(row["last_sequence"], int(event["sequence"] or 0)),
        }
        if event["policy_data"] is not None and "policy_data" not in row:
            row["policy_data"] = parsed(event["policy_data"])
        if name in _RESPONSES and event["response"] is not None:
            row[_RESPONSES[name]] = parsed(event["response"])
        if name == "poll_policy_status":
            row |= {"poll_count": int(event["attempt"] or 0), "polled": when}
        if name == CIRCUIT_BREAKER_INITIATED:
            row["circuit_breaker_initiated"] = True
        if status == POLICY_READY:
            row["requires_circuit_breaker"] = True
        if name == NO_CIRCUIT_BREAKER:
            row["requires_circuit_breaker"] = False
        if name == "cancelled":
            row["cancelled"] = when
        row["error_message"] = event["message"] if status == ERROR else None
        row["completed"] = status in (COMPLETED, ERROR)
        row["circuit_breaker_completed"] = status == COMPLETED and name != NO_CIRCUIT_BREAKER
    return {key: value for key, value in row.items() if value is not None}

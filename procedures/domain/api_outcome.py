"""What a call of the policy API came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

OutcomeKind = Literal[
    "created",
    "ready",
    "not_ready",
    "failed",
    "triggered",
    "accepted",
    "rejected",
    "unavailable",
    "unknown",
    "unreadable",
]

OUTCOME_UNKNOWN = "; the outcome is unknown: the API may have processed the request"


@dataclass(frozen=True)
class ApiOutcome:
    """What one call of the API came to.

    `response` is a JSON object: the API's own, or one that says what came instead of it.
    `error_class` is a word of ours (HTTP404, NoAnswer, MissingPolicyId...), None when the answer is
    one that the API is meant to give; macros/diagnosis/_failure_causes.sql reads it.
    `requests_sent` counts retries, too.
    """

    kind: OutcomeKind
    method: str
    url: str
    message: str
    http_status: int | None = None
    duration_ms: int = 0
    requests_sent: int = 1
    error_class: str | None = None
    response: dict[str, Any] | None = None
    policy_id: str | None = None

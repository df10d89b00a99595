"""The outcome of one call of the policy API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

OutcomeKind = Literal[
    "found",
    "absent",
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

# The error class of a status that the description calls busy.
API_BUSY = "ApiBusy"
# Where the message has these words, the answer is about the last of several tries.
EARLIER_TRY = "an earlier try may have been processed"
OUTCOME_UNKNOWN = "; the outcome is unknown: the API may have processed the request"


@dataclass(frozen=True)
class ApiOutcome:
    """The outcome of one call of the API.

    `response` is a JSON object: the API's own, or an object that describes what came instead.
    `error_class` is a word of this project (HTTP404, NoAnswer, MissingPolicyId...) that
    macros/diagnosis/_failure_causes.sql explains; None when the API answered as it should.
    `requests_sent` includes retries.
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

    @property
    def was_not_processed(self) -> bool:
        """Whether it is sure that the API did not process the request; in_doubt_sql says the same.

        A refusal with HTTP 2xx, a redirect, a server that is away (503, 408) and a gateway that
        gave up (499, 460) prove nothing, and the last answer proves nothing about an earlier try.
        """
        if EARLIER_TRY in self.message:
            return False
        if self.kind == "unavailable" and self.http_status in (408, 503):
            return self.error_class == API_BUSY
        if self.kind == "rejected" and self.requests_sent and self.http_status is not None:
            return 400 <= self.http_status <= 498 and self.http_status != 460
        return self.kind in ("unavailable", "rejected")

"""Whether a request is sent again, and how long to wait before that."""

from __future__ import annotations

import random
import re
from collections.abc import Collection
from datetime import UTC
from email.utils import parsedate_to_datetime

from procedures.description.description import Endpoint
from procedures.http.transport import Answer, NoAnswerError

# This status says that the request was not processed (RFC 6585, 4).
RETRIED_STATUSES = frozenset({429})
RETRIED_READ_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
RETRY_AFTER_STATUSES = frozenset({429, 503})
FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 10.0
# No server means a longer number.
MAX_RETRY_AFTER_CHARACTERS = 20


def never_left(error: NoAnswerError) -> bool:
    """Whether nothing of a request was sent, as far as the transport knows."""
    return error.attempt.connecting and not error.attempt.sent


def is_sent_again(endpoint: Endpoint, result: Answer | NoAnswerError) -> bool:
    """Whether a request may be sent again: one that changes something only if it was not processed.

    A 503 with Retry-After says that the request was not processed. Where a repetition would do
    everything twice, that is not enough: a gateway may say so of a request that it passed on.
    """
    if isinstance(result, NoAnswerError):
        return endpoint.is_read or never_left(result)
    if endpoint.is_read:
        return result.status in RETRIED_READ_STATUSES | endpoint.busy
    return result.status in RETRIED_STATUSES | endpoint.busy or (
        result.status == 503
        and endpoint.is_repeatable
        and retry_after(result, endpoint.busy) is not None
    )


def backoff(retries: int) -> float:
    """Seconds to wait before a retry: full jitter below a bound that doubles.

    Args:
        retries: how many retries there were before.

    """
    bound = min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2**retries)
    return random.uniform(0, bound)


def retry_after(answer: Answer, busy: Collection[int] = ()) -> float | None:
    """Seconds that an answer asks to wait (RFC 9110, 10.2.3); None when it asks for nothing.

    A value that cannot be read counts as nothing. A fraction of a second is not legal, but is
    understood. A date is compared with the answer's own Date, as the clocks may differ. `busy` has
    the statuses that mean "not now" at this API.
    """
    value = answer.headers.get("retry-after", "").strip()
    if not value or answer.status not in {*RETRY_AFTER_STATUSES, *busy}:
        return None
    if re.fullmatch(r"[0-9]+([.][0-9]+)?", value):
        return float(value) if len(value) <= MAX_RETRY_AFTER_CHARACTERS else None
    until, now = _moment(value), _moment(answer.headers.get("date", ""))
    return None if until is None or now is None else max(0.0, until - now)


def _moment(date: str) -> float | None:
    """An HTTP date in seconds since a fixed time; None when the text is no date."""
    try:
        found = parsedate_to_datetime(date)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError, OSError):
        return None

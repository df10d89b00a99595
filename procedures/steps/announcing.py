"""Announces requests before they are sent, so that a later run knows that they may have been sent.

A request that the API may process twice is not repeated while its outcome is in doubt.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from procedures.domain.execution import Change, Execution
from procedures.domain.tally import Tally
from procedures.tables.execution_state import ExecutionState, Page

THIS_REQUEST = "this request without an idempotency key"
SENT_WITHOUT_KEY = "an earlier request without an idempotency key"
SENT_OTHERWISE = "an earlier request, sent when policy_api said otherwise how to know a repetition,"
Changes = Callable[[Execution], Change]
# Reads which of some executions are in doubt.
Doubtful = Callable[[list[str]], set[str]]


def announce(
    announced: Changes, lease_seconds: float, state: ExecutionState, pages: Iterable[Page]
) -> Iterator[Page]:
    """Announce the requests of executions, page by page; yields what this run still owns.

    Args:
        announced: makes the change that announces the request of an execution.
        lease_seconds: how long a lease is.
        state: the tables, for this run.
        pages: the executions whose requests are to be sent.

    """
    for page in pages:
        since = time.monotonic()
        confirmed = state.record([announced(row) for row in page.executions])
        rows = [
            replace(row, sequence=row.sequence + 1)
            for row in page.executions
            if row.execution_id in confirmed
        ]
        if rows:
            yield Page(rows, since, lease_seconds)


def note_doubts(
    is_asked: Callable[[Execution], bool],
    doubtful: Doubtful,
    in_doubt: set[str],
    pages: Iterable[Page],
) -> Iterator[Page]:
    """Add to `in_doubt` which executions may have a request at the API; yields all pages.

    Args:
        is_asked: whether a request may have been sent for an execution.
        doubtful: reads which of them are in doubt.
        in_doubt: takes the ids, before the page's requests are sent.
        pages: the executions whose requests are to be sent.

    """
    for page in pages:
        if asked := [row.execution_id for row in page.executions if is_asked(row)]:
            in_doubt |= doubtful(asked)
        yield page


def without_doubt(
    is_asked: Callable[[Execution], bool],
    doubtful: Doubtful,
    stopped: Changes,
    state: ExecutionState,
    tally: Tally,
    pages: Iterable[Page],
) -> Iterator[Page]:
    """Stop the executions that may have a request at the API; yields the others, page by page.

    Args:
        is_asked: whether a request may have been sent for an execution.
        doubtful: reads which of them are in doubt.
        stopped: makes the change of an execution that is in doubt.
        state: the tables, for this run.
        tally: counts what is stopped.
        pages: the executions whose requests are to be sent.

    """
    for page in pages:
        asked = [row.execution_id for row in page.executions if is_asked(row)]
        in_doubt = doubtful(asked) if asked else set()
        changes = [stopped(row) for row in page.executions if row.execution_id in in_doubt]
        if changes:
            tally.add(changes, state.record(changes))
        rows = [row for row in page.executions if row.execution_id not in in_doubt]
        if rows:
            yield page._replace(executions=rows)

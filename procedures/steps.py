"""How each step goes through executions: call, write in batches, keep the leases."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import chain
from queue import Empty, SimpleQueue
from typing import Any

from procedures.api_outcome import ApiOutcome
from procedures.authorization import read_authorization
from procedures.execution import ERROR, Change, Execution
from procedures.execution_state import ExecutionState
from procedures.policy_api import PolicyApi
from procedures.settings import Settings
from procedures.trigger_points import reached

# A crash loses at most one batch of outcomes, which the idempotency key must then repair.
BATCH_SIZE = 200
LISTED = 20


class Tally:
    """What the caller is told of a step: counts, and the executions while they are few."""

    def __init__(self) -> None:
        self.driven = 0
        self.counts: Counter[str] = Counter()
        self._listed: list[dict[str, Any]] = []
        self._failures: list[dict[str, Any]] = []

    def add(self, changes: Sequence[Change], landed: Collection[str]) -> None:
        """Count changes, of which those of the executions in `landed` are in the table."""
        for change in changes:
            status = change.status_after if change.execution_id in landed else "superseded"
            self.driven += 1
            self.counts[status] += 1
            told = {
                "execution_id": change.execution_id,
                "status": status,
                "attempt": change.attempt,
                "message": change.told,
            }
            if len(self._listed) < LISTED:
                self._listed.append(told)
            if status in {ERROR, "superseded"} and len(self._failures) < LISTED:
                self._failures.append(told)

    def told(self, **more: Any) -> dict[str, Any]:
        """Make the answer: when there are many executions, those that failed are listed."""
        shown = self._listed if self.driven <= LISTED else self._failures
        return {"driven": self.driven, "counts": dict(self.counts), "executions": shown, **more}


class _Writer:
    """Writes outcomes in batches, and keeps this driver's leases while it does."""

    def __init__(self, state: ExecutionState, tally: Tally, lease_seconds: int) -> None:
        self._state = state
        self._tally = tally
        self._patience = lease_seconds / 3
        self._batch: list[Change] = []
        self._written = self._renewed = time.monotonic()

    def add(self, change: Change) -> None:
        if not self._batch:
            self._written = time.monotonic()
        self._batch.append(change)

    def rest(self) -> float:
        """Seconds until something is due."""
        first = min(self._written, self._renewed) if self._batch else self._renewed
        return max(0.0, first + self._patience - time.monotonic())

    def write_what_is_due(self) -> None:
        late = time.monotonic() - self._written >= self._patience
        if len(self._batch) >= BATCH_SIZE or (self._batch and late):
            self.write()
        if time.monotonic() - self._renewed >= self._patience:
            self._state.renew_lease()
            self._renewed = time.monotonic()

    def write(self) -> None:
        batch, self._batch = self._batch, []
        if batch:
            self._tally.add(batch, self._state.record(batch))


def drive(
    settings: Settings,
    state: ExecutionState,
    event: str,
    pages: Iterable[Sequence[Execution]],
    call: Callable[[PolicyApi, Execution], ApiOutcome],
    change: Callable[[Execution, ApiOutcome], Change],
    tally: Tally,
) -> None:
    """Call the API for each execution, write what came back, and count it.

    HTTP runs in threads; the session and the secret stay on the main thread (facts, 6.2).
    Outcomes are written in batches: when BATCH_SIZE have come, when a third of the lease has
    passed, and at the end. So many calls are under way or queued that no connection is idle while
    a batch is written, and no more: memory does not grow with the number of executions.
    """
    waiting = chain.from_iterable(pages)
    execution = next(waiting, None)
    if execution is None:
        return
    api = PolicyApi(settings, read_authorization(settings))
    done: SimpleQueue[tuple[Execution, ApiOutcome | BaseException]] = SimpleQueue()
    writer = _Writer(state, tally, settings.lease_seconds)
    under_way = 0

    def request(execution: Execution) -> None:
        outcome: ApiOutcome | BaseException
        try:
            reached(f"before_request_of_{event}")
            outcome = call(api, execution)
            reached(f"after_request_of_{event}")
        except BaseException as error:  # noqa: BLE001  # raised on the main thread
            outcome = error
        done.put((execution, outcome))

    with ThreadPoolExecutor(max_workers=settings.connections) as pool:
        try:
            while execution is not None or under_way:
                while execution is not None and under_way < BATCH_SIZE + settings.connections:
                    pool.submit(request, execution)
                    under_way += 1
                    execution = next(waiting, None)
                with suppress(Empty):
                    finished, outcome = done.get(timeout=writer.rest())
                    under_way -= 1
                    writer.add(change(finished, _answered(outcome)))
                if under_way:
                    writer.write_what_is_due()
            writer.write()
        except BaseException:
            # Whatever stopped the rest: what has arrived is written.
            pool.shutdown(cancel_futures=True)
            with suppress(Exception):
                for finished, outcome in _arrived(done):
                    writer.add(change(finished, outcome))
                writer.write()
            raise
        finally:
            pool.shutdown(cancel_futures=True)
            api.close()


def _answered(outcome: ApiOutcome | BaseException) -> ApiOutcome:
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


def _arrived(
    done: SimpleQueue[tuple[Execution, ApiOutcome | BaseException]],
) -> Iterator[tuple[Execution, ApiOutcome]]:
    while not done.empty():
        finished, outcome = done.get()
        if not isinstance(outcome, BaseException):
            yield finished, outcome


def failed(step: int, what: str, execution: Execution, outcome: ApiOutcome) -> str:
    """Say what failed, to which execution, and what was seen."""
    about = f"policy {execution.policy_id}" if execution.policy_id else "the policy"
    request = f"{outcome.method} {outcome.url}"
    return f"Step {step} ({what}) failed for {about}: {outcome.message} [{request}]"

"""Runs a step for many executions: calls the API, writes in batches, keeps the leases alive."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from procedures.common.failpoints import reached
from procedures.common.settings import Settings
from procedures.description.description import read_description
from procedures.domain.api_outcome import ApiOutcome
from procedures.domain.execution import Change, Execution
from procedures.domain.ownership import NotBegunError, NotPermittedError, Ownership
from procedures.domain.tally import Tally
from procedures.http.credentials import read_credentials
from procedures.http.policy_api import PolicyApi
from procedures.steps.call_time import CallTime
from procedures.tables.execution_state import ExecutionState, Page

# A crash loses at most one batch of outcomes; the idempotency key makes the repetition safe.
BATCH_SIZE = 200


@dataclass(frozen=True)
class Step:
    """What a step does with one execution.

    Args:
        number: of the step.
        event: the event that records the outcome of a request.
        status: where an execution stands before the step.
        endpoints: which requests the step sends.
        call: sends the request.
        change: makes a change of the outcome.
        is_announced: whether an event announces each request. Then an execution whose request was
            not sent needs an event that says so.

    """

    number: int
    event: str
    status: str
    endpoints: tuple[str, ...]
    call: Callable[[PolicyApi, Execution], ApiOutcome]
    change: Callable[[Execution, ApiOutcome], Change]
    is_announced: bool = False


# What a thread gives back; None asks whether this run still owns its executions.
_Arrived = tuple[Execution, ApiOutcome | BaseException] | None


class StepRun:
    """A step under way.

    HTTP runs in threads. The session and the secret stay on the main thread
    (docs/snowflake_facts.md#secrets). Outcomes are written in batches: when BATCH_SIZE outcomes
    have come, when a third of the lease has passed, and at the end. Enough calls are queued to keep
    all connections busy while a batch is written, and no more: so memory does not grow with the
    number of executions.

    Args:
        settings: the procedure's settings.
        state: the tables, for this run.
        step: what is done.
        tally: counts the changes.
        time_of_call: for how long new requests are begun.

    """

    def __init__(
        self,
        settings: Settings,
        state: ExecutionState,
        step: Step,
        tally: Tally,
        time_of_call: CallTime,
    ) -> None:
        self._settings = settings
        self._state = state
        self._step = step
        self._tally = tally
        self._time = time_of_call
        self._patience = settings.lease_seconds / 3
        self._arrived: SimpleQueue[_Arrived] = SimpleQueue()
        self._ownership = Ownership(settings.lease_seconds, lambda: self._arrived.put(None))
        self.api = PolicyApi(settings, read_credentials(read_description(settings.api)))
        # The executions of the last page that are not queued yet.
        self._waiting: list[Execution] = []
        self._under_way: dict[str, Execution] = {}
        self._batch: list[Change] = []
        self._withheld: list[Execution] = []
        # Executions whose request was announced and not sent.
        self.not_begun: list[Execution] = []
        self._written = self._renewed = time.monotonic()

    @property
    def problem(self) -> tuple[str, str] | None:
        """The endpoint whose breaker this step has opened, and why; None when all are closed."""
        for name in self._step.endpoints:
            if (problem := self.api.breakers[name].problem) is not None:
                return name, problem
        return None

    def run(self, pages: Iterable[Page]) -> None:
        """Go through all pages, or until a breaker opens or the time of the call is over.

        What is under way then is waited for; nothing more is begun.
        """
        found = iter(pages)
        page = next(found, None)
        ended = page is None
        with ThreadPoolExecutor(max_workers=self._settings.connections) as pool:
            try:
                while True:
                    if page is not None and not self._waiting:
                        self._begin(page)
                        page = None
                    while self._waiting and len(self._under_way) < self._most():
                        execution = self._waiting.pop()
                        self._under_way[execution.execution_id] = execution
                        pool.submit(self._request, execution)
                    if page is None and not (ended or self._waiting) and self._takes_more():
                        page = next(found, None)
                        ended = page is None
                        if page is not None:
                            continue
                    if not (self._waiting or self._under_way):
                        break
                    self._receive()
                    if self._under_way or self._waiting or not ended:
                        self._write_what_is_due()
                self._write()
            except BaseException:
                self._ownership.end()
                # Outcomes that have arrived are written, whatever the error was.
                pool.shutdown(cancel_futures=True)
                with suppress(Exception):
                    self._take_what_has_arrived()
                    self._write()
                raise
            finally:
                self._ownership.end()
                pool.shutdown(cancel_futures=True)
                self.api.close()

    def _most(self) -> int:
        return BATCH_SIZE + self._settings.connections

    def _takes_more(self) -> bool:
        """Whether another page is read.

        Announced requests are read ahead only when it is known how fast the API answers, no more
        of them than fit into the call, and not one by one: each announcement is a transaction.
        """
        if self.problem is not None:
            return False
        if self._time.is_over:
            self._time.has_left = True
            return False
        connections = self._settings.connections
        if len(self._under_way) < connections or not self._step.is_announced:
            return True
        return self._time.announceable() >= connections

    def _begin(self, page: Page) -> None:
        self._waiting = list(reversed(page.executions))
        self._time.note_begun(len(self._waiting))
        if not self._under_way:
            self._ownership.confirm(page.since, page.lease_seconds)

    def _client_for(self, execution_id: str) -> PolicyApi:
        """The client for the requests of one execution, which asks before it sends.

        Once its first request is sent, the others of the execution are sent, also late: a find
        would have to be repeated. So is what is announced: an announcement without a request is a
        doubt.
        """
        begun = threading.Event()
        if self._step.is_announced:
            begun.set()

        def check() -> None:
            self._ownership.check(execution_id)
            begun.set()

        def may_begin() -> None:
            if not (begun.is_set() or self._time.begins(execution_id)):
                raise NotBegunError

        return self.api.checked(check, may_begin)

    def _request(self, execution: Execution) -> None:
        """Send one request; runs in a thread."""
        event = self._step.event
        outcome: ApiOutcome | BaseException
        try:
            reached(f"before_request_of_{event}")
            outcome = self._step.call(self._client_for(execution.execution_id), execution)
            reached(f"after_request_of_{event}")
        except BaseException as error:  # noqa: BLE001  # raised on the main thread
            outcome = error
        self._arrived.put((execution, outcome))

    def _receive(self) -> None:
        """Wait for the next outcome, or until something else is due."""
        with suppress(Empty):
            arrived = self._arrived.get(timeout=self._rest())
            if arrived is None:
                self._confirm()
            else:
                self._take(*arrived)

    def _take(self, execution: Execution, outcome: ApiOutcome | BaseException) -> None:
        self._under_way.pop(execution.execution_id, None)
        self._time.note_ended(is_done=isinstance(outcome, ApiOutcome))
        if isinstance(outcome, NotPermittedError):
            self._withheld.append(execution)
            return
        if isinstance(outcome, NotBegunError):
            if self._step.is_announced:
                self.not_begun.append(execution)
            elif self.problem is None:
                self._time.has_left = True
            return
        if isinstance(outcome, BaseException):
            raise outcome
        if not self._batch:
            self._written = time.monotonic()
        self._batch.append(self._step.change(execution, outcome))

    def _take_what_has_arrived(self) -> None:
        while not self._arrived.empty():
            arrived = self._arrived.get()
            if arrived is not None and isinstance(arrived[1], ApiOutcome):
                self._take(*arrived)

    def _confirm(self) -> None:
        """Read which queued executions this run still owns, as a thread has asked."""
        queued = {*self._under_way, *(row.execution_id for row in self._waiting)}
        owned = self._state.still_owned(queued)
        lost = queued - owned.execution_ids
        self._ownership.confirm(owned.since, owned.lease_seconds, lost)

    def _rest(self) -> float:
        """Seconds until a batch must be written or the leases renewed."""
        first = min(self._written, self._renewed) if self._batch else self._renewed
        return max(0.0, first + self._patience - time.monotonic())

    def _write_what_is_due(self) -> None:
        late = time.monotonic() - self._written >= self._patience
        if len(self._batch) >= BATCH_SIZE or (self._batch and late):
            self._write()
        if time.monotonic() - self._renewed >= self._patience:
            self._state.renew_lease()
            self._renewed = time.monotonic()

    def _write(self) -> None:
        batch, self._batch = self._batch, []
        if batch:
            self._tally.add(batch, self._state.record(batch))
        withheld, self._withheld = self._withheld, []
        if withheld:
            self._tally.withheld(len(withheld))
            self._state.withhold(withheld, self._step.number)


def failed(step: int, what: str, execution: Execution, outcome: ApiOutcome) -> str:
    """Make the message of a failed step: the step, the policy, the outcome and the request."""
    about = f"policy {execution.policy_id}" if execution.policy_id else "the policy"
    request = f"{outcome.method} {outcome.url}"
    return f"Step {step} ({what}) failed for {about}: {outcome.message} [{request}]"

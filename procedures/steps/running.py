"""Runs a step through the breaker towards the API: probes it, stops at it, opens and closes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from procedures.common.settings import Settings
from procedures.description.description import Description, read_description
from procedures.domain.api_breaker import (
    API_BREAKER_OPEN,
    HELD_BACK,
    EndpointBreaker,
    OpenBreaker,
)
from procedures.domain.api_outcome import ApiOutcome
from procedures.domain.execution import Change, Execution
from procedures.domain.tally import Tally
from procedures.steps.call_time import CallTime
from procedures.steps.step import Step, StepRun
from procedures.tables.execution_state import ExecutionState, Page

Pages = Iterable[Page]


def run_step(
    settings: Settings,
    state: ExecutionState,
    step: Step,
    pages: Pages,
    tally: Tally,
    time_of_call: CallTime,
    prepared: Callable[[Pages], Pages] = lambda pages: pages,
) -> None:
    """Call the API for each execution, write the outcomes, and count them.

    While the breaker of an endpoint is open, nothing is sent, and all executions stay where they
    are. When a probe is due, one run of all sends one request; after a good answer it goes on with
    the rest. When too many answers say that the API is down, nothing more is begun.

    Args:
        settings: the procedure's settings.
        state: the tables, for this run.
        step: what is done.
        pages: the executions.
        tally: counts the changes.
        time_of_call: for how long new requests are begun.
        prepared: what is done with the executions just before their requests are sent.

    """
    _Running(settings, state, step, tally, time_of_call, prepared).run(iter(pages))


class _Running:
    def __init__(
        self,
        settings: Settings,
        state: ExecutionState,
        step: Step,
        tally: Tally,
        time_of_call: CallTime,
        prepared: Callable[[Pages], Pages],
    ) -> None:
        self._settings = settings
        self._state = state
        self._step = step
        self._tally = tally
        self._time = time_of_call
        self._prepared = prepared
        self._description = read_description(settings.api)

    def run(self, pages: Iterator[Page]) -> None:
        first = next(pages, None)
        if first is None:
            return
        everything = chain([first], pages)
        rest: Iterator[Page] | None = everything
        if found := self._open_breakers():
            if any(breaker.seconds > 0 for breaker in found):
                self._hold_back(max(found, key=lambda breaker: breaker.seconds))
                return
            if not self._state.breakers.take_probes([breaker.endpoint for breaker in found]):
                self._hold_back(found[0])
                return
            rest = self._probed(everything)
        if rest is not None:
            self._send(rest, self._settings.breaker_failures)

    def _open_breakers(self) -> list[OpenBreaker]:
        """The breakers of this step's endpoints that are not closed.

        They are read only when the read of the executions saw that a breaker is not closed.
        """
        if not (self._settings.breaker_failures and self._state.sees_open_breakers):
            return []
        found = self._state.breakers.read()
        return [
            found[name]
            for name in self._step.endpoints
            if name in found and found[name].url == address(self._description, name)
        ]

    def _probed(self, pages: Iterator[Page]) -> Iterator[Page] | None:
        """Send one execution's request after the other until an answer is clear.

        Returns:
            The executions that are left after a good answer, which closes the breakers; None when
            the API is still down, or nothing is left.

        """
        for page in pages:
            for position, execution in enumerate(page.executions):
                one = page._replace(executions=[execution])
                run = self._send([one], 1)
                if run.problem is not None:
                    return None
                if any(run.api.breakers[name].was_good for name in self._step.endpoints):
                    self._state.breakers.close()
                    others = page.executions[position + 1 :]
                    return chain([page._replace(executions=others)] if others else [], pages)
        return None

    def _send(self, pages: Pages, failures: int) -> StepRun:
        run = StepRun(self._settings, self._state, self._step, self._tally, self._time)
        for name in self._step.endpoints:
            run.api.breakers[name] = EndpointBreaker(failures, self._settings.connections)
        run.run(self._prepared(pages))
        self._tally.rest_seconds = run.api.rest()
        if run.problem is not None:
            endpoint, problem = run.problem
            url = address(self._description, endpoint)
            breaker = self._state.breakers.open(endpoint, url, problem)
            self._record_unsent(run.not_begun, breaker)
            self._hold_back(breaker)
        return run

    def _record_unsent(self, rows: list[Execution], breaker: OpenBreaker) -> None:
        """Record that announced requests were not sent, so that nobody doubts them."""
        endpoint = getattr(self._description, breaker.endpoint)
        outcome = ApiOutcome(
            "unavailable",
            endpoint.method,
            endpoint.url,
            self._message(breaker),
            requests_sent=0,
            error_class=API_BREAKER_OPEN,
        )
        self._record([self._held(row, self._step.event, breaker, outcome) for row in rows], breaker)

    def _hold_back(self, breaker: OpenBreaker) -> None:
        """Leave the executions that are not begun where they are, and give up their leases."""
        for page in self._state.owned(self._step.status):
            changes = [self._held(row, HELD_BACK, breaker) for row in page.executions]
            self._record(changes, breaker)

    def _record(self, changes: list[Change], breaker: OpenBreaker) -> None:
        if changes:
            self._tally.hold_back(len(self._state.record(changes)), breaker)

    def _held(
        self, row: Execution, event: str, breaker: OpenBreaker, outcome: ApiOutcome | None = None
    ) -> Change:
        return Change(
            execution=row,
            step=self._step.number,
            attempt=row.poll_count,
            status_after=row.status,
            event=event,
            columns={},
            outcome=outcome,
            message=self._message(breaker),
            error_class=API_BREAKER_OPEN,
            releases_lease=True,
        )

    def _message(self, breaker: OpenBreaker) -> str:
        return f"Step {self._step.number} was not begun: {breaker.message}"


def address(description: Description, endpoint: str) -> str:
    """The method and the address of an endpoint, with placeholders."""
    found = getattr(description, endpoint)
    return f"{found.method} {found.url}" if found else ""

"""Runs a step through the breaker towards the API: probes it, stops at it, opens and closes it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain

from procedures.common.settings import Settings
from procedures.description.description import Description, read_description
from procedures.domain.api_breaker import (
    API_BREAKER_OPEN,
    HELD_BACK,
    EndpointBreaker,
    OpenBreaker,
    probe_seconds,
)
from procedures.domain.api_outcome import ApiOutcome
from procedures.domain.execution import Change, Execution
from procedures.domain.tally import Tally
from procedures.steps.call_time import CallTime
from procedures.steps.step import Step, StepRun
from procedures.tables.execution_state import ExecutionState, Page

Pages = Iterable[Page]
Stage = Callable[[Pages], Pages]


def _as_they_are(pages: Pages) -> Pages:
    return pages


def run_step(
    settings: Settings,
    state: ExecutionState,
    step: Step,
    pages: Pages,
    tally: Tally,
    time_of_call: CallTime,
    *,
    screened: Stage = _as_they_are,
    prepared: Stage = _as_they_are,
    failed_before: Mapping[str, int] | None = None,
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
        screened: takes out the executions for which nothing is to be sent, whatever the API says.
        prepared: what is done with the executions just before their requests are sent.
        failed_before: how many policies in a row had failed at an endpoint when the call before
            this one ended.

    """
    _Running(
        settings, state, step, tally, time_of_call, screened, prepared, failed_before or {}
    ).run(iter(pages))


class _Running:
    def __init__(
        self,
        settings: Settings,
        state: ExecutionState,
        step: Step,
        tally: Tally,
        time_of_call: CallTime,
        screened: Stage,
        prepared: Stage,
        failed_before: Mapping[str, int],
    ) -> None:
        self._settings = settings
        self._state = state
        self._step = step
        self._tally = tally
        self._time = time_of_call
        self._screened = screened
        self._prepared = prepared
        self._failed_before = failed_before
        self._description = read_description(settings.api)

    def run(self, pages: Iterator[Page]) -> None:
        first = next(pages, None)
        if first is None:
            return
        everything = iter(self._screened(chain([first], pages)))
        before = self._failed_before
        found = self._open_breakers()
        if not found:
            self._send(everything, self._settings, self._settings.breaker_failures, before)
        elif any(breaker.seconds > 0 for breaker in found):
            self._hold_back(max(found, key=lambda breaker: breaker.seconds))
        elif not self._state.breakers.take_probes(
            [breaker.endpoint for breaker in found], self._probe_seconds()
        ):
            self._hold_back(found[0])
        elif rest := self._probed(everything, {breaker.endpoint: breaker for breaker in found}):
            self._send(rest, self._settings, self._settings.breaker_failures, before)

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

    def _probe_seconds(self) -> int:
        find = self._description.find
        pause = find.again_after_seconds if find else 0
        return probe_seconds(self._settings.timeout_seconds, self._settings.lease_seconds, pause)

    def _probed(
        self, pages: Iterator[Page], waiting: dict[str, OpenBreaker]
    ) -> Iterator[Page] | None:
        """Send the request of one execution, and see by its answer whether the API works.

        Any execution may be the probe, so that a policy that the API never takes does not keep the
        breaker open. The request is not repeated, and ends within the lease of the probe. Where no
        request was sent to an endpoint that is waited for, the next execution is the probe.

        Args:
            pages: the executions.
            waiting: the breakers that are not closed.

        Returns:
            The executions that are left after good answers, which close the breakers; None when the
            API is still down, or nothing is left.

        """
        once = replace(
            self._settings,
            max_retries=0,
            step_deadline_seconds=min(
                self._settings.step_deadline_seconds, self._settings.timeout_seconds
            ),
        )
        for page in pages:
            rest = page.executions
            while rest:
                if self._time.is_over:
                    self._hold_back(next(iter(waiting.values())))
                    return None
                probe = random.choice(rest)  # not for a secret
                rest = [row for row in rest if row is not probe]
                run = self._send([page._replace(executions=[probe])], once, 1, {})
                seen = {name: run.api.breakers[name] for name in waiting}
                for name in [name for name, breaker in seen.items() if breaker.was_good]:
                    self._state.breakers.close(name)
                    del waiting[name]
                if run.problem is not None:
                    return None
                if not waiting:
                    return chain([page._replace(executions=rest)] if rest else [], pages)
                for name in waiting:
                    if (unclear := seen[name].unclear) is not None:
                        self._open(name, unclear, run)
                        return None
        return None

    def _send(
        self, pages: Pages, settings: Settings, failures: int, failed_before: Mapping[str, int]
    ) -> StepRun:
        run = StepRun(settings, self._state, self._step, self._tally, self._time)
        for name in self._step.endpoints:
            run.api.breakers[name] = EndpointBreaker(
                failures, settings.connections, failed_before.get(name, 0)
            )
        run.run(self._prepared(pages))
        self._tally.rest_seconds = run.api.rest()
        self._tally.failed_in_row = {
            name: count
            for name in self._step.endpoints
            if (count := run.api.breakers[name].failed_in_row)
        }
        if run.problem is not None:
            self._open(*run.problem, run)
        return run

    def _open(self, endpoint: str, problem: str, run: StepRun) -> None:
        """Open the breaker of an endpoint, and leave what is not done where it is."""
        url = address(self._description, endpoint)
        breaker = self._state.breakers.open(endpoint, url, problem)
        self._record_unsent(run.not_begun, breaker)
        self._hold_back(breaker)

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
        for page in self._screened(self._state.owned(self._step.status)):
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

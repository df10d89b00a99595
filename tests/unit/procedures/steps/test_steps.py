"""How a step runs: outcomes that have arrived are written, and lost executions are not sent."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import pytest

from procedures.domain.api_outcome import ApiOutcome
from procedures.domain.execution import Change, Execution
from procedures.domain.ownership import NotPermittedError, Ownership
from procedures.domain.tally import Tally
from procedures.http.policy_api import PolicyApi
from procedures.steps.call_time import CallTime
from procedures.steps.running import run_step
from procedures.steps.step import Step
from procedures.tables.execution_state import ExecutionState, Owned, Page
from tests.unit.procedures.builders import make_settings

Call = Callable[[PolicyApi, Execution], ApiOutcome]


class _State:
    """Notes what is written; this run no longer owns the executions in `lost`."""

    def __init__(self, lost: Iterable[str] = (), lease_seconds: float = 60) -> None:
        self.written: list[str] = []
        self.withheld: list[str] = []
        self.asked: list[set[str]] = []
        self.sees_open_breakers = False
        self._lost = set(lost)
        self._lease_seconds = lease_seconds

    def record(self, changes: Sequence[Change]) -> set[str]:
        self.written += [change.execution_id for change in changes]
        return {change.execution_id for change in changes}

    def withhold(self, executions: Sequence[Execution], step: int) -> None:
        assert step == 1
        self.withheld += [execution.execution_id for execution in executions]

    def renew_lease(self) -> None:
        """Keep nothing."""

    def still_owned(self, execution_ids: Iterable[str]) -> Owned:
        asked = set(execution_ids)
        self.asked.append(asked)
        return Owned(asked - self._lost, time.monotonic(), self._lease_seconds)


def _executions(count: int) -> list[Execution]:
    return [
        Execution(f"e{number}", "pending", None, 0, "run", 60, 1, False, "{}", None)
        for number in range(count)
    ]


def _created(execution: Execution, outcome: ApiOutcome) -> Change:
    return Change(execution, 1, 1, "policy_created", "create_policy", {}, outcome)


def _run(state: _State, call: Call, count: int, since: float | None = None, **more: Any) -> Tally:
    tally = Tally()
    pages = [Page(_executions(count), time.monotonic() if since is None else since, 60)]
    step = Step(1, "create_policy", "pending", ("create",), call, _created)
    settings = make_settings(**more)
    run_step(settings, cast(ExecutionState, state), step, pages, tally, CallTime(settings))
    return tally


def test_no_more_is_announced_than_fits_into_the_call() -> None:
    """What is announced is sent, so requests that wait for a connection count as announced."""
    tally, settings = Tally(), make_settings(connections=2, call_seconds=1)
    time_of_call = CallTime(settings)
    announced: list[str] = []

    def call(*_: Any) -> ApiOutcome:
        time.sleep(0.1)
        return ApiOutcome("triggered", "POST", "u", "triggered")

    def prepared(pages: Iterable[Page]) -> Iterable[Page]:
        for page in time_of_call.in_pieces(pages):
            announced.extend(row.execution_id for row in page.executions)
            yield page

    step = Step(1, "trigger", "pending", ("trigger",), call, _created, is_announced=True)
    pages = [Page(_executions(200), time.monotonic(), 60)]
    state = cast(ExecutionState, _State())
    run_step(settings, state, step, pages, tally, time_of_call, prepared=prepared)
    # Two connections send twenty requests in this second.
    assert len(announced) <= 30
    assert tally.counts == {"policy_created": len(announced)}


def _sending(api: PolicyApi) -> None:
    """Do what the client does before it sends a request."""
    assert api._check
    api._check()


def test_what_has_arrived_is_written_when_something_stops_the_step() -> None:
    """An error that is no outcome ends the step; the outcomes of the others are written."""
    state, answered = _State(), threading.Semaphore(0)

    def call(_: PolicyApi, execution: Execution) -> ApiOutcome:
        if execution.execution_id == "e3":
            for _number in range(3):
                answered.acquire(timeout=10)
            raise KeyboardInterrupt
        answered.release()
        return ApiOutcome("created", "POST", "u", "policy created")

    with pytest.raises(KeyboardInterrupt):
        _run(state, call, 4, connections=4)
    assert sorted(state.written) == ["e0", "e1", "e2"]


def test_a_failed_write_is_not_repeated() -> None:
    """A batch whose write failed is not written twice; the error goes to the caller."""
    tries: list[int] = []

    class _Broken(_State):
        def record(self, changes: Sequence[Change]) -> set[str]:
            tries.append(len(changes))
            raise RuntimeError("no table")

    def call(*_: Any) -> ApiOutcome:
        return ApiOutcome("created", "POST", "u", "policy created")

    with pytest.raises(RuntimeError, match="no table"):
        _run(_Broken(), call, 3)
    assert tries == [3]


def test_a_fresh_page_is_sent_without_another_look() -> None:
    """An execution that was read a moment ago needs no new look before its request is sent."""
    state = _State()

    def call(api: PolicyApi, _: Execution) -> ApiOutcome:
        _sending(api)
        return ApiOutcome("created", "POST", "u", "policy created")

    assert _run(state, call, 20).counts == {"policy_created": 20}
    assert state.asked == []


def test_what_is_no_longer_this_runs_is_not_sent() -> None:
    """A page that was read long ago is looked at again, once, and lost executions are withheld."""
    state, sent = _State(lost=["e1", "e3"]), []

    def call(api: PolicyApi, execution: Execution) -> ApiOutcome:
        _sending(api)
        sent.append(execution.execution_id)
        return ApiOutcome("created", "POST", "u", "policy created")

    tally = _run(state, call, 5, since=time.monotonic() - 6, connections=1)
    assert sorted(sent) == ["e0", "e2", "e4"]
    assert sorted(state.withheld) == ["e1", "e3"]
    assert tally.counts == {"policy_created": 3, "superseded": 2}
    assert len(state.asked) == 1


def test_what_is_not_queued_yet_is_looked_at_as_well() -> None:
    """A look covers the whole page, also the requests that are sent later."""
    state = _State()

    def call(api: PolicyApi, _: Execution) -> ApiOutcome:
        _sending(api)
        return ApiOutcome("created", "POST", "u", "policy created")

    _run(state, call, 450, since=time.monotonic() - 6, connections=1)
    assert state.asked[0] == {f"e{number}" for number in range(450)}


def test_a_lease_that_ends_soon_lets_nothing_leave() -> None:
    """A request is sent only while a third of a lease is left for its answer."""
    asked = []
    ownership = Ownership(9.0, lambda: asked.append(time.monotonic()))
    ownership.confirm(time.monotonic(), 2.9)
    leaving = threading.Thread(target=ownership.check, args=("e",), daemon=True)
    leaving.start()
    leaving.join(timeout=0.2)
    assert leaving.is_alive()
    assert len(asked) == 1
    ownership.confirm(time.monotonic(), 9.0)
    leaving.join(timeout=10)
    assert not leaving.is_alive()


def test_an_ended_step_lets_nothing_leave() -> None:
    """A request that waits for a look when the step breaks off is not sent."""

    def end() -> None:
        ownership.end()

    ownership = Ownership(9.0, end)
    with pytest.raises(NotPermittedError):
        ownership.check("e")

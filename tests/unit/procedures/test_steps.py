"""How a step goes through executions: what has arrived is written, whatever stops the rest."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, cast

import pytest

from procedures.api_outcome import ApiOutcome
from procedures.execution import Change, Execution
from procedures.execution_state import ExecutionState
from procedures.policy_api import PolicyApi
from procedures.steps import Tally, drive
from tests.unit.procedures.test_policy_api import make_settings


class _State:
    """Notes whose changes were written."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def record(self, changes: Sequence[Change]) -> set[str]:
        self.written += [change.execution_id for change in changes]
        return {change.execution_id for change in changes}

    def renew_lease(self) -> None:
        """Keep nothing."""


def _executions(count: int) -> list[Execution]:
    return [
        Execution(f"e{number}", "pending", None, 0, "run", 60, 1, False, "{}", None)
        for number in range(count)
    ]


def _created(execution: Execution, outcome: ApiOutcome) -> Change:
    return Change(execution, 1, 1, "policy_created", "create_policy", {}, outcome)


def test_what_has_arrived_is_written_when_something_stops_the_step() -> None:
    """An error that is no outcome ends the step, and the others' outcomes are in the table."""
    state, answered = _State(), threading.Semaphore(0)

    def call(_: PolicyApi, execution: Execution) -> ApiOutcome:
        if execution.execution_id == "e3":
            for _number in range(3):
                answered.acquire(timeout=10)
            raise KeyboardInterrupt
        answered.release()
        return ApiOutcome("created", "POST", "u", "policy created")

    with pytest.raises(KeyboardInterrupt):
        drive(
            make_settings(connections=4),
            cast(ExecutionState, state),
            "create_policy",
            [_executions(4)],
            call,
            _created,
            Tally(),
        )
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
        drive(
            make_settings(),
            cast(ExecutionState, _Broken()),
            "create_policy",
            [_executions(3)],
            call,
            _created,
            Tally(),
        )
    assert tries == [3]

"""What a run remembers of its reads, with a database that answers as ordered."""

from __future__ import annotations

from typing import Any, cast

from procedures.tables.breakers import Breakers
from procedures.tables.database import PAGE_SIZE, Database
from procedures.tables.execution_state import ExecutionState
from tests.unit.procedures.builders import make_settings


class _Answers:
    """Answers each read with the next of some lists of rows."""

    def __init__(self, *answers: list[Any]) -> None:
        self._answers = list(answers)

    def select(self, statement: str, *bound: str) -> list[Any]:
        del statement, bound
        return self._answers.pop(0)

    def write_contended(self, statement: str, *bound: Any) -> int:
        del statement, bound
        return 1


def _page(first: int, count: int, now: str) -> list[Any]:
    columns = ("policy_created", "p", 0, "run", 60_000, 3, False, None, None, False, "name", 0, now)
    return [(f"e{first + number:05}", *columns) for number in range(count)]


def test_a_round_of_polls_begins_with_the_first_page() -> None:
    """The time of a later page would let a further call poll the first pages once more."""
    database = _Answers(_page(0, PAGE_SIZE, "first"), _page(PAGE_SIZE, 3, "later"))
    state = ExecutionState(cast(Database, database), make_settings(), "run")
    assert sum(len(page.executions) for page in state.owned("policy_created")) == PAGE_SIZE + 3
    assert state.read_at == "first"


def test_a_breaker_that_is_closed_while_it_is_opened() -> None:
    """A reset, or another run's probe, between the write and the read costs no call its end."""
    breakers = Breakers(cast(Database, _Answers([], [("now",)])), make_settings(), "run")
    opened = breakers.open("create", "POST https://api/x", "HTTP 503")
    assert (opened.endpoint, opened.since, opened.problem) == ("create", "now", "HTTP 503")

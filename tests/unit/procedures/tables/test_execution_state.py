"""How writes handle contention, and what they bind; the SQL is tested end to end."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from snowflake.snowpark import Session
from snowflake.snowpark.exceptions import SnowparkSQLException

from procedures.common.bound_json import BOUND_BYTES
from procedures.domain.execution import Change, Execution
from procedures.tables.database import LOCK_TRIES, Database
from procedures.tables.execution_state import ExecutionState
from tests.unit.procedures.builders import make_settings

TOO_MANY_WAITERS = "000625 (57014): the number of waiters for this lock exceeds the limit"


class _Session:
    """Notes statements; the first writes fail as ordered, and so do all with a certain text."""

    def __init__(
        self, failures: int = 0, message: str = TOO_MANY_WAITERS, refuses: str = "\0"
    ) -> None:
        self.statements: list[str] = []
        self.bound: list[Any] = []
        self._failures = failures
        self._message = message
        self._refuses = refuses

    def sql(self, statement: str, params: list[Any] | None = None) -> _Session:
        self.statements.append(statement.split(maxsplit=1)[0])
        self.bound += params or []
        return self

    def collect(self) -> list[tuple[int]]:
        if self.statements[-1] in {"update", "delete"} and self._failures:
            self._failures -= 1
            raise SnowparkSQLException(self._message)
        if self.statements[-1] == "update" and self._refuses in self.bound[-2]:
            raise SnowparkSQLException("100069 (22P02): Error parsing JSON")
        count = len(json.loads(self.bound[-2])) if self.statements[-1] == "update" else 0
        return [(count,)]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("procedures.tables.database.time.sleep", lambda _: None)


def _state(session: _Session) -> ExecutionState:
    return ExecutionState(Database(cast(Session, session)), make_settings(), "run")


def _change(number: int = 0, response: dict[str, Any] | None = None) -> Change:
    execution = Execution(f"e{number}", "pending", None, 0, "run", 60, 1, False, '{"a": 1}', None)
    columns = {"policy_id": "p", "api_response": response}
    return Change(execution, 1, 1, "policy_created", "create_policy", columns)


def test_a_lost_queue_for_the_lock_is_tried_again() -> None:
    """After 000625 the whole transaction is rolled back and repeated."""
    session = _Session(failures=2)
    assert _state(session).record([_change()]) == {"e0"}
    once = ["begin", "update", "rollback"]
    assert session.statements == [*once, *once, "begin", "update", "insert", "commit"]


def test_contention_is_given_up_in_the_end() -> None:
    """After LOCK_TRIES the error goes to the caller."""
    session = _Session(failures=LOCK_TRIES)
    with pytest.raises(SnowparkSQLException):
        _state(session).clean_up(60)
    assert session.statements == ["delete"] * LOCK_TRIES


def test_other_errors_are_not_tried_again() -> None:
    """Anything but contention ends the transaction and is raised."""
    session = _Session(failures=1, message="000904 (42000): invalid identifier")
    with pytest.raises(SnowparkSQLException):
        _state(session).clean_up(60)
    assert session.statements == ["delete"]


def test_an_answer_that_the_table_refuses_costs_no_other_its_outcome() -> None:
    """All changes are written, the refused one without its answer and with the table's message."""
    session = _Session(refuses="poison")
    changes = [_change(number, {"text": "poison" if number == 3 else "x"}) for number in range(7)]
    assert _state(session).record(changes) == {f"e{number}" for number in range(7)}
    written = [row for text in session.bound if text.startswith("[") for row in json.loads(text)]
    kept = [row["columns"]["api_response"] for row in written if row.get("columns")]
    assert {"note": "the table refuses the answer: 100069 (22P02): Error parsing JSON"} in kept


def test_a_table_that_refuses_everything_is_said_soon() -> None:
    """The error is raised after a few statements, not after one for each execution."""
    session = _Session(failures=1000, message="002003 (42S02): Table does not exist")
    with pytest.raises(SnowparkSQLException):
        _state(session).record([_change(number) for number in range(200)])
    assert session.statements.count("update") <= 10


def test_a_statement_binds_less_than_a_megabyte() -> None:
    """Large answers are written in several statements; each part in a transaction of its own."""
    session = _Session()
    changes = [_change(number, {"text": "x" * 300_000}) for number in range(5)]
    assert _state(session).record(changes) == {f"e{number}" for number in range(5)}
    assert session.statements.count("update") == 3
    assert session.statements.count("commit") == 3
    assert max(len(value.encode()) for value in session.bound) < BOUND_BYTES + 10_000


def test_a_move_that_the_workflow_does_not_know_is_refused() -> None:
    """No step leads from pending to completed."""
    change = _change()
    with pytest.raises(ValueError, match="no step leads from pending to completed"):
        Change(change.execution, 3, 1, "completed", "trigger_circuit_breaker", {})

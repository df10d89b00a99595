"""STATEMENT_TIMEOUT_IN_SECONDS, as far as the emulator honours it."""

from __future__ import annotations

import json
import time

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.unit.local_snowflake.account import Account

TIMED_OUT = "reached its statement or warehouse timeout of 1 second"


def test_a_call_ends_at_the_statement_timeout(account: Account) -> None:
    """A CALL that takes longer fails with error 630; what it has not committed is undone."""
    account.run("create table t (a number)")
    account.procedure(
        "p",
        "import time\n"
        "def run(session):\n"
        "    session.sql('insert into t values (1)').collect()\n"
        "    session.sql('begin transaction').collect()\n"
        "    session.sql('insert into t values (2)').collect()\n"
        "    time.sleep(60)",
    )
    account.run("alter session set statement_timeout_in_seconds = 1")
    begun = time.monotonic()
    with pytest.raises(ProgrammingError, match=TIMED_OUT) as raised:
        account.run("call p()")
    assert raised.value.errno == 630
    assert time.monotonic() - begun < 30
    assert account.value("select max(a) from t") == 1
    account.run("insert into t values (3)")


def test_a_call_within_the_timeout_is_left_alone(account: Account) -> None:
    """0 is no bound, and a CALL that ends in time answers."""
    account.procedure("p", "def run(session):\n    return 7", returns="number")
    for seconds in (0, 60):
        account.run(f"alter session set statement_timeout_in_seconds = {seconds}")
        assert json.loads(str(account.value("call p()"))) == 7


def test_a_wait_ends_at_the_statement_timeout(account: Account) -> None:
    """SYSTEM$WAIT is a statement like others."""
    account.run("alter session set statement_timeout_in_seconds = 1")
    with pytest.raises(ProgrammingError, match=TIMED_OUT):
        account.run("call system$wait(30)")
    assert account.value("call system$wait(10, 'MILLISECONDS')") == "waited 10 milliseconds"

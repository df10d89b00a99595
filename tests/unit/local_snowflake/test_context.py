"""CURRENT_ROLE() and its like: what a session is."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from local_snowflake.server import LocalSnowflake
from local_snowflake.statements.context import VERSION
from tests.unit.local_snowflake.account import Account, connect, execute

FUNCTIONS = (
    "current_account(), current_user(), current_role(), current_warehouse(), current_database(), "
    "current_schema(), current_version(), current_region(), current_session()"
)


@pytest.fixture
def session(server: LocalSnowflake, account: Account) -> Iterator[Account]:
    """Give a session with a warehouse and a role of its own."""
    found = Account(server, account.schema, role="sysadmin", warehouse="my_wh")
    yield found
    found.connection.close()


def _expected(session: Account, role: str, warehouse: str = "MY_WH") -> list[str]:
    number = str(session.connection.session_id)
    return [
        "LOCAL", "TEST", role, warehouse, "SAMPLE_DB", session.schema, VERSION, "LOCAL", number,
    ]  # fmt: skip


def test_a_session_knows_itself(session: Account) -> None:
    """Each function answers what the session signed in with, under its own name."""
    [row] = session.rows(f"select {FUNCTIONS}")
    assert list(row.values()) == _expected(session, "SYSADMIN")
    assert list(row) == FUNCTIONS.upper().split(", ")


def test_the_client_hears_the_same(session: Account) -> None:
    """What the sign-in answers to the connector is what the functions answer."""
    connection = session.connection
    assert (connection.role, connection.warehouse) == ("SYSADMIN", "MY_WH")
    assert session.value("select current_version()") == VERSION


def test_without_a_warehouse_it_is_null(server: LocalSnowflake, account: Account) -> None:
    """CURRENT_WAREHOUSE is NULL when none was named."""
    query = "select current_warehouse(), current_warehouse() is null"
    with connect(server, account.schema, warehouse=None) as connection:
        assert execute(connection, query).fetchall() == [(None, True)]


def test_each_session_has_its_number(server: LocalSnowflake, account: Account) -> None:
    """Session numbers are not given twice, whichever sessions have ended."""
    seen = {account.connection.session_id}
    for _ in range(3):
        with connect(server, account.schema) as connection:
            seen.add(connection.session_id)
    assert len(seen) == 4


def test_one_text_answers_each_session_for_itself(account: Account, session: Account) -> None:
    """What one session put into a statement is not there for the next that sends it."""
    answers = [found.run(f"select {FUNCTIONS}")[0] for found in (account, session, account)]
    first = _expected(account, "SAMPLE_ROLE", "SAMPLE_WH")
    assert [list(row) for row in answers] == [first, _expected(session, "SYSADMIN"), first]


def test_use_changes_what_they_answer(account: Account) -> None:
    """USE WAREHOUSE and USE ROLE change the session; the role's rights are those of the role."""
    role = f"R_{account.schema}"
    account.run(f"create role {role}")
    account.run("create table t (a number)")
    account.run("create warehouse if not exists other_wh")
    account.run("use warehouse other_wh")
    account.run(f"grant usage on warehouse other_wh to role {role}")
    account.run(f"use role {role.lower()} /* dbt's comment */")
    assert account.run("select current_role(), current_warehouse()") == [(role, "OTHER_WH")]
    assert account.refused("select * from t") == (2003, "42S02")
    assert account.refused("use role nobody_has") == (2043, "02000")
    account.run("use secondary roles none")
    account.run("use role sample_role")
    assert account.run("select * from t") == []


@pytest.mark.parametrize("rights", ["owner", "caller"])
def test_in_a_procedure(account: Account, guest: Account, rights: str) -> None:
    """The role is the owner's with owner's rights, else the caller's; the session is the caller's.

    The owner is the role that created the procedure.
    """
    account.run("use role sysadmin")
    body = f'def run(session):\n    return list(session.sql("select {FUNCTIONS}").collect()[0])'
    account.procedure("p", body, options=f"execute as {rights}")
    account.run(f"grant usage on procedure p() to role {guest.role}")
    account.run("create warehouse if not exists my_wh")
    account.run(f"grant usage on warehouse my_wh to role {guest.role}")
    guest.run("use warehouse my_wh")
    role = {"owner": "SYSADMIN", "caller": guest.role}[rights]
    assert json.loads(guest.value("call p()")) == _expected(guest, role)


def test_as_an_argument_of_call(account: Account) -> None:
    """CALL evaluates the functions like any expression."""
    account.procedure("p", "def run(session, a):\n    return a", "a varchar", "varchar")
    assert account.value("call p(current_role() || '!')") == "SAMPLE_ROLE!"


def test_inside_larger_statements(account: Account) -> None:
    """The functions work in filters, subqueries and writes, beside bound values."""
    account.run("create table t as select current_user() as who, current_role() as what")
    account.run("insert into t select current_user() || ?, current_schema()", "!")
    query = "select who from t where what in (current_role(), ?) order by current_role(), who"
    assert account.run(query, account.schema) == [("TEST",), ("TEST!",)]
    account.run("update t set what = current_user() where who = current_user()")
    assert account.value("select count(*) from t where what = (select current_user())") == 1
    [row] = account.rows("select * from (select lower(current_user()))")
    assert row == {"LOWER(CURRENT_USER())": "test"}


@pytest.mark.parametrize(
    "statement",
    [
        "create view v as select current_role() as r",
        "create table t (a varchar default current_user())",
    ],
)
def test_where_the_value_would_stay_they_are_refused(account: Account, statement: str) -> None:
    """A view or a default would keep the creator's value, so the functions are refused there."""
    assert account.refused(statement) == (2, "0A000")


def test_database_and_schema_stand_in_a_view(account: Account) -> None:
    """CURRENT_DATABASE() and CURRENT_SCHEMA() are allowed in a view."""
    account.run("create view v as select current_database() || '.' || current_schema() as place")
    assert account.value("select place from v") == f"SAMPLE_DB.{account.schema}"

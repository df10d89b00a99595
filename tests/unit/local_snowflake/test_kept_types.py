"""What is kept of tables and results does not outlive the tables that it is about."""

from __future__ import annotations

from typing import Any

import pytest
from snowflake.connector.errors import ProgrammingError

from local_snowflake.engine.kept_types import KEPT_TYPES, KeptTypes
from local_snowflake.server import LocalSnowflake
from tests.unit.local_snowflake.account import Account, connect, execute


def _read(account: Account, sql: str, *params: Any) -> tuple[list[str], list[Any]]:
    """The names and types of the columns, and the rows."""
    cursor = execute(account.connection, sql, *params)
    return [f"{c.name} {c.type_code}" for c in cursor.description], cursor.fetchall()


@pytest.mark.parametrize(
    "change",
    [
        "alter table {t} add column b varchar",
        "create or replace table {t} as select 'x' as a",
        "alter table {t} rename column a to b",
    ],
)
def test_ddl_of_any_session_is_seen(account: Account, server: LocalSnowflake, change: str) -> None:
    """The same query, sent before and after, is described as the table is now."""
    name = f"SAMPLE_DB.{account.schema}.t"
    account.run(f"create table {name} as select 1 as a")
    query = f"select * from {name}"
    before = _read(account, query)
    assert _read(account, query) == before
    with connect(server, account.schema) as other:
        execute(other, change.format(t=name))
    after = _read(account, query)
    assert after[0] != before[0]
    assert all(len(row) == len(after[0]) for row in after[1])


def test_a_column_that_becomes_variant_takes_no_text(account: Account) -> None:
    """The check of what is written knows the table as it is now."""
    account.run("create table t (a varchar)")
    account.run("insert into t (a) select 'x'")
    account.run("create or replace table t (a variant)")
    with pytest.raises(ProgrammingError, match="expecting VARIANT"):
        account.run("insert into t (a) select 'x'")


def test_a_bound_value_has_its_own_type(account: Account) -> None:
    """One text with bound values of two types gives each its own type."""
    assert _read(account, "select ? as a", "x")[1] == [("x",)]
    assert _read(account, "select ? as a", 7)[1] == [(7,)]


def test_a_temporary_table_leaves_nothing_behind(account: Account, server: LocalSnowflake) -> None:
    """Another session's table of the same name is described as it is."""
    name = f"SAMPLE_DB.{account.schema}.passing"
    for value in (1, "x"):
        with connect(server, account.schema) as connection:
            execute(connection, f"create temporary table {name} as (select {value!r} as a)")
            assert execute(connection, f"select * from {name}").fetchall() == [(value,)]


def test_a_transaction_of_before_spoils_nothing(account: Account, server: LocalSnowflake) -> None:
    """What an open transaction sees of an older table is not kept for other sessions."""
    name = f"SAMPLE_DB.{account.schema}.t"
    account.run(f"create table {name} as select 1 as a")
    query = f"select * from {name}"
    with connect(server, account.schema) as old:
        execute(old, "begin transaction")
        assert execute(old, query).fetchall() == [(1,)]
        account.run(f"alter table {name} add column b varchar")
        cursor = execute(old, query)
        assert all(len(row) == len(cursor.description) for row in cursor.fetchall())
        assert _read(account, query)[1] == [(1, None)]
        execute(old, "rollback")


def test_what_changed_while_it_was_looked_up_is_not_kept() -> None:
    """An answer from before the change is given once, and no more than so many are kept."""
    types = KeptTypes()

    def outdated() -> str:
        types.forget()
        return "old"

    assert types.of("t", outdated) == "old"
    assert types.of("t", lambda: "new") == "new"
    assert types.of("t", lambda: "newer") == "new"
    for number in range(KEPT_TYPES):
        types.of(number, lambda: "")
    assert types.of("t", lambda: "looked up again") == "looked up again"

"""Temporary tables live as long as their session (dbt's unit tests make them)."""

from __future__ import annotations

import pytest
from snowflake.connector.errors import ProgrammingError

from local_snowflake.server import LocalSnowflake
from tests.unit.local_snowflake.account import Account, connect, execute


def test_a_temporary_table_is_gone_with_its_session(
    account: Account, server: LocalSnowflake
) -> None:
    """A temporary table holds rows, may be replaced, and ends with its session."""
    name = f"SAMPLE_DB.{account.schema}.passing"
    with connect(server, account.schema) as connection:
        execute(connection, f"create temporary table {name} (a number)")
        execute(connection, f"create or replace temporary table {name} as (select 7 as a)")
        assert execute(connection, f"select a from {name}").fetchall() == [(7,)]
    with pytest.raises(ProgrammingError, match="does not exist or not authorized"):
        account.run(f"select a from {name}")


def test_a_temporary_table_does_not_hide_a_permanent_one(account: Account) -> None:
    """Snowflake would hide the permanent one; here that is refused, and nothing is lost."""
    account.run("create table kept as select 1 as a")
    with pytest.raises(ProgrammingError, match="name of a permanent one"):
        account.run("create or replace temporary table kept (b number)")
    assert account.run("select a from kept") == [(1,)]

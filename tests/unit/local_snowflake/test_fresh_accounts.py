"""What is there before anybody has made anything, and what a sign-in names in vain."""

from __future__ import annotations

import pytest
from snowflake.connector.errors import Error

from local_snowflake.server import LocalSnowflake
from tests.unit.local_snowflake.account import SETUP, Account, connect, execute


def test_a_sign_in_makes_nothing(server: LocalSnowflake) -> None:
    """The schema that it names stays missing, and the session has none until one is made."""
    with connect(server, schema="NEVER_MADE") as session:
        asked = execute(session, "select current_database(), current_schema()")
        assert asked.fetchall() == [("SAMPLE_DB", None)]
        assert execute(session, "show schemas like 'NEVER_MADE' in account").fetchall() == []
        with pytest.raises(Error, match="current schema"):
            execute(session, "create table t (a int)")
        execute(session, "create schema never_made")
        execute(session, "create table t (a int)")
        execute(session, "drop schema never_made")


def test_a_fresh_account_has_no_schema() -> None:
    """The schema of the setup is made together with the external access, as by an administrator."""
    asked = "show schemas like 'sample_schema' in account"
    with LocalSnowflake(setup=SETUP) as server, connect(server) as session:
        assert execute(session, asked).fetchall() == []
        server.open_external_access("api.example.com", 443)
        assert len(execute(session, asked).fetchall()) == 1


def test_as_many_threads_as_were_asked_for() -> None:
    """A statement takes no more threads of the machine than the server was given."""
    with (
        LocalSnowflake(setup=SETUP, threads=1) as server,
        server.databases.connect("SAMPLE_DB", None) as connection,
    ):
        asked = connection.engine.execute("select current_setting('threads')")
        assert asked.fetchall() == [(1,)]


@pytest.mark.parametrize("name", ["my-db", '"my-db"', '"lower"'])
def test_a_database_name_that_needs_quotes_is_refused(account: Account, name: str) -> None:
    """With words, at sign-in and by CREATE DATABASE; one that folds to upper case is taken."""
    with pytest.raises(Error, match="a database whose name needs quotes"):
        connect(account.server, database=name)
    if name.startswith('"'):
        with pytest.raises(Error, match="a database whose name needs quotes"):
            account.run(f"create database {name}")
    connect(account.server, database="sample_db").close()

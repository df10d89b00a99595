"""One local Snowflake for these tests, a schema of its own for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local_snowflake.server import LocalSnowflake
from tests.unit.local_snowflake.account import SETUP, Account, let_in


@pytest.fixture(scope="session")
def server() -> Iterator[LocalSnowflake]:
    """Run one local Snowflake, with the schema of the setup."""
    with LocalSnowflake(setup=SETUP, threads=1) as running:
        running.make_schema("SAMPLE_SCHEMA")
        yield running


@pytest.fixture
def account(server: LocalSnowflake) -> Iterator[Account]:
    """Give a session in a schema of its own."""
    found = Account(server)
    yield found
    found.connection.close()


@pytest.fixture
def guest(account: Account) -> Iterator[Account]:
    """Give a session in the same schema, of a role that was granted nothing."""
    role = f"GUEST_{account.schema}"
    account.run(f"create role {role}")
    found = Account(account.server, account.schema, role=role)
    yield found
    found.connection.close()


@pytest.fixture
def restarted(tmp_path: Path) -> Callable[[], LocalSnowflake]:
    """Give a local Snowflake over the same data directory, at each call."""
    return lambda: LocalSnowflake(tmp_path / "data", setup=SETUP)


@pytest.fixture(scope="session")
def empty() -> Iterator[LocalSnowflake]:
    """Run an account with nothing in it."""
    with LocalSnowflake(setup=replace(SETUP, empty=True)) as running:
        yield running


@pytest.fixture
def admin(empty: LocalSnowflake) -> Iterator[Account]:
    """Give an administrator, who has made a warehouse, a database, a schema and a role."""
    found = Account(empty, role="ACCOUNTADMIN")
    found.run("create warehouse if not exists sample_wh warehouse_size = xsmall auto_suspend = 60")
    found.run("create database if not exists sample_db")
    found.run(f"create schema if not exists sample_db.{found.schema}")
    found.run(f"create role if not exists r_{found.schema}")
    yield found
    found.connection.close()


@pytest.fixture
def worker(admin: Account) -> Iterator[Account]:
    """Give a session of that role, which may use the warehouse and the schema."""
    role = f"R_{admin.schema}"
    let_in(admin, role)
    found = Account(admin.server, admin.schema, role=role)
    yield found
    found.connection.close()

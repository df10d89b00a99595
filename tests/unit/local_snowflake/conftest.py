"""One local Snowflake for these tests, a schema of its own for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local_stack.snowflake.server import LocalSnowflake
from tests.unit.local_snowflake.account import Account


@pytest.fixture(scope="session")
def server() -> Iterator[LocalSnowflake]:
    """Run one local Snowflake."""
    with LocalSnowflake() as running:
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
    """Give a local Snowflake over the same data directory, each time it is asked."""
    return lambda: LocalSnowflake(tmp_path / "data")

"""Schemas of a run's own: made, dropped, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_snowflake.server import LocalSnowflake
from local_stack.account import ACCOUNT
from tests.account.account import Account, OwnSchemas


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """Give an account."""
    with LocalSnowflake(setup=ACCOUNT, threads=1) as server:
        yield Account.local(server.environment())


def test_only_ones_own_schemas_are_dropped(account: Account) -> None:
    """One goes with those that are named after it, at the end all of the run, and no others."""
    with OwnSchemas(account) as other, other.one() as kept:
        with OwnSchemas(account) as mine:
            alike = f"{mine.prefix}X"
            with mine.one() as first, account.connect() as session:
                for name in (f"{first}_MORE", f"{first}MORE", f"{mine.prefix}_ELSE", alike):
                    session.cursor().execute(f"create schema {account.database}.{name}")
            left = [alike, f"{first}MORE", f"{mine.prefix}_ELSE"]
            assert mine.left(mine.prefix) == sorted(left)
        assert other.left("POLICY_TEST_") == sorted([kept, alike])

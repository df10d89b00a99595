"""Transactions in which a statement fails."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from snowflake.connector.errors import DatabaseError

from tests.unit.local_snowflake.account import Account

FAILING = {
    "not there": "insert into nowhere_xyz values (2)",
    "a value": "insert into t select 'abc'::number",
    "a constraint": "insert into t values (null)",
    "many matches": (
        "merge into t using (select 1 as id union all select 1) s on t.id = s.id"
        " when matched then update set id = 5"
    ),
    "no SQL": "insert insert",
}


@pytest.fixture
def begun(account: Account) -> Account:
    """Give a table with a row that is not yet committed."""
    account.run("create table t (id number not null)")
    account.run("begin transaction")
    account.run("insert into t values (1)")
    account.run("update t set id = id + ?", 0)
    return account


@pytest.mark.parametrize("failing", FAILING.values(), ids=FAILING)
@pytest.mark.parametrize(("end", "left"), [("commit", [(1,), (3,)]), ("rollback", [])])
def test_a_failed_statement_leaves_the_transaction_as_it_was(
    begun: Account, failing: str, end: str, left: list[tuple[int]]
) -> None:
    """COMMIT keeps, and ROLLBACK undoes, the statements before and after the failed one."""
    with pytest.raises(DatabaseError):
        begun.run(failing)
    begun.run("insert into t values (3)")
    assert begun.value("select count(*) from t") == 2
    begun.run(end)
    assert begun.run("select id from t order by id") == left


def test_others_see_nothing_of_a_mended_transaction(begun: Account) -> None:
    """Other sessions see nothing before the COMMIT; the locks are held through the failure."""
    other = Account(begun.server, begun.schema)
    with pytest.raises(DatabaseError):
        begun.run(FAILING["a value"])
    assert other.value("select count(*) from t") == 0
    begun.server.account.lock_timeout_seconds, kept = (
        0.05,
        begun.server.account.lock_timeout_seconds,
    )
    try:
        assert other.refused("update t set id = 9")[0] == 625
    finally:
        begun.server.account.lock_timeout_seconds = kept
    begun.run("commit")
    assert other.value("select count(*) from t") == 1
    other.connection.close()


def test_a_commit_gets_through_while_many_sessions_wait_for_it(account: Account) -> None:
    """However many statements wait for a transaction, the transaction goes on."""
    tables = ["t1", "t2", "t3"]  # at most twenty statements wait for the lock of one table
    for table in tables:
        account.run(f"create table {table} (id number)")
    account.run("begin transaction")
    for table in tables:
        account.run(f"insert into {table} values (0)")
        account.run(f"update {table} set id = 1")
    others = [Account(account.server, account.schema) for _ in range(45)]
    with ThreadPoolExecutor(len(others)) as pool:
        waiting = [
            pool.submit(other.run, f"update {tables[number % 3]} set id = id + 1")
            for number, other in enumerate(others)
        ]
        while sum("id + 1" in one.sql for one in account.server.statements) < len(others):
            time.sleep(0.05)
        account.run("commit")
        for one in waiting:
            one.result()
    assert [account.value(f"select id from {table}") for table in tables] == [16, 16, 16]
    for other in others:
        other.connection.close()


def test_current_transaction_is_the_number_of_the_open_one(account: Account) -> None:
    """CURRENT_TRANSACTION() is NULL outside of a transaction, and a number of its own in each."""
    asked = "select current_transaction()"
    assert account.value(asked) is None
    seen = []
    for _ in range(2):
        account.run("begin")
        seen.append(account.value(asked))
        assert account.value(asked) == seen[-1]
        account.run("rollback")
    assert all(text.isdecimal() for text in seen)
    assert len(set(seen)) == 2
    assert account.value(f"{asked} is null") is True

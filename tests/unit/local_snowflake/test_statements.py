"""What Snowflake refuses, and a few of its functions."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from snowflake.connector.errors import ProgrammingError

from local_snowflake.engine.table_locks import MAX_WAITERS, TableLocks
from local_snowflake.server import LocalSnowflake
from local_snowflake.values.results import pretty_json
from tests.unit.local_snowflake.account import Account, connect, execute


@pytest.fixture
def table(account: Account) -> Account:
    """Give a table with quoted lower-case columns."""
    account.run('create table t ("id" varchar, "v" variant, "at" timestamp_ntz)')
    return account


@pytest.mark.parametrize(
    ("statement", "params", "errno"),
    [
        ("""insert into t ("v") values (parse_json('{}'))""", [], 2014),
        ("""insert into t ("v") select '{}'""", [], 2023),
        ("""insert into t ("v") select ?""", ["{}"], 2023),
        ("""update t set "v" = 'text'""", [], 2023),
        ("""update t set t."id" = 'text'""", [], 1003),
        ("select id from t", [], 904),
        ("""select "id" from t where ID = 'x'""", [], 904),
        ("select ?", [], 2049),
        ("create table x (a timestamp_ntz(3) default current_timestamp())", [], 2023),
        ("create table x (a boolean default 0)", [], 2023),
        ("alter table t add column if not exists x number default 1", [], 1003),
        ("alter table t add column x timestamp_ntz default current_timestamp()", [], 2263),
        ("select * from not_there", [], 2003),
        ("frobnicate", [], 1003),
        ("select 1; select 2", [], 8),
    ],
)
def test_a_statement_is_refused(
    table: Account, statement: str, params: list[Any], errno: int
) -> None:
    """Refused with Snowflake's error class, within a second, never as an HTTP 500."""
    started = time.monotonic()
    with pytest.raises(ProgrammingError) as caught:
        table.run(statement, *params)
    assert time.monotonic() - started < 1
    assert caught.value.errno == errno


@pytest.mark.parametrize(
    "statement",
    [
        """insert into t ("id", "v") select 'a', parse_json('{"k": 1}')""",
        """update t set "v" = parse_json('{}') where "id" = 'a'""",
        """select "id" as name from t order by name""",
        """select t."id", f.value:k::varchar from t, lateral flatten(input => t."v") f""",
        "alter table t add column if not exists y varchar",
        "create table z (a timestamp_ntz default current_timestamp(), b boolean default false)",
    ],
)
def test_a_statement_is_taken(table: Account, statement: str) -> None:
    """What Snowflake takes is taken here, too."""
    table.run(statement)


def test_a_missing_table_is_named_as_snowflake_does(account: Account) -> None:
    """Not there and not allowed read the same, and the name is given."""
    with pytest.raises(ProgrammingError, match=r"Object '\S*NOT_THERE' does not exist or not auth"):
        account.run("select * from not_there")


def test_null_timestamps_stay_null(account: Account) -> None:
    """NULL timestamps arrive as None, others unchanged."""
    row = account.run(
        "select null::timestamp_ntz, '2026-01-02 03:04:05.678901'::timestamp_ntz, "
        "'1969-12-31 23:59:59.5'::timestamp_ntz, '1970-01-01'::timestamp_ntz"
    )[0]
    assert [str(value) for value in row] == [
        "None",
        "2026-01-02 03:04:05.678901",
        "1969-12-31 23:59:59.500000",
        "1970-01-01 00:00:00",
    ]


def test_numbers_keep_their_digits(account: Account) -> None:
    """A NUMBER near nothing is written out; an exponent would not be a number to the client."""
    row = account.run("select 0.0000000001::number(38, 10), 0::number(20, 9)")[0]
    assert row == (Decimal("0.0000000001"), Decimal(0))


def test_json_null_is_not_sql_null(account: Account) -> None:
    """PARSE_JSON('null') is a JSON null, which is not NULL; its cast to text is."""
    row = account.run(
        "select parse_json('null') is null, parse_json(null) is null, "
        """parse_json('{"a": null}'):a::varchar is null"""
    )[0]
    assert row == (False, True, True)


@pytest.mark.parametrize(
    "form", ["call system$wait(0.2)", "select system$wait(200, 'MILLISECONDS')"]
)
def test_system_wait(account: Account, form: str) -> None:
    """SYSTEM$WAIT waits, by CALL and by SELECT."""
    started = time.monotonic()
    assert account.value(form).startswith("waited")
    assert time.monotonic() - started >= 0.2


def test_show_parameters(account: Account) -> None:
    """SHOW PARAMETERS LIKE answers key and value."""
    shown = account.run("show parameters like 'QUOTED_IDENTIFIERS_IGNORE_CASE' in session")
    assert [row[:2] for row in shown] == [("QUOTED_IDENTIFIERS_IGNORE_CASE", "false")]


MERGE = """
merge into t using (
    select f.value:id::varchar as id, f.value:v as v
    from (select parse_json(?) as j) p, lateral flatten(input => p.j) f
) s
on t."id" = s.id
when matched and t."v" is null then update set "v" = s.v
when not matched then insert ("id", "v") values (s.id, s.v)
"""


def test_merge_counts_and_is_part_of_a_transaction(table: Account) -> None:
    """MERGE answers rows inserted and updated; ROLLBACK takes it back whole."""
    table.run("""insert into t ("id") select 'a'""")
    bound = json.dumps([{"id": "a", "v": {"k": "é'"}}, {"id": "b", "v": [1]}])
    table.run("begin transaction")
    assert table.run(MERGE, bound) == [(1, 1)]
    table.run("""insert into t ("id") select 'c'""")
    table.run("rollback")
    assert table.value("select count(*) from t") == 1
    table.run(MERGE, bound)
    assert table.run(MERGE, bound) == [(0, 0)]
    assert json.loads(table.value("""select "v" from t where "id" = 'a'""")) == {"k": "é'"}


@pytest.mark.parametrize(
    ("statement", "count"),
    [
        ("insert into n select 3 as a union all select 4", 2),
        ("insert into n with x as (select 3 as a) select a from x", 1),
        ("update n set a = 9 where a > 1", 1),
        ("delete from n", 2),
    ],
)
def test_dml_counts_its_rows_each_time(account: Account, statement: str, count: int) -> None:
    """A statement answers how many rows it changed, also where its text came before."""
    for _ in range(2):
        account.run("create or replace table n (a number)")
        account.run("insert into n values (1), (2)")
        assert account.run(statement)[0][0] == count


def test_writers_of_one_table_queue(table: Account, server: LocalSnowflake) -> None:
    """An UPDATE waits until the transaction that locked the table ends; both succeed."""
    table.run("""insert into t ("id") select 'a'""")
    table.run("begin transaction")
    table.run("""update t set "id" = 'b' where "id" = 'a'""")
    done: list[float] = []

    def other() -> None:
        with connect(server, table.schema) as connection:
            execute(connection, """update t set "id" = 'c' where "id" = 'b'""")
            done.append(time.monotonic())

    thread = threading.Thread(target=other)
    thread.start()
    time.sleep(0.3)
    assert not done
    table.run("commit")
    thread.join(timeout=10)
    assert done
    assert table.value('select "id" from t') == "c"


def test_ddl_of_many_sessions_queues(account: Account, server: LocalSnowflake) -> None:
    """CREATE IF NOT EXISTS and ALTER of one table, from many sessions at once, all succeed."""
    sessions, rounds = 6, 10
    together = threading.Barrier(sessions)

    def session(_: int) -> None:
        with connect(server, account.schema) as connection:
            for number in range(rounds):
                together.wait(timeout=30)
                execute(connection, f"create table if not exists many{number} (a varchar)")
                execute(connection, f"alter table many{number} add column if not exists b varchar")
                execute(connection, f"insert into many{number} (a) select 'x'")

    with ThreadPoolExecutor(sessions) as pool:
        list(pool.map(session, range(sessions)))
    for number in range(rounds):
        assert account.value(f"select count(*) from many{number} where b is null") == sessions


def test_ddl_commits_an_open_transaction(table: Account) -> None:
    """A CREATE TABLE in a transaction commits what came before it."""
    table.run("begin transaction")
    table.run("""insert into t ("id") select 'kept'""")
    table.run("create table beside (a varchar)")
    table.run("rollback")
    assert table.value("""select count(*) from t where "id" = 'kept'""") == 1


def test_the_21st_waiter_fails_at_once() -> None:
    """Past 20 waiting statements the next is aborted with 000625."""
    locks = TableLocks()
    locks.acquire("owner", "t", 1)
    threads = [
        threading.Thread(target=locks.acquire, args=(f"s{n}", "t", 5)) for n in range(MAX_WAITERS)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    with pytest.raises(ProgrammingError, match="exceeds the 20 statements limit") as caught:
        locks.acquire("late", "t", 5)
    assert caught.value.errno == 625
    locks.release_all("owner")
    for number in range(MAX_WAITERS):
        for session in range(MAX_WAITERS):
            locks.release_all(f"s{session}")
        time.sleep(0.005 * (number < 3))
    for thread in threads:
        while thread.is_alive():
            for session in range(MAX_WAITERS):
                locks.release_all(f"s{session}")
            thread.join(timeout=0.01)


def test_a_lock_is_waited_for_only_so_long() -> None:
    """LOCK_TIMEOUT ends the wait with an error."""
    locks = TableLocks()
    locks.acquire("owner", "t", 1)
    with pytest.raises(ProgrammingError, match="lock timeout"):
        locks.acquire("other", "t", 0.05)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text()
        | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_pretty_printing_keeps_the_value(value: Any) -> None:
    """Printing a VARIANT over several lines changes no value."""
    import json

    text = json.dumps(value)
    assert json.loads(pretty_json(text)) == json.loads(text)

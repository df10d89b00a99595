"""A flatten of a bound JSON text: the same rows as ever, in a plan without a join on the text."""

from __future__ import annotations

import json

import pytest

from local_snowflake.server import LocalSnowflake
from procedures.tables.claim_statements import claim_sql
from procedures.tables.history_statements import read_history_sql, restore_sql
from procedures.tables.read_statements import read_sql
from procedures.tables.statements import append_events_sql, apply_changes_sql, cancel_sql
from tests.unit.local_snowflake.account import Account

FLATTEN = "(select parse_json(?) as j) p, lateral flatten(input => p.j) f"
ITEMS = [{"a": "x", "n": 1}, {"a": None}, {"a": ["y"]}, 4, "text"]


def test_the_rows_are_those_of_the_lateral_join(account: Account) -> None:
    """Values, index and order are the same as with the join, which reading p.j elsewhere keeps."""
    columns = "f.index, f.value, f.value:a::varchar as a"
    inlined = account.run(f"select {columns} from {FLATTEN} order by f.index", json.dumps(ITEMS))
    joined = account.run(
        f"select {columns} from {FLATTEN} where p.j is not null order by f.index",
        json.dumps(ITEMS),
    )
    assert inlined == joined
    assert [row[0] for row in inlined] == list(range(len(ITEMS)))
    assert [row[2] for row in inlined] == ["x", None, '["y"]', None, None]


@pytest.mark.parametrize("text", ["[]", "{}", '{"k": 1}'])
def test_awkward_inputs_are_flattened_as_before(account: Account, text: str) -> None:
    """An empty list and an object give what the lateral join gives."""
    found = account.run(f"select f.key, f.value from {FLATTEN}", text)
    assert found == account.run(f"select f.key, f.value from {FLATTEN} where p.j is not null", text)


@pytest.mark.parametrize(
    ("statement", "inlined"),
    [
        (f"select f.value from {FLATTEN}", True),
        (f"insert into t select f.value from {FLATTEN}", True),
        (f"select x.v from (select f.value as v from {FLATTEN}) x", True),
        (f"select * from {FLATTEN}", False),
        (f"select f.value, p.j from {FLATTEN}", False),
        (f"select f.value, j from {FLATTEN}", False),
        (FLATTEN.join(["select f.value from ", " join t on t.a = f.value"]), True),
        ("select f.value from t p, lateral flatten(input => p.a) f", False),
        ("select f.value from (select a as j from t) p, lateral flatten(input => p.j) f", False),
    ],
)
def test_only_a_text_that_nothing_else_reads_is_inlined(
    account: Account, statement: str, inlined: bool
) -> None:
    """A statement that reads the subquery elsewhere, or another input, is left as it is."""
    account.run("create table t (a variant)")
    sql = account.in_duckdbs_words(statement)
    assert ("LOCAL_FLATTEN(LOCAL_PY_PARSE(?))" in sql.upper()) == inlined, sql


def test_the_plan_has_no_join_on_the_text(account: Account, server: LocalSnowflake) -> None:
    """DuckDB joins no item back to the text: that took 25 seconds for 10,000 items."""
    sql = account.in_duckdbs_words(f"select f.value:a::varchar as a from {FLATTEN}")
    with server.connect("SAMPLE_DB", account.schema) as connection:
        plan = connection.engine.execute(f"explain {sql}", ["[1, 2]"]).fetchall()
    assert "JOIN" not in str(plan).upper()


@pytest.mark.parametrize(
    "statement",
    [
        claim_sql("t", 60),
        apply_changes_sql("t", 60),
        cancel_sql("t"),
        append_events_sql("t"),
        read_sql("t", with_policies=True),
        restore_sql("t"),
        read_history_sql("t"),
    ],
)
def test_the_procedures_lists_are_inlined(account: Account, statement: str) -> None:
    """Every statement of the procedures that binds a list of rows has this form."""
    sql = account.in_duckdbs_words(statement).upper()
    assert "LOCAL_FLATTEN(LOCAL_PY_PARSE(?))" in sql
    assert "(SELECT LOCAL_PY_PARSE(?)" not in sql

"""Casts of the current time: as fakesnow's macro has them, without its price."""

from __future__ import annotations

import pytest

from procedures.statements import apply_changes_sql, claim_sql, clean_up_sql
from tests.unit.local_snowflake.account import Account

MACRO = "_FS_TO_TIMESTAMP"


@pytest.mark.parametrize(
    "statement", [clean_up_sql("t", 60), claim_sql("t", 60), apply_changes_sql("t", 60)]
)
def test_the_procedures_times_are_plain_casts(account: Account, statement: str) -> None:
    """No statement that writes state has the macro, which DuckDB plans for milliseconds."""
    sql = account.in_duckdbs_words(statement).upper()
    assert MACRO not in sql
    assert "AS TIMESTAMP)" in sql


def test_the_time_is_that_of_the_macro(account: Account) -> None:
    """A plain cast gives what the macro gives, for now and for a time reckoned from it."""
    now = account.in_duckdbs_words("select current_timestamp()::timestamp_ntz")
    then = account.in_duckdbs_words(
        "select dateadd(minute, -90, current_timestamp())::timestamp_ntz"
    )
    macros = f"{MACRO}(current_timestamp, 0), {MACRO}(current_timestamp - interval 90 minute, 0)"
    query = f"select ({now}), ({then}), {macros}"
    with account.server._connect("POLICY_DB", account.schema) as connection:
        row = connection._duck_conn.execute(query).fetchone()
    assert row[:2] == row[2:]
    assert row[1] < row[0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("'2024-02-29 12:00:00'", "2024-02-29 12:00:00"), ("1709208000", "2024-02-29 12:00:00")],
)
def test_texts_and_numbers_are_converted_as_before(
    account: Account, value: str, expected: str
) -> None:
    """Only what is a time by itself loses the macro, which reads texts and seconds."""
    statement = f"select to_timestamp_ntz({value})"
    assert str(account.value(statement)) == expected

"""Casts of the current time: without a macro, which DuckDB plans for milliseconds."""

from __future__ import annotations

import pytest

from tests.unit.local_snowflake.account import Account

MACROS = ("_FS_TO_TIMESTAMP", "LOCAL_")
LEASE = """
update t set a = current_timestamp()::timestamp_ntz, b = sysdate(),
    c = dateadd(second, 60, current_timestamp())::timestamp_ntz
where d <= dateadd(minute, -90, current_timestamp())::timestamp_ntz
"""


@pytest.mark.parametrize(
    "statement", [LEASE, "select '2026-01-01 00:00:00 +01:00'::timestamp_ltz, sysdate()"]
)
def test_the_current_time_and_plain_texts_are_plain_casts(account: Account, statement: str) -> None:
    """A statement that writes state has no macro for its times, which come at every call."""
    sql = account.in_duckdbs_words(statement).upper()
    assert not [name for name in MACROS if name in sql]
    assert "AS TIMESTAMP" in sql


def test_the_time_is_that_of_the_macro(account: Account) -> None:
    """A plain cast gives what the macro gives, for now and for a time reckoned from it."""
    now = account.in_duckdbs_words("select current_timestamp()::timestamp_ntz as t")
    then = account.in_duckdbs_words(
        "select dateadd(minute, -90, current_timestamp())::timestamp_ntz as t"
    )
    macro = "_fs_global.main.local_ntz"
    query = (
        f"select ({now}), ({then}), {macro}(current_timestamp),"
        f" {macro}(current_timestamp - interval 90 minute)"
    )
    with account.server.connect("SAMPLE_DB", account.schema) as connection:
        row = connection.engine.execute(query).fetchone()
    assert row[:2] == row[2:]
    assert row[1] < row[0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("'2024-02-29 12:00:00'", "2024-02-29 12:00:00"),
        ("'2024-02-29T12:00:00Z'", "2024-02-29 12:00:00"),
        ("'2024-02-29 12:00:00 +05:30'", "2024-02-29 12:00:00"),
        ("'2024-02-29'", "2024-02-29 00:00:00"),
        ("1709208000", "2024-02-29 12:00:00"),
        ("1709208000.5", "2024-02-29 12:00:00.500000"),
        ("1709208000123, 3", "2024-02-29 12:00:00.123000"),
        ("1709208000123456789, 9", "2024-02-29 12:00:00.123456"),
        ("'1709208000123'", "2024-02-29 12:00:00.123000"),
        ('parse_json(\'{"a": "2024-02-29 12:00:00 Z"}\'):a', "2024-02-29 12:00:00"),
        ("parse_json('{\"a\": 1709208000123}'):a::number, 3", "2024-02-29 12:00:00.123000"),
        ("parse_json('{\"a\": null}'):a", "None"),
    ],
)
def test_texts_and_numbers_become_times_without_a_zone(
    account: Account, value: str, expected: str
) -> None:
    """A text keeps its wall clock and loses its offset, a number counts in UTC, in any zone."""
    for zone in ("America/New_York", "UTC"):
        account.run(f"alter session set timezone = '{zone}'")
        assert str(account.value(f"select to_timestamp_ntz({value})")) == expected


def test_what_is_no_time_is_null_where_it_is_tried(account: Account) -> None:
    """TRY_TO_TIMESTAMP_NTZ and TRY_CAST answer NULL for such a text, and times for others."""
    tried = account.run(
        "select try_to_timestamp_ntz('x'), try_cast('x' as timestamp_ltz),"
        " try_cast('2024-02-29' as timestamp_ntz)::varchar"
    )
    assert tried == [(None, None, "2024-02-29 00:00:00.000")]

"""Times as text: the session's formats, those of TO_VARCHAR, and those of TO_TIMESTAMP."""

from __future__ import annotations

import pytest

from tests.unit.local_snowflake.account import Account

TIME = "'2024-01-05 13:04:05.678901'"


@pytest.mark.parametrize(
    ("zone", "expression", "expected"),
    [
        ("UTC", "to_varchar('2024-01-01 12:34:56.5'::timestamp_ntz)", "2024-01-01 12:34:56.500"),
        ("UTC", "'2024-01-01 12:34:56.5'::timestamp_ntz || ''", "2024-01-01 12:34:56.500"),
        ("UTC", "concat('2024-01-01'::timestamp_ntz, '!')", "2024-01-01 00:00:00.000!"),
        ("UTC", "'2024-01-01 12:34:56.123'::timestamp_ltz::varchar", "2024-01-01 12:34:56.123 Z"),
        (
            "America/Los_Angeles",
            "'2020-01-01 10:00:00.5'::timestamp_ltz::varchar",
            "2020-01-01 10:00:00.500 -0800",
        ),
        ("Asia/Kolkata", "max('2024-01-01'::timestamp_ltz)::varchar",
         "2024-01-01 00:00:00.000 +0530"),
        ("UTC", "to_varchar('2024-01-01'::date)", "2024-01-01"),
        ("UTC", "coalesce(null, '2024-01-01'::date)::varchar", "2024-01-01"),
        ("UTC", "dateadd(month, 1, '2020-01-31'::date)::varchar", "2020-02-29"),
        ("UTC", "1.50::varchar || true::varchar || null::varchar", None),
        ("UTC", "to_varchar(5) || lower('A')::varchar", "5a"),
        ("UTC", "parse_json('{\"a\": \"x\"}'):a::varchar", "x"),
    ],
)  # fmt: skip
def test_a_cast_to_text_has_the_format_of_its_type(
    account: Account, zone: str, expression: str, expected: str | None
) -> None:
    """Snowflake's default formats for times, and no change for what is none."""
    account.run(f"alter session set timezone = '{zone}'")
    assert account.value(f"select {expression}") == expected


@pytest.mark.parametrize(
    ("format_", "expected"),
    [
        ("YYYY-MM-DD HH24:MI:SS.FF3", "2024-01-05 13:04:05.678"),
        ("yyyy-mm-dd hh24:mi:ss.ff6", "2024-01-05 13:04:05.678901"),
        ('YYYY-MM-DD"T"HH24:MI:SS.FF', "2024-01-05T13:04:05.678901000"),
        ("YYYY-MM-DDTHH24:MI", "2024-01-05T13:04"),
        ("DY DD MON YY HH12:MI AM", "Fri 05 Jan 24 01:04 PM"),
        ("MMMM", "January"),
        ("FF1 FF2 FF4 FF5 FF7 FF8 FF9", "6 67 6789 67890 6789010 67890100 678901000"),
        ('"at" HH24 "h" 100%', None),
        ("HH24 TZHTZM TZH:TZM TZH", "13 -0500 -05:00 -05"),
    ],
)
def test_the_elements_of_a_format(account: Account, format_: str, expected: str | None) -> None:
    """TO_VARCHAR and TO_CHAR write each of the usual elements, of a column or of a value."""
    account.run("alter session set timezone = 'America/New_York'")
    account.run("create table t (l timestamp_ltz)")
    account.run(f"insert into t values ({TIME})")
    wanted = expected or "at 13 h 100%"
    for function in ("to_varchar", "to_char"):
        for value in (f"{TIME}::timestamp_ltz", "l"):
            assert account.value(f"select {function}({value}, '{format_}') from t") == wanted


@pytest.mark.parametrize(
    "expression",
    [
        "to_varchar(sysdate(), 'YYYY QQ')",
        "to_varchar(sysdate(), 'HH')",
        "to_varchar(sysdate(), 'TZHTZM')",
        "to_varchar(sysdate(), 'SS.FF0')",
        "to_varchar('2024-01-01'::timestamp_ltz, 'TZH:TZM')",
        "to_varchar('x', 'YYYY')",
        "to_varchar(sysdate(), lower('YYYY'))",
        "to_timestamp_ntz('2024-01-01 +0100', 'YYYY-MM-DD TZHTZM')",
        "to_timestamp_ntz('2024-01-01', lower('YYYY-MM-DD'))",
        "to_timestamp_ntz('2024-01-01', 'DD.MM.YYYY')",
    ],
)
def test_a_format_that_cannot_be_kept_is_refused(account: Account, expression: str) -> None:
    """An element that is not known here, and an offset of what has none, fail with words."""
    account.run("alter session set timezone = 'UTC'")
    assert account.refused(f"select {expression}") in ((2, "0A000"), (100038, "22018"))


def test_the_sessions_output_formats(account: Account) -> None:
    """Each type has a format of its own; TIMESTAMP_OUTPUT_FORMAT is for types without one."""
    query = (
        f"select {TIME}::timestamp_ntz::varchar, {TIME}::timestamp_ltz::varchar, {TIME}::date || ''"
    )
    query += f", to_varchar({TIME}::timestamp_ntz), to_varchar({TIME}::timestamp_ntz, 'YYYY')"
    account.run("alter session set timestamp_ntz_output_format = 'YYYY/MM/DD HH24:MI'")
    first = account.run(query)[0]
    assert first == ("2024/01/05 13:04", "2024-01-05 13:04:05.678 -0800", "2024-01-05",
                     "2024/01/05 13:04", "2024")  # fmt: skip
    account.run(
        "alter session set timestamp_ntz_output_format = '' date_output_format = 'DD.MM.YYYY'"
        " timestamp_output_format = 'HH24:MI' timestamp_ltz_output_format = 'HH24 TZHTZM'"
    )
    assert account.run(query)[0] == ("13:04", "13 -0800", "05.01.2024", "13:04", "2024")
    account.run(
        "alter session unset timestamp_ntz_output_format, timestamp_output_format,"
        " timestamp_ltz_output_format, date_output_format"
    )
    assert account.run(query)[0][:2] == ("2024-01-05 13:04:05.678", "2024-01-05 13:04:05.678 -0800")


def test_a_view_shows_times_in_the_readers_format(account: Account) -> None:
    """A view keeps no format of whoever created it, and no session has another's."""
    account.run(f"create view v as select {TIME}::timestamp_ntz::varchar as text")
    other = Account(account.server, account.schema)
    other.run("alter session set timestamp_ntz_output_format = 'YYYY'")
    for _ in range(2):
        assert account.value("select text from v") == "2024-01-05 13:04:05.678"
        assert other.value("select text from v") == "2024"
    other.connection.close()


def test_the_sessions_input_format(account: Account) -> None:
    """A text that is cast is read by TIMESTAMP_INPUT_FORMAT, and by AUTO again afterwards."""
    query = "select '01/02/2024 10:00'::timestamp_ntz::varchar as a"
    query += ", to_timestamp_ntz('01/02/2024 10:00')::varchar as b"
    query += ", '01/02/2024 10:00'::timestamp_ltz::varchar as c"
    account.run("alter session set timestamp_input_format = 'DD/MM/YYYY HH24:MI'")
    assert account.run(query) == [
        ("2024-02-01 10:00:00.000", "2024-02-01 10:00:00.000", "2024-02-01 10:00:00.000 -0800")
    ]
    assert account.value("select current_timestamp()::timestamp_ntz = current_timestamp()")
    assert account.refused("select '2024-01-01'::timestamp_ntz") == (100038, "22018")
    account.run("alter session set timestamp_input_format = 'AUTO'")
    assert account.value("select '2024-01-01'::timestamp_ntz::varchar")[:10] == "2024-01-01"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("to_timestamp_ntz('02.01.2024 03:04:05.6', 'DD.MM.YYYY HH24:MI:SS.FF3')::varchar",
         "2024-01-02 03:04:05.600"),
        ("to_timestamp_ltz('2024-01-02 03:04 +0000', 'YYYY-MM-DD HH24:MI TZHTZM')::varchar",
         "2024-01-01 19:04:00.000 -0800"),
        ("to_date('02.01.2024', 'DD.MM.YYYY')::varchar", "2024-01-02"),
        ("try_to_timestamp_ntz('x', 'YYYY')::varchar", None),
    ],
)  # fmt: skip
def test_a_text_is_read_by_a_given_format(
    account: Account, expression: str, expected: str | None
) -> None:
    """TO_TIMESTAMP and TO_DATE with a format; TRY_ answers NULL for what is not in it."""
    assert account.value(f"select {expression}") == expected


@pytest.mark.parametrize(
    "setting",
    [
        "timestamp_ntz_output_format = 'YYYY QQ'",
        "timestamp_ntz_output_format = 'YYYY TZHTZM'",
        "timestamp_ltz_output_format = 'SS.FF4'",
        "timestamp_input_format = 'YYYY-MM-DD TZHTZM'",
        "date_output_format = 'HH'",
    ],
)
def test_a_format_of_a_session_that_cannot_be_kept_is_refused(
    account: Account, setting: str
) -> None:
    """An unknown format is refused at ALTER SESSION, and the session keeps its format."""
    assert account.refused(f"alter session set {setting}") == (2, "0A000")
    shown = account.rows("show parameters like '%format' in session")
    assert {row["level"] for row in shown} == {""}


def test_the_columns_are_named_after_their_text(account: Account) -> None:
    """A result's column has no name of a macro that stands in its place."""
    [row] = account.rows("select sysdate()::varchar, to_varchar(sysdate())")
    assert not [name for name in row if "LOCAL_" in name.upper()]
    assert len(row) == 2

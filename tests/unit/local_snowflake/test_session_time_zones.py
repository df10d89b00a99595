"""The session's TIMEZONE, as Snowflake honours it, and where it comes from."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

import pytest
from snowflake.connector.errors import DatabaseError

from local_snowflake.server import LocalSnowflake
from tests.unit.local_snowflake.account import Account

UTC = datetime.UTC
NOW = """def run(session):
    return session.sql("select current_timestamp()::timestamp_ntz::varchar").collect()[0][0]
"""


@pytest.fixture
def defaults(server: LocalSnowflake) -> Iterator[LocalSnowflake]:
    """Give the account, and unset afterwards what was set for it and its users."""
    yield server
    server.account.parameters.clear()
    server.account.user_parameters.clear()


def _zone(account: Account, name: str) -> None:
    account.run(f"alter session set timezone = '{name}'")


def _shown(account: Account) -> tuple[str, str]:
    [row] = account.rows("show parameters like 'TIMEZONE' in session")
    return row["value"], row["level"]


@pytest.mark.parametrize(
    ("zone", "expression", "expected"),
    [
        (
            "America/Los_Angeles",
            "'2024-01-01 00:00:00 +00:00'::timestamp_tz::timestamp_ltz::timestamp_ntz::varchar",
            "2023-12-31 16:00:00.000",
        ),
        (
            "America/Los_Angeles",
            "convert_timezone('UTC', '2024-01-01 00:00:00'::timestamp_ntz::timestamp_ltz)"
            "::timestamp_ntz::varchar",
            "2024-01-01 08:00:00.000",
        ),
        (
            "America/Los_Angeles",
            "convert_timezone('UTC', 'Asia/Tokyo', '2024-01-01 00:00:00'::timestamp_ntz)::varchar",
            "2024-01-01 09:00:00.000",
        ),
        (
            "America/New_York",
            "hour(convert_timezone('UTC', '2024-01-01 00:00:00'::timestamp_ltz))",
            5,
        ),
        (
            "Asia/Kolkata",
            "date_trunc('hour', '2024-01-01 00:15:00 +00:00'::timestamp_tz::timestamp_ltz)"
            "::varchar",
            "2024-01-01 05:00:00.000 +0530",
        ),
        (
            "Asia/Kolkata",
            "datediff(hour, '2024-01-01 00:30:00 +05:30'::timestamp_tz::timestamp_ltz,"
            " '2024-01-01 01:10:00 +05:30'::timestamp_tz::timestamp_ltz)",
            1,
        ),
        (
            "America/Los_Angeles",
            "datediff(second, '2026-03-08 09:59:00 +00:00'::timestamp_tz::timestamp_ltz"
            "::timestamp_ntz, '2026-03-08 10:00:00 +00:00'::timestamp_tz::timestamp_ltz"
            "::timestamp_ntz)",
            3660,
        ),
        (
            "America/New_York",
            "'2024-01-01 00:00:00 +01:00'::timestamp_tz"
            " = '2023-12-31 18:00:00'::timestamp_ntz::timestamp_ltz",
            True,
        ),
        (
            "America/New_York",
            "date_part(epoch_millisecond, '2024-01-01 00:00:00'::timestamp_ntz)",
            1704067200000,
        ),
        (
            "America/New_York",
            "date_part(epoch_millisecond, '2024-01-01 00:00:00'::timestamp_ltz)",
            1704085200000,
        ),
        (
            "America/New_York",
            "date_part(epoch_second, to_timestamp_ltz(1704085200123, 3))",
            1704085200,
        ),
        (
            "America/New_York",
            "to_timestamp_ltz(1704085200123, 3)::timestamp_ntz::varchar",
            "2024-01-01 00:00:00.123",
        ),
        (
            "America/New_York",
            "max(to_timestamp_ltz(1704085200123, 3))::timestamp_ntz::varchar",
            "2024-01-01 00:00:00.123",
        ),
        (
            "America/New_York",
            "dateadd(day, 1, '2024-11-02 12:00:00'::timestamp_ltz)::varchar",
            "2024-11-03 12:00:00.000 -0500",
        ),
        (
            "America/New_York",
            "dateadd(hour, 24, '2024-11-02 12:00:00'::timestamp_ltz)::varchar",
            "2024-11-03 11:00:00.000 -0500",
        ),
        (
            "America/New_York",
            "dateadd(millisecond, -1500, '2024-01-01 00:00:01.5'::timestamp_ltz)::varchar",
            "2024-01-01 00:00:00.000 -0500",
        ),
    ],
)
def test_times_are_reckoned_in_the_sessions_zone(
    account: Account, zone: str, expression: str, expected: object
) -> None:
    """Zones, instants and wall clocks are as the documentation of Snowflake says."""
    _zone(account, zone)
    assert account.value(f"select {expression}") == expected


def test_the_current_time_is_the_wall_clock_in_a_column_without_a_zone(account: Account) -> None:
    """A default and a cast of CURRENT_TIMESTAMP() are the wall clock, SYSDATE() is UTC."""
    _zone(account, "Asia/Kolkata")
    account.run(
        "create table t (i int, wall timestamp_ntz default current_timestamp(),"
        " utc timestamp_ntz default sysdate(), instant timestamp_ltz default current_timestamp(),"
        " cast_wall timestamp_ntz)"
    )
    account.run("insert into t (i, cast_wall) select 1, current_timestamp()::timestamp_ntz")
    assert account.run(
        "select datediff(minute, utc, wall), wall = cast_wall, instant = wall, instant = utc,"
        " datediff(millisecond, instant, wall), convert_timezone('UTC', instant)::timestamp_ntz"
        " = utc from t"
    ) == [(330, True, True, False, 0, True)]


def test_an_instant_is_shown_in_the_readers_zone(account: Account) -> None:
    """A TIMESTAMP_LTZ is the same instant to all, a TIMESTAMP_NTZ the same wall clock."""
    _zone(account, "UTC")
    account.run("create table t (l timestamp_ltz, n timestamp_ntz)")
    account.run("insert into t values ('2024-01-01 00:00:00', '2024-01-01 00:00:00')")
    _zone(account, "Europe/Berlin")
    [(instant, wall, text, equal)] = account.run("select l, n, l::varchar, l = n from t")
    assert instant == datetime.datetime(2024, 1, 1, tzinfo=UTC)
    assert instant.utcoffset() == datetime.timedelta(hours=1)
    assert wall == datetime.datetime(2024, 1, 1)
    assert (text, equal) == ("2024-01-01 01:00:00.000 +0100", False)
    [description] = account.rows("describe table t")[:1]
    assert description["type"] == "TIMESTAMP_LTZ(9)"


def test_one_text_in_two_zones(account: Account) -> None:
    """What is kept of a statement of one session says nothing about another's zone."""
    other = Account(account.server, account.schema)
    _zone(account, "Asia/Tokyo")
    _zone(other, "UTC")
    query = "select '2024-01-01 00:00:00 +00:00'::timestamp_tz::timestamp_ltz::varchar"
    for _ in range(2):
        assert account.value(query) == "2024-01-01 09:00:00.000 +0900"
        assert other.value(query) == "2024-01-01 00:00:00.000 Z"
    other.connection.close()


def test_the_zone_changes_within_a_transaction(account: Account) -> None:
    """ALTER SESSION of a zone leaves a transaction open, and counts in it."""
    account.run("create table t (a int)")
    account.run("begin transaction")
    account.run("insert into t values (1)")
    _zone(account, "Asia/Tokyo")
    assert account.value("select '2024-01-01'::timestamp_ltz::varchar").endswith("+0900")
    account.run("rollback")
    assert account.value("select count(*) from t") == 0


@pytest.mark.parametrize("zone", ["Nowhere/Land", "utc", "PDT", ""])
def test_a_zone_that_is_not_there_is_refused(account: Account, zone: str) -> None:
    """In Snowflake's words, at ALTER SESSION and at sign-in; the session keeps what it had."""
    statement = f"alter session set timezone = '{zone}'"
    assert account.refused(statement) == (1008, "22023")
    assert _shown(account) == ("America/Los_Angeles", "")
    with pytest.raises(DatabaseError, match=r"invalid value .* for parameter 'TIMEZONE'"):
        Account(account.server, account.schema, session_parameters={"TIMEZONE": zone})


def test_a_zone_given_at_sign_in(account: Account) -> None:
    """Session parameters of the connection count from the first statement on."""
    given = {"TIMEZONE": "Asia/Tokyo", "TIMESTAMP_NTZ_OUTPUT_FORMAT": "YYYY"}
    other = Account(account.server, account.schema, session_parameters=given)
    assert other.run(
        "select '2024-01-01'::timestamp_ltz::varchar, '2024-01-01'::timestamp::varchar"
    )[0] == ("2024-01-01 00:00:00.000 +0900", "2024")
    other.connection.close()


def test_session_before_user_before_account(defaults: LocalSnowflake, account: Account) -> None:
    """New sessions have the user's zone, else the account's, until they set their own."""
    account.run("alter account set timezone = 'Europe/Berlin'")
    of_account = Account(defaults)
    account.run("alter user test set timezone = 'Asia/Tokyo'")
    of_user = Account(defaults)
    own = Account(defaults, session_parameters={"TIMEZONE": "UTC"})
    assert _shown(account) == ("America/Los_Angeles", "")
    assert _shown(of_account) == ("Europe/Berlin", "ACCOUNT")
    assert _shown(of_user) == ("Asia/Tokyo", "USER")
    assert _shown(own) == ("UTC", "SESSION")
    midnight = "select '2024-01-01'::timestamp_ltz::varchar"
    assert of_account.value(midnight).endswith("+0100")
    assert of_user.value(midnight).endswith("+0900")
    account.run("alter user test unset timezone")
    account.run("alter account unset timezone")
    assert _shown(Account(defaults)) == ("America/Los_Angeles", "")


def test_who_may_set_the_accounts_zone(account: Account, guest: Account) -> None:
    """A role that owns nothing sets its session's zone only; a wrong zone is refused here, too."""
    assert guest.refused("alter account set timezone = 'UTC'") == (3001, "42501")
    assert guest.refused("alter user test set timezone = 'UTC'") == (3001, "42501")
    assert account.refused("alter account set timezone = 'Mars'") == (1008, "22023")
    assert account.server.account.parameters == {}


@pytest.mark.parametrize("rights", ["owner", "caller"])
def test_a_procedure_has_its_callers_zone_and_formats(account: Account, rights: str) -> None:
    """With the rights of owner or caller, two callers in two zones get two wall clocks."""
    account.procedure("p", NOW, returns="varchar", options=f"execute as {rights}")
    found = []
    for zone in ("Asia/Kolkata", "America/Los_Angeles"):
        account.run(
            f"alter session set timezone = '{zone}'"
            " timestamp_ntz_output_format = 'YYYY/MM/DD HH24:MI'"
        )
        text = account.value("call p()")
        wall = datetime.datetime.strptime(text, "%Y/%m/%d %H:%M")
        found.append(round((wall - datetime.datetime.now(UTC).replace(tzinfo=None)) / HALF_HOUR))
    assert found[0] == 11
    assert found[1] in (-16, -14)


HALF_HOUR = datetime.timedelta(minutes=30)


@pytest.mark.parametrize(
    "statement",
    [
        "select convert_timezone('UTC', current_timestamp())",
        "select '2024-01-01 00:00:00 +01:00'::timestamp_tz",
        "select '2024-01-01 00:00:00 +01:00'::timestamp_tz::varchar",
        "select to_timestamp_tz('2024-01-01 00:00:00 +01:00')::timestamp_ntz",
        "select to_varchar(convert_timezone('UTC', current_timestamp()))",
        "create table t (a timestamp_tz)",
        "alter session set timestamp_type_mapping = timestamp_ltz",
        "select to_timestamp_ntz(1, 4)",
    ],
)
def test_what_would_need_an_offset_is_refused(account: Account, statement: str) -> None:
    """TIMESTAMP_TZ keeps its own offset on Snowflake and none here: refused, never wrong."""
    assert account.refused(statement) == (2, "0A000")


def test_defaults_and_views_of_an_earlier_start(restarted: Callable[[], LocalSnowflake]) -> None:
    """A default, and a view that shows times, are there after a restart, and read the session's."""
    with restarted() as server:
        account = Account(server, "S")
        account.run("create table t (i int, n timestamp_ntz default current_timestamp())")
        account.run("create view v as select i, n::varchar as text from t")
        account.connection.close()
    with restarted() as server:
        account = Account(server, "S", session_parameters={"TIMESTAMP_NTZ_OUTPUT_FORMAT": "YYYY"})
        account.run("insert into t (i) values (1)")
        [(text, near)] = account.run(
            "select text, abs(datediff(minute, n, current_timestamp()::timestamp_ntz)) < 2"
            " from t join v using (i)"
        )
        assert (len(text), near) == (4, True)
        account.connection.close()


def test_a_failed_transaction_is_rolled_back_in_another_zone(account: Account) -> None:
    """A zone that is set in a transaction that has failed does not keep it from its end."""
    account.run("create table t (i int)")
    account.run("begin transaction")
    account.run("insert into t values (1)")
    with pytest.raises(DatabaseError):
        account.run("insert into t select 'x'::int")
    _zone(account, "Asia/Tokyo")
    account.run("rollback")
    assert account.run("select count(*), '2024-01-01'::timestamp_ltz::varchar from t") == [
        (0, "2024-01-01 00:00:00.000 +0900")
    ]

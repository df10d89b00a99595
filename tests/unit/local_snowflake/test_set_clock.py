"""The clock that tests may set: an hour that repeats, for sessions, defaults and procedures."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

import pytest

from local_snowflake.server import LocalSnowflake
from tests.unit.local_snowflake.account import Account

UTC = datetime.UTC
SEEN = """def run(session):
    return [text for text in session.sql("select current_timestamp()::timestamp_ntz::varchar,"
        " sysdate()::varchar, current_date()::varchar").collect()[0]]
"""
SetClock = Callable[[str], None]


@pytest.fixture
def set_clock(server: LocalSnowflake) -> Iterator[SetClock]:
    """Give a way to set the clock, which is the real one again afterwards."""

    def set_to(text: str) -> None:
        wanted = datetime.datetime.fromisoformat(text)
        server.account.clock_offset = wanted - datetime.datetime.now(UTC)

    yield set_to
    server.account.clock_offset = None


def test_an_hour_that_repeats_in_autumn(account: Account, set_clock: SetClock) -> None:
    """An hour later it is the same wall clock in New York, and another instant."""
    account.run("alter session set timezone = 'America/New_York'")
    account.run("create table t (l timestamp_ltz, n timestamp_ntz default current_timestamp())")
    for instant in ("2024-11-03T05:30:00Z", "2024-11-03T06:30:00Z"):
        set_clock(instant)
        account.run("insert into t (l) select current_timestamp()")
    rows = account.run(
        "select to_varchar(l, 'HH24:MI TZHTZM'), to_varchar(n, 'HH24:MI') from t order by l"
    )
    assert rows == [("01:30 -0400", "01:30"), ("01:30 -0500", "01:30")]
    instants = [row[0] for row in account.run("select l from t order by l")]
    assert round((instants[1] - instants[0]) / datetime.timedelta(minutes=1)) == 60


def test_every_function_of_the_time_follows_the_clock(
    account: Account, set_clock: SetClock
) -> None:
    """CURRENT_TIMESTAMP and its like, in a statement, a view, a procedure and an argument."""
    account.run("alter session set timezone = 'America/New_York'")
    account.run("create view v as select current_timestamp()::timestamp_ntz as seen")
    account.procedure("p", SEEN, returns="array")
    account.procedure("echo", "def run(session, a):\n    return a", "a varchar", "varchar")
    query = """select to_varchar(current_timestamp()::timestamp_ntz, 'YYYY-MM-DD HH24:MI'),
        to_varchar(sysdate(), 'YYYY-MM-DD HH24:MI'), current_date(), current_time()::varchar,
        to_varchar(dateadd(hour, 1, current_timestamp())::timestamp_ntz, 'YYYY-MM-DD HH24:MI')"""
    real = account.value("select sysdate()")
    set_clock("2024-11-03T03:30:00Z")
    [(wall, utc, day, time, later)] = account.run(query)
    assert (wall, utc) == ("2024-11-02 23:30", "2024-11-03 03:30")
    assert (day, time[:5]) == (datetime.date(2024, 11, 2), "23:30")
    assert later == "2024-11-03 00:30"
    assert account.value("select to_varchar(seen, 'YYYY-MM-DD HH24:MI') from v") == wall
    seen = account.value("call p()")
    assert "2024-11-02 23:30" in seen
    assert "2024-11-03 03:30" in seen
    assert account.value("call echo(sysdate()::varchar)").startswith(utc)
    account.server.account.clock_offset = None
    assert account.value("select sysdate()") - real < datetime.timedelta(minutes=1)
    assert account.value("select year(seen) from v") == real.year


def test_a_clock_that_is_not_set_costs_nothing(account: Account) -> None:
    """The words of a statement have no macro of the clock until it is set."""
    words = account.in_duckdbs_words("select current_timestamp(), sysdate()")
    assert "LOCAL_NOW" not in words.upper()

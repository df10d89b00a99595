"""Times, durations, counts and rates as people read them, and the bars of a window."""

from __future__ import annotations

import datetime
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.axes import TICK_SECONDS, count_levels, time_ticks
from report.buckets import BARS, BUCKET_SECONDS, OUTCOMES, bucket_seconds, fill_buckets, rate
from report.words import (
    bucket_text,
    count_text,
    duration_text,
    number_text,
    percent_text,
    time_text,
    window_text,
)

UNITS = r"(\d+ ms|\d+(\.\d+)? s|\d+ min \d+ s|\d+ h \d+ min|\d+ d \d+ h)"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),  # noqa: RUF001 - the dash of an empty cell
        (0, "0 ms"),
        (0.42, "420 ms"),
        (0.9996, "1 s"),
        (3.25, "3.25 s"),
        (12.5, "12.5 s"),
        (59.96, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3599.7, "1 h 0 min"),
        (7500, "2 h 5 min"),
        (86399, "1 d 0 h"),
        (273600, "3 d 4 h"),
    ],
)
def test_a_duration_has_its_unit(seconds: float | None, text: str) -> None:
    """A duration has a unit that suits it, and rounding may carry into the next unit."""
    assert duration_text(seconds) == text


@given(st.floats(min_value=0, max_value=1e9))
def test_no_duration_has_sixty_of_a_unit(seconds: float) -> None:
    """Rounding never gives 1000 ms, 60 s, 60 min or 24 h."""
    text = duration_text(seconds)
    assert re.fullmatch(UNITS, text)
    assert not re.search(r"\b(1000 ms|60(\.0)? s|60 min|24 h)", text)


@pytest.mark.parametrize("hours", [-8, 0, 5.5])
def test_a_time_is_written_in_utc(hours: float) -> None:
    """In any time zone of the session, the text is in UTC and says so."""
    zone = datetime.timezone(datetime.timedelta(hours=hours))
    moment = datetime.datetime(2026, 11, 24, 22, 13, 5, 123999, datetime.UTC)
    assert time_text(moment.astimezone(zone)) == "2026-11-24 22:13:05 UTC"
    assert time_text(moment.astimezone(zone), precise=True) == "2026-11-24 22:13:05.123 UTC"
    assert time_text(moment.astimezone(zone), zone=False) == "2026-11-24 22:13:05"


def test_a_time_without_zone_counts_as_utc_and_none_is_a_dash() -> None:
    """A time without a zone is read as UTC, and a missing time is a dash."""
    assert time_text(datetime.datetime(2026, 1, 2, 3, 4, 5)) == "2026-01-02 03:04:05 UTC"
    assert time_text(None) == number_text(None) == percent_text(None)


def test_counts_and_rates() -> None:
    """Counts have separators and the right plural; rates have two decimals at most."""
    assert number_text(1234567) == "1,234,567"
    assert [count_text(n, "poll") for n in (0, 1, 2000)] == ["0 polls", "1 poll", "2,000 polls"]
    assert [percent_text(rate(*of)) for of in ((1, 3), (1, 2), (0, 5))] == ["33.33%", "50%", "0%"]
    assert rate(0, 0) is None


@pytest.mark.parametrize(
    ("days", "text"), [(1, "1 hour"), (7, "6 hours"), (30, "1 day"), (200, "7 days")]
)
def test_the_width_of_a_bar_follows_the_window(days: int, text: str) -> None:
    """The bars of a day are hours, of a week quarters of a day, of a month days."""
    assert bucket_text(bucket_seconds(days)) == text


@given(st.integers(min_value=1, max_value=3650))
def test_a_window_has_a_bounded_number_of_bars(days: int) -> None:
    """A window of any length has at most BARS bars, and one more that it cuts."""
    width = bucket_seconds(days)
    assert width in BUCKET_SECONDS
    until = 1_795_000_000
    assert len(fill_buckets([], width, until - days * 86400, until)) <= BARS + 1


def test_windows_are_named() -> None:
    """A window of one day is named 24 hours, a longer one by its days."""
    assert [window_text(days) for days in (1, 7)] == ["24 hours", "7 days"]


@given(
    st.lists(
        st.tuples(
            st.integers(min_value=0, max_value=86399),
            st.sampled_from(OUTCOMES),
            st.integers(min_value=1, max_value=99),
        )
    )
)
def test_no_execution_is_lost_in_the_bars(started: list[tuple[int, str, int]]) -> None:
    """Every execution is counted once, under its outcome, and empty bars are there, too."""
    since, width = 1_795_003_200, 3600
    counted = [
        {"bucket": (since + at) // width, "outcome": outcome, "executions": count}
        for at, outcome, count in started
    ]
    buckets = fill_buckets(counted, width, since, since + 86400)
    assert len(buckets) == 24
    for outcome in OUTCOMES:
        wanted = sum(count for _, found, count in started if found == outcome)
        assert sum(bucket[outcome] for bucket in buckets) == wanted
    for bucket in buckets:
        assert bucket["end"] - bucket["start"] == width
        assert bucket["executions"] == sum(bucket[outcome] for outcome in OUTCOMES)
        assert bucket["success_rate"] == rate(bucket["completed"], bucket["executions"])


@given(st.integers(min_value=0, max_value=10**9))
def test_an_axis_of_counts_has_whole_numbers_up_to_the_most(most: int) -> None:
    """The labels of the axis are distinct and few, and reach the highest bar."""
    levels = count_levels(most)
    assert levels[0] == 0
    assert levels[-1] >= most
    assert 2 <= len(levels) <= 7
    assert len(set(levels)) == len(levels)


@given(st.integers(min_value=1, max_value=3650), st.integers(min_value=3, max_value=8))
def test_an_axis_of_time_has_few_labels(days: int, most: int) -> None:
    """Labels stand at whole hours within the axis, and are not more than wanted."""
    end = 1_795_003_200
    start = end - days * 86400
    step, places = time_ticks(start, end, most)
    assert all(start <= place <= end and place % 3600 == 0 for place in places)
    assert len(places) <= most or step == TICK_SECONDS[-1]

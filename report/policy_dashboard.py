"""Policy executions at a glance: a Streamlit in Snowflake app, in this one file.

It needs Python 3.11, streamlit (1.28 or newer), altair (5 or newer) and snowflake-snowpark-python,
and sends only SELECTs, to the views that `dbt build` makes. Where the SNOWFLAKE_* environment
variables of dbt's profile name a user it connects with them; elsewhere, as inside Snowflake, in a
warehouse or in a container, with the connection that Streamlit has. The HTML report takes its
queries, its charts and its words from here, so this file imports nothing else of the project.
"""

from __future__ import annotations

import datetime
import inspect
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypedDict

import altair as alt
import streamlit as st
from snowflake.snowpark import Session
from streamlit.errors import StreamlitAPIException

# Where the views are, as Snowflake spells it (POLICY_DB); None: the session's current ones.
DATABASE: str | None = None
SCHEMA: str | None = None

LISTED_EXECUTIONS = 50
LISTED_EVENTS = 60
MESSAGE_CHARACTERS = 600
# How long the app shows what it has read without reading it again.
KEPT_SECONDS = 60
WINDOWS = {"24 hours": 1, "7 days": 7, "30 days": 30}

OUTCOMES = ("completed", "failed", "cancelled", "open")
QUANTILES = ("p05", "p25", "p50", "p75", "p95", "longest")
LANES = {1: "create", 2: "poll", 3: "trigger"}
NOTHING = "–"  # noqa: RUF001 - the dash of an empty cell

Row = dict[str, Any]
Read = Callable[[str, Sequence[object]], list[Row]]
Chart = alt.Chart | alt.LayerChart | alt.FacetChart


class NotConnectedError(Exception):
    """There is nothing to read from; the text says what is missing."""


class ViewsMissingError(Exception):
    """The views cannot be read; the text says what makes them."""


# --- Words ----------------------------------------------------------------------------------------


def utc(moment: datetime.datetime) -> datetime.datetime:
    """The same instant in UTC; a moment without a time zone is taken as UTC."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=datetime.UTC)
    return moment.astimezone(datetime.UTC)


def time_text(moment: datetime.datetime | None, *, zone: bool = True, precise: bool = False) -> str:
    """Write an instant as people read it, in UTC.

    Args:
        moment: the instant, or None.
        zone: whether the time zone follows; leave it out only where a heading says it.
        precise: whether milliseconds are shown.

    """
    if moment is None:
        return NOTHING
    there = utc(moment)
    text = there.strftime("%Y-%m-%d %H:%M:%S")
    if precise:
        text += f".{there.microsecond // 1000:03d}"
    return f"{text} UTC" if zone else text


def duration_text(seconds: float | None) -> str:
    """Write a duration with its unit: 420 ms, 3.25 s, 12.5 s, 3 min 20 s, 2 h 5 min, 3 d 4 h."""
    if seconds is None:
        return NOTHING
    if seconds < 0.9995:
        return f"{round(seconds * 1000)} ms"
    if seconds < 59.95:
        return f"{_trimmed(seconds, 2 if seconds < 9.995 else 1)} s"
    whole = round(seconds)
    minutes = round(seconds / 60)
    hours = round(seconds / 3600)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{hours // 24} d {hours % 24} h"


def number_text(number: float | None) -> str:
    """Write a count with separators between thousands."""
    return NOTHING if number is None else f"{number:,.0f}"


def count_text(number: int, noun: str) -> str:
    """Write a count with its noun, which takes an s: 1 event, 2 events."""
    return f"{number_text(number)} {noun}{'' if number == 1 else 's'}"


def percent_text(percent: float | None) -> str:
    """Write a rate with at most two decimals."""
    return NOTHING if percent is None else f"{_trimmed(percent, 2)}%"


def _trimmed(number: float, decimals: int) -> str:
    text = f"{number:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rate(part: int, whole: int) -> float | None:
    """Part of the whole in percent, with two decimals; None of nothing."""
    return round(100 * part / whole, 2) if whole else None


def bucket_text(seconds: int) -> str:
    """Name a width of time: 1 hour, 6 hours, 7 days."""
    size, unit = (seconds // 86400, "day") if seconds >= 86400 else (seconds // 3600, "hour")
    return f"{size} {unit}" if size == 1 else f"{size} {unit}s"


def window_text(days: int) -> str:
    """Name a window: 24 hours, 7 days."""
    return "24 hours" if days == 1 else f"{days} days"


# --- What the views say ---------------------------------------------------------------------------

_OUTCOME = """case
        when is_cancelled then 'cancelled'
        when status = 'completed' then 'completed'
        when is_finished then 'failed'
        else 'open'
    end"""
_IN_WINDOW = """date_part(epoch_second, {0}) >= ?
    and date_part(epoch_second, {0}) < ?"""
# lease_expires_at is written with SYSDATE(), in UTC.
_LEFT_BEHIND = """not is_finished
        and coalesce(lease_expires_at <= sysdate(), true)"""
_PLACE = """
select
    current_database() as database_name,
    current_schema() as schema_name,
    current_timestamp() as made_at
"""
_EVER = f"""
select
    count(*) as ever,
    max(started_at) as latest_started_at,
    count_if(not is_finished and date_part(epoch_second, started_at) < ?) as open_before,
    count_if({_LEFT_BEHIND}) as left_behind
from {{executions}}
"""  # noqa: S608 - made of constants
_BUCKETS = f"""
select
    floor(date_part(epoch_second, started_at) / ?) as bucket,
    {_OUTCOME} as outcome,
    count(*) as executions
from {{executions}}
where
    {_IN_WINDOW.format("started_at")}
group by
    1,
    2
"""  # noqa: S608 - made of constants
_DURATIONS = f"""
select
    percentile_cont(0.5) within group (order by duration_seconds) as p50_seconds,
    percentile_cont(0.95) within group (order by duration_seconds) as p95_seconds
from {{executions}}
where
    {_IN_WINDOW.format("started_at")}
    and status = 'completed'
"""  # noqa: S608 - made of constants
_CAUSES = f"""
select
    coalesce(error_cause, 'unclassified') as cause,
    count(*) over (partition by coalesce(error_cause, 'unclassified')) as failures,
    execution_id,
    left(coalesce(error_message, message), {MESSAGE_CHARACTERS + 1}) as example
from {{executions}}
where
    {_IN_WINDOW.format("started_at")}
    and {_OUTCOME} = 'failed'
qualify row_number() over (
    partition by coalesce(error_cause, 'unclassified')
    order by
        last_event_at desc,
        execution_id
) = 1
order by
    failures desc,
    cause
"""  # noqa: S608 - made of constants
_QUANTILES = """percentile_cont(0.05) within group (order by {0}) as p05,
    percentile_cont(0.25) within group (order by {0}) as p25,
    percentile_cont(0.5) within group (order by {0}) as p50,
    percentile_cont(0.75) within group (order by {0}) as p75,
    percentile_cont(0.95) within group (order by {0}) as p95,
    max({0}) as longest,
    count({0}) as measured"""
_STEPS = f"""
select
    step,
    step_name as label,
    count(*) as begun,
    count_if(result = 'succeeded') as succeeded,
    count_if(result = 'failed') as failed,
    count_if(result = 'open') as still_open,
    {_QUANTILES.format("case when result <> 'open' then active_seconds end")}
from {{steps}}
where
    {_IN_WINDOW.format("started_at")}
group by
    step,
    step_name
order by step
"""  # noqa: S608 - made of constants
_REQUESTS = f"""
select
    endpoint as label,
    count(*) as calls,
    sum(requests_sent) as requests_sent,
    count_if(http_status between 200 and 299) as accepted,
    count_if(http_status not between 200 and 299) as refused,
    count_if(http_status is null) as unanswered,
    {_QUANTILES.format("duration_ms / 1000")}
from {{requests}}
where
    {_IN_WINDOW.format("requested_at")}
group by endpoint
order by min(step)
"""  # noqa: S608 - made of constants
_RECENT = f"""
select
    execution_id,
    {_OUTCOME} as outcome,
    {_LEFT_BEHIND} as is_left_behind,
    status,
    policy_id,
    left(policy_name, 201) as policy_name,
    left(policy_type, 201) as policy_type,
    started_at,
    finished_at,
    last_event_at,
    duration_seconds,
    total_polls,
    requests_sent,
    runs,
    failed_step,
    error_cause,
    left(coalesce(error_message, message), {MESSAGE_CHARACTERS + 1}) as message
from {{executions}}
where
    not is_finished
    or {_IN_WINDOW.format("started_at")}
order by
    is_finished,
    started_at desc,
    execution_id
limit {LISTED_EXECUTIONS}
"""  # noqa: S608 - made of constants
_STEPS_OF = """
select
    execution_id,
    step,
    started_at,
    ended_at,
    result
from {steps}
where execution_id in ({marks})
order by
    execution_id,
    step
"""
_EVENTS_OF = f"""
select
    execution_id,
    event,
    step,
    attempt,
    status_after,
    http_method,
    http_status,
    requests_sent,
    duration_ms,
    left(message, {MESSAGE_CHARACTERS + 1}) as message,
    event_time,
    active_seconds,
    count(*) over (partition by execution_id) as events
from {{history}}
where execution_id in ({{marks}})
qualify row_number() over (
    partition by execution_id
    order by
        sequence desc,
        event_id
) <= {LISTED_EVENTS}
order by
    execution_id,
    sequence,
    event_id
"""  # noqa: S608 - made of constants

# Widths of the bars over time; the first that needs at most BARS of them is taken.
BUCKET_SECONDS = tuple(hours * 3600 for hours in (1, 2, 6, 12, 24, 48, 168, 672, 2184, 8736))
BARS = 30
TICK_SECONDS = tuple(
    hours * 3600 for hours in (1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 672, 2184, 8736)
)


class Overview(TypedDict):
    """What the views say about one window; every number of it is there once."""

    place: str
    made_at: datetime.datetime
    since: datetime.datetime
    days: int
    bucket_seconds: int
    buckets: list[Row]
    figures: Row
    causes: list[Row]
    steps: list[Row]
    requests: list[Row]
    recent: list[Row]


class Story(TypedDict):
    """One execution's steps and events; `event_count` counts those that were left out as well."""

    steps: list[Row]
    events: list[Row]
    event_count: int


def bucket_seconds(days: int) -> int:
    """Choose the width of the bars over a window of so many days."""
    wanted = days * 86400 / BARS
    return next((width for width in BUCKET_SECONDS if width >= wanted), BUCKET_SECONDS[-1])


def fill_buckets(counted: Iterable[Row], width: int, since: int, until: int) -> list[Row]:
    """Lay counts out over the whole window, the empty buckets included.

    Args:
        counted: rows of bucket (its number since 1970), outcome and executions.
        width: seconds of a bucket.
        since: where the window begins, in seconds since 1970.
        until: where it ends, itself not included.

    """
    numbers = range(since // width, (until - 1) // width + 1)
    buckets: dict[int, Row] = {
        number: {"start": number * width, "end": (number + 1) * width} | dict.fromkeys(OUTCOMES, 0)
        for number in numbers
    }
    for row in counted:
        buckets[int(row["bucket"])][row["outcome"]] += row["executions"]
    for bucket in buckets.values():
        bucket["executions"] = sum(bucket[outcome] for outcome in OUTCOMES)
        bucket["success_rate"] = rate(bucket["completed"], bucket["executions"])
    return list(buckets.values())


def read_overview(read: Read, days: int) -> Overview:
    """Read everything about the executions that started in the last so many days.

    Args:
        read: sends a statement with its bound values and gives the rows.
        days: how far the window reaches back from the database's present.

    Raises:
        ViewsMissingError: the views are not there, or the role may not read them.

    """
    place, made_at = _place(read)
    until = math.floor(utc(made_at).timestamp()) + 1
    since = until - 1 - days * 86400
    window = (since, until)
    width = bucket_seconds(days)

    def rows(sql: str, *bound: object) -> list[Row]:
        return _rows(read, sql.format(**_names(place)), bound)

    ever = rows(_EVER, since)[0]
    buckets = fill_buckets(rows(_BUCKETS, width, *window), width, since, until)
    counts = {outcome: sum(bucket[outcome] for bucket in buckets) for outcome in OUTCOMES}
    executions = sum(counts.values())
    return {
        "place": place,
        "made_at": made_at,
        "since": datetime.datetime.fromtimestamp(since, datetime.UTC),
        "days": days,
        "bucket_seconds": width,
        "buckets": buckets,
        "figures": {
            **ever,
            **counts,
            **rows(_DURATIONS, *window)[0],
            "executions": executions,
            "success_rate": rate(counts["completed"], executions),
        },
        "causes": rows(_CAUSES, *window),
        "steps": rows(_STEPS, *window),
        "requests": rows(_REQUESTS, *window),
        "recent": rows(_RECENT, *window),
    }


def read_stories(read: Read, place: str, execution_ids: Sequence[str]) -> dict[str, Story]:
    """Read the steps and the latest events of these executions.

    Args:
        read: sends a statement with its bound values and gives the rows.
        place: the `place` of an overview.
        execution_ids: whose; one that has no event has an empty story.

    Raises:
        ViewsMissingError: the views are not there, or the role may not read them.

    """
    stories: dict[str, Story] = {
        found: {"steps": [], "events": [], "event_count": 0} for found in execution_ids
    }
    if not execution_ids:
        return stories
    names = _names(place) | {"marks": ", ".join("?" * len(execution_ids))}
    for row in _rows(read, _STEPS_OF.format(**names), execution_ids):
        stories[row["execution_id"]]["steps"].append(row)
    for row in _rows(read, _EVENTS_OF.format(**names), execution_ids):
        story = stories[row["execution_id"]]
        story["events"].append(row)
        story["event_count"] = row["events"]
    return stories


def _place(read: Read) -> tuple[str, datetime.datetime]:
    row = _rows(read, _PLACE, ())[0]
    names = (DATABASE or row["database_name"], SCHEMA or row["schema_name"])
    if not all(names):
        raise ViewsMissingError(
            "the session has no database or no schema: set SNOWFLAKE_DATABASE and SNOWFLAKE_SCHEMA"
        )
    return ".".join('"' + name.replace('"', '""') + '"' for name in names), row["made_at"]


def _names(place: str) -> dict[str, str]:
    return {
        "executions": f"{place}.policy_executions",
        "steps": f"{place}.policy_execution_steps",
        "requests": f"{place}.policy_api_requests",
        "history": f"{place}.policy_execution_history",
    }


def _rows(read: Read, sql: str, bound: Sequence[object]) -> list[Row]:
    try:
        found = read(sql.strip(), bound)
    except Exception as error:
        if "does not exist or not authorized" not in str(error):
            raise
        raise ViewsMissingError(
            "the views are not there, or this role may not read them; `dbt build` makes them"
            f" ({str(error).strip().splitlines()[-1]})"
        ) from error
    return [{name.lower(): _plain(value) for name, value in row.items()} for row in found]


def _plain(value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


# --- Charts ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Palette:
    """Colours of the charts: hexadecimal ones, or whatever an SVG takes as a paint.

    `fills` and `strokes` have an entry for each outcome, so that an outcome can be told by its
    filling and not by its colour alone.
    """

    fills: Mapping[str, str]
    strokes: Mapping[str, str]
    accent: str
    pale: str
    text: str


# Each stands out, three to one, on Streamlit's light page and on its dark one.
_COLOURS = {"completed": "#2f7fc1", "failed": "#d9480f", "cancelled": "#7c858f", "open": "#7c858f"}
ON_SCREEN = Palette(
    fills={**_COLOURS, "cancelled": "rgba(124, 133, 143, 0.4)", "open": "transparent"},
    strokes=_COLOURS,
    accent="#5b8296",
    pale="rgba(91, 130, 150, 0.3)",
    text="#7c858f",
)
_SECONDS_LABEL = (
    "datum.value < 1 ? format(datum.value * 1000, ',~g') + ' ms'"
    " : format(datum.value, ',~g') + ' s'"
)
# Of one distribution: two lines of text, and what is drawn.
ROW_HEIGHT = 66
# Axis labels of charts that stand above each other begin at the same place.
_EDGE = 36


def executions_chart(buckets: Sequence[Row], palette: Palette, ticks: int = 8) -> Chart:
    """Draw executions over time, stacked by outcome.

    Args:
        buckets: of an overview.
        palette: the colours.
        ticks: how many labels the time axis has at most.

    """
    rows = []
    for bucket in buckets:
        top = 0
        gap = 0.1 * (bucket["end"] - bucket["start"])
        for outcome in OUTCOMES:
            count = bucket[outcome]
            if count:
                rows.append(
                    {
                        "outcome": outcome,
                        "executions": count,
                        "from": top,
                        "to": top + count,
                        "start": 1000 * (bucket["start"] + gap),
                        "end": 1000 * (bucket["end"] - gap),
                        "period": _period(bucket),
                    }
                )
            top += count
    levels = count_levels(max((bucket["executions"] for bucket in buckets), default=0))
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_rect(strokeWidth=1)
        .encode(
            x=_time_axis(buckets, "start", ticks),
            x2="end:Q",
            y=alt.Y(
                "from:Q",
                scale=alt.Scale(domain=[0, levels[-1]], nice=False),
                axis=alt.Axis(title=None, values=levels, format=",d", minExtent=_EDGE),
            ),
            y2="to:Q",
            fill=alt.Fill(
                "outcome:N",
                scale=_outcome_scale(palette.fills),
                legend=alt.Legend(title=None, orient="top", columns=4),
            ),
            stroke=alt.Stroke("outcome:N", scale=_outcome_scale(palette.strokes)),
            tooltip=[
                alt.Tooltip("period:N", title="started"),
                alt.Tooltip("outcome:N"),
                alt.Tooltip("executions:Q"),
            ],
        )
    )
    return chart


def count_levels(most: int) -> list[int]:
    """Choose whole numbers for an axis of counts, from nothing to at least the most."""
    exact = max(most, 1) / 5
    power = 10 ** math.floor(math.log10(exact)) if exact > 1 else 1
    step = next(power * size for size in (1, 2, 5, 10) if power * size >= exact)
    return list(range(0, max(most, 1) + step, step))


def success_rate_chart(buckets: Sequence[Row], palette: Palette, ticks: int = 8) -> Chart:
    """Draw the success rate over time; where nothing started, there is no point.

    Args:
        buckets: of an overview.
        palette: the colours.
        ticks: how many labels the time axis has at most.

    """
    rows = [
        {
            "time": 500 * (bucket["start"] + bucket["end"]),
            "rate": bucket["success_rate"],
            "period": _period(bucket),
            "told": f"{bucket['completed']} of {bucket['executions']}",
        }
        for bucket in buckets
    ]
    points = alt.Chart(alt.InlineData(values=rows)).encode(
        x=_time_axis(buckets, "time", ticks),
        y=alt.Y(
            "rate:Q",
            scale=alt.Scale(domain=[0, 100]),
            axis=alt.Axis(
                title=None,
                values=[0, 25, 50, 75, 100],
                labelExpr="datum.value + '%'",
                minExtent=_EDGE,
            ),
        ),
    )
    dots = points.mark_point(
        filled=True, size=40, color=palette.strokes["completed"], opacity=1, invalid="filter"
    ).encode(
        tooltip=[
            alt.Tooltip("period:N", title="started"),
            alt.Tooltip("rate:Q", title="success rate in %"),
            alt.Tooltip("told:N", title="completed"),
        ]
    )
    return alt.layer(points.mark_line(color=palette.strokes["completed"], strokeWidth=2), dots)


def _period(bucket: Row) -> str:
    start, end = (
        datetime.datetime.fromtimestamp(bucket[edge], datetime.UTC) for edge in ("start", "end")
    )
    return f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"


def _time_axis(buckets: Sequence[Row], field: str, ticks: int) -> alt.X:
    """Lay milliseconds since 1970 out as time, by hand: Vega-Lite's releases differ there."""
    start, end = (buckets[0]["start"], buckets[-1]["end"]) if buckets else (0, 1)
    step, places = time_ticks(start, end, ticks)
    day = "'%b %Y'" if step >= 28 * 86400 else "'%-d %b'"
    label = f"utcFormat(datum.value, {day})"
    if step < 86400:
        label = f"datum.value % 86400000 ? utcFormat(datum.value, '%H:%M') : {label}"
    return alt.X(
        f"{field}:Q",
        scale=alt.Scale(domain=[1000 * start, 1000 * end], nice=False, zero=False),
        axis=alt.Axis(
            title=None,
            values=[1000 * place for place in places],
            labelExpr=label,
            labelFlush=False,
            grid=False,
        ),
    )


def time_ticks(start: int, end: int, most: int) -> tuple[int, list[int]]:
    """Choose where a time axis is labelled: whole hours or days in UTC.

    Args:
        start: where the axis begins, in seconds since 1970.
        end: where it ends.
        most: how many labels there may be.

    Returns:
        The seconds between two labels, and where the labels are.

    """
    for step in TICK_SECONDS:
        places = list(range(-(-start // step) * step, end + 1, step))
        if len(places) <= most or step == TICK_SECONDS[-1]:
            break
    return step, places


def _outcome_scale(colours: Mapping[str, str]) -> alt.Scale:
    return alt.Scale(domain=list(OUTCOMES), range=[colours[outcome] for outcome in OUTCOMES])


def has_durations(rows: Iterable[Row]) -> list[Row]:
    """Keep those rows of steps or requests that have a distribution to draw."""
    return [row for row in rows if row["p50"] is not None]


def distributions_chart(rows: Sequence[Row], palette: Palette) -> Chart:
    """Draw distributions of durations above each other, on one logarithmic scale.

    Args:
        rows: `label` and quantiles in seconds, from `p05` to `longest`; at least one row.
        palette: the colours.

    """
    drawn = [
        # A logarithm needs something above zero, and the views count milliseconds.
        {name: max(row[name], 0.001) for name in QUANTILES}
        | {
            "label": row["label"],
            "told": f"{row['label']}\np50 {duration_text(row['p50'])},"
            f" p95 {duration_text(row['p95'])}",
        }
        for row in rows
    ]
    low = math.floor(math.log10(min(row["p05"] for row in drawn)) + 1e-9)
    high = max(math.ceil(math.log10(max(row["longest"] for row in drawn)) - 1e-9), low + 1)
    edges = [10.0**low, 10.0**high]
    base = alt.Chart(alt.InlineData(values=drawn)).encode(
        y=alt.Y("label:N", sort=None, axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0)),
        tooltip=[alt.Tooltip("label:N", title=" ")]
        + [alt.Tooltip(f"{name}:Q", title=f"{name} (s)") for name in QUANTILES],
    )

    def across(name: str) -> alt.X:
        return alt.X(
            f"{name}:Q",
            scale=alt.Scale(type="log", domain=edges, nice=False),
            axis=alt.Axis(
                title=None,
                values=[10.0**power for power in range(low, high + 1)],
                labelExpr=_SECONDS_LABEL,
                labelFlush=True,
            ),
        )

    accent, below = palette.accent, 18
    return alt.layer(
        base.mark_rule(color=accent, strokeWidth=2, yOffset=below).encode(
            x=across("p05"), x2="p95:Q"
        ),
        base.mark_bar(
            fill=palette.pale, stroke=accent, strokeWidth=1.5, height=14, yOffset=below
        ).encode(x=across("p25"), x2="p75:Q"),
        base.mark_tick(color=accent, thickness=4, size=22, yOffset=below, opacity=1).encode(
            x=across("p50")
        ),
        base.mark_point(
            stroke=accent, size=36, strokeWidth=1.5, yOffset=below, filled=False, opacity=1
        ).encode(x=across("longest")),
        base.mark_text(
            align="left", baseline="top", dy=-29, fontSize=12, lineBreak="\n", color=palette.text
        ).encode(x=alt.value(0), text="told:N"),
    )


def causes_chart(causes: Sequence[Row], palette: Palette) -> Chart:
    """Draw how many executions failed for which cause.

    Args:
        causes: of an overview.
        palette: the colours.

    """
    rows = [{"cause": row["cause"], "failures": row["failures"]} for row in causes]
    most = max(row["failures"] for row in rows)
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y(
            "cause:N",
            sort=None,
            axis=alt.Axis(
                title=None,
                ticks=False,
                domain=False,
                labelLimit=190,
                # As wide as the texts are in a wide font.
                minExtent=min(190, 7.4 * max(len(row["cause"]) for row in rows)),
            ),
        ),
        x=alt.X(
            "failures:Q",
            axis=None,
            # Room for the number behind the longest bar.
            scale=alt.Scale(domain=[0, most * 1.15], nice=False),
        ),
        tooltip=[alt.Tooltip("cause:N"), alt.Tooltip("failures:Q")],
    )
    return alt.layer(
        base.mark_bar(color=palette.strokes["failed"], height=14),
        base.mark_text(align="left", dx=5, fontSize=12, color=palette.text).encode(
            text=alt.Text("failures:Q", format=",d")
        ),
    )


class Timeline(TypedDict):
    """What is drawn of one execution, in units since its start."""

    unit: str
    span: float
    bars: list[Row]
    polls: list[Row]
    failures: list[Row]
    runs: list[Row]


def timeline(execution: Row, story: Story, now: datetime.datetime) -> Timeline | None:
    """Lay one execution out along time; None when it has no step to show.

    Args:
        execution: one of an overview's recent executions.
        story: its story.
        now: until when an open step is drawn that a run is driving.

    """
    events = [event for event in story["events"] if event["step"] in LANES]
    steps = [step for step in story["steps"] if step["step"] in LANES]
    if not steps:
        return None
    driven = execution["outcome"] == "open" and not execution["is_left_behind"]
    starts = [utc(step["started_at"]) for step in steps]
    ends = [utc(step["ended_at"]) for step in steps]
    origin = min([utc(execution["started_at"]), *starts])
    last = max([utc(execution["last_event_at"]), *ends, *([utc(now)] if driven else [])])
    whole = max((last - origin).total_seconds(), 0.001)
    seconds, unit = next(
        (size, name)
        for size, name, least in (
            (86400, "days", 2 * 86400),
            (3600, "hours", 2 * 3600),
            (60, "minutes", 120),
            (1, "seconds", 1),
            (0.001, "milliseconds", 0),
        )
        if whole >= least
    )

    def at(moment: datetime.datetime, back: float = 0) -> float:
        return round(max((utc(moment) - origin).total_seconds() - back, 0) / seconds, 4)

    def mark(event: Row) -> Row:
        return {"lane": LANES[event["step"]], "at": at(event["event_time"]), "what": event["event"]}

    return {
        "unit": unit,
        "span": round(whole / seconds, 4),
        "bars": [
            {
                "kind": "step",
                "lane": LANES[step["step"]],
                "start": at(step["started_at"]),
                "end": at(last if driven and step["result"] == "open" else step["ended_at"]),
            }
            for step in steps
        ]
        + [
            {
                "kind": "work",
                "lane": LANES[event["step"]],
                "start": at(event["event_time"], event["active_seconds"]),
                "end": at(event["event_time"]),
            }
            for event in events
            if event["active_seconds"] is not None and event["event"] != "superseded"
        ],
        "polls": [mark(event) for event in events if event["event"] == "poll_policy_status"],
        "failures": [mark(event) for event in events if event["status_after"] == "error"],
        "runs": [
            {"at": at(event["event_time"])}
            for event in story["events"]
            if event["event"] == "resumed"
        ],
    }


def timeline_chart(laid_out: Timeline, palette: Palette, ticks: int = 8) -> Chart:
    """Draw one execution: its steps as bars along time, its polls as ticks.

    Args:
        laid_out: what `timeline` gave.
        palette: the colours.
        ticks: how many labels the time axis has at most.

    """

    def base(rows: Sequence[Row]) -> alt.Chart:
        return alt.Chart(alt.InlineData(values=list(rows)))

    lane = alt.Y(
        "lane:N",
        scale=alt.Scale(domain=list(LANES.values()), paddingInner=0.1, paddingOuter=0.1),
        axis=alt.Axis(title=None, ticks=False, domain=False, minExtent=50),
    )

    def across(field: str) -> alt.X:
        return alt.X(
            f"{field}:Q",
            # Room for the mark of a failure at the end.
            scale=alt.Scale(domain=[0, laid_out["span"] * 1.03], nice=False),
            axis=alt.Axis(
                title=None,
                tickCount=ticks,
                grid=False,
                labelFlush=False,
                labelExpr=f"format(datum.value, ',~g') + ' {_SHORT_UNITS[laid_out['unit']]}'",
            ),
        )

    steps, work = (
        [bar for bar in laid_out["bars"] if bar["kind"] == kind] for kind in ("step", "work")
    )
    runs, polls, failures = laid_out["runs"], laid_out["polls"], laid_out["failures"]
    accent, text = palette.accent, palette.text
    layers = [
        (
            steps,
            base(steps)
            .mark_bar(fill=palette.pale, stroke=accent, strokeWidth=1, height=12)
            .encode(x=across("start"), x2="end:Q", y=lane),
        ),
        (
            work,
            base(work)
            .mark_bar(fill=accent, stroke=accent, strokeWidth=1, height=12)
            .encode(x=across("start"), x2="end:Q", y=lane),
        ),
        (runs, base(runs).mark_rule(color=text, strokeDash=[3, 3]).encode(x=across("at"))),
        (
            polls,
            base(polls)
            .mark_tick(color=text, thickness=2, size=20, opacity=1)
            .encode(x=across("at"), y=lane),
        ),
        (
            failures,
            base(failures)
            .mark_point(
                shape="M-1,-1L1,1M-1,1L1,-1",
                stroke=palette.strokes["failed"],
                strokeWidth=2.5,
                size=70,
                xOffset=8,
                opacity=1,
            )
            .encode(x=across("at"), y=lane),
        ),
    ]
    return alt.layer(*(layer for rows, layer in layers if rows))


_SHORT_UNITS = {
    "days": "d",
    "hours": "h",
    "minutes": "min",
    "seconds": "s",
    "milliseconds": "ms",
}


# --- Sentences ------------------------------------------------------------------------------------

DISTRIBUTION_KEY = (
    "Bar: the middle half; thick mark: the median; line: 5th to 95th percentile; ring: the longest."
    " The scale is logarithmic."
)
TIMELINE_KEY = (
    "Solid: a run is at work; outlined: the step is open; ticks: polls; cross: a failure;"
    " dashed line: a run took it up again. Time since the start."
)


def place_text(place: str) -> str:
    """Name the database and schema of an overview without the quotes of SQL."""
    return place.replace('"', "")


def window_told(overview: Overview) -> str:
    """Say which window an overview covers, of which views, and when it was read."""
    return (
        f"{place_text(overview['place'])}: executions that started in the last"
        f" {window_text(overview['days'])}, {time_text(overview['since'], zone=False)} to"
        f" {time_text(overview['made_at'])}"
    )


def nothing_told(figures: Row, days: int) -> str:
    """Say why there is nothing to show in the window."""
    if not figures["ever"]:
        return "No executions yet: `dbt run-operation run_policy_workflow` makes the first."
    return (
        f"No executions started in the last {window_text(days)}; the latest one started"
        f" {time_text(figures['latest_started_at'])}."
    )


def open_told(figures: Row) -> list[str]:
    """Say what deserves a look among the open executions."""
    told = []
    if figures["left_behind"]:
        told.append(
            f"Open without a lease owner: {number_text(figures['left_behind'])}."
            " `dbt run-operation retry_policy_workflow` takes them up."
        )
    if figures["open_before"]:
        told.append(
            f"Open since before this window: {number_text(figures['open_before'])}."
            " They are listed below, and not counted in the figures."
        )
    return told


def headline(figures: Row) -> list[tuple[str, str, str]]:
    """The figures that come first: name, value, and what it means."""
    counts = [
        ("Executions", number_text(figures["executions"]), "started in the window"),
        ("Completed", number_text(figures["completed"]), "circuit breaker confirmed"),
        ("Failed", number_text(figures["failed"]), "ended in error"),
        ("Cancelled", number_text(figures["cancelled"]), "ended by hand"),
        ("Open", number_text(figures["open"]), "not finished"),
        ("Success rate", percent_text(figures["success_rate"]), "completed of all that started"),
    ]
    return counts + [
        (f"Duration p{part}", duration_text(figures[f"p{part}_seconds"]), "of completed ones")
        for part in (50, 95)
    ]


def execution_told(execution: Row) -> str:
    """Name an execution's outcome, and where it stands when it is open."""
    if execution["outcome"] == "open":
        held = "left behind" if execution["is_left_behind"] else "running"
        return f"open, {held} at {execution['status']}"
    if execution["outcome"] == "failed" and execution["failed_step"]:
        return f"failed at step {execution['failed_step']}"
    return str(execution["outcome"])


def request_told(event: Row) -> str:
    """Say which request an event is about, and what came back."""
    if not event["http_method"]:
        return ""
    status = event["http_status"] or "no answer"
    tries = f", {event['requests_sent']} requests" if (event["requests_sent"] or 0) > 1 else ""
    return f"{event['http_method']} {status}{tries}, {duration_text(_seconds(event))}"


def _seconds(event: Row) -> float | None:
    return None if event["duration_ms"] is None else event["duration_ms"] / 1000


# --- The connection -------------------------------------------------------------------------------

_VARIABLES = {
    "account": "SNOWFLAKE_ACCOUNT",
    "user": "SNOWFLAKE_USER",
    "password": "SNOWFLAKE_PASSWORD",
    "private_key_file": "SNOWFLAKE_PRIVATE_KEY_PATH",
    "private_key_file_pwd": "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE",
    "authenticator": "SNOWFLAKE_AUTHENTICATOR",
    "token": "SNOWFLAKE_TOKEN",
    "host": "SNOWFLAKE_HOST",
    "port": "SNOWFLAKE_PORT",
    "protocol": "SNOWFLAKE_PROTOCOL",
    "database": "SNOWFLAKE_DATABASE",
    "schema": "SNOWFLAKE_SCHEMA",
    "warehouse": "SNOWFLAKE_WAREHOUSE",
    "role": "SNOWFLAKE_ROLE",
}


def connection_parameters(environment: Mapping[str, str]) -> dict[str, Any]:
    """What the connector and Snowpark need, from the variables that dbt's profile reads.

    Args:
        environment: the environment variables; an empty one counts as not set.

    Raises:
        NotConnectedError: a variable is missing or unusable.

    """
    found: dict[str, Any] = {
        key: environment[name] for key, name in _VARIABLES.items() if environment.get(name)
    }
    wanted = ["account"] if "authenticator" in found else ["account", "user"]
    missing = [_VARIABLES[key] for key in wanted if key not in found]
    if missing:
        raise NotConnectedError(
            f"{' and '.join(missing)} not set: the SNOWFLAKE_* environment variables say which"
            " account to read; `python -m local_stack exec -- COMMAND` sets them to the local one"
        )
    if "port" in found:
        if not found["port"].isascii() or not found["port"].isdigit():
            raise NotConnectedError(f"SNOWFLAKE_PORT must be a number; got {found['port']!r}")
        found["port"] = int(found["port"])
    if "token" in found and "authenticator" not in found:
        # A programmatic access token stands in place of a password, as in dbt's profile.
        found.setdefault("password", found.pop("token"))
    if "private_key_file" in found:
        found.setdefault("authenticator", "SNOWFLAKE_JWT")
    return found | {"paramstyle": "qmark", "login_timeout": 60}


# --- The app --------------------------------------------------------------------------------------

# Streamlit changed how a thing is told to fill the width.
_WIDE: dict[str, Any] = (
    {"width": "stretch"}
    if "width" in inspect.signature(st.altair_chart).parameters
    else {"use_container_width": True}
)


def _own_session() -> Session:
    kept_alive = {"client_session_keep_alive": True}
    parameters = connection_parameters(os.environ) | kept_alive
    session: Session = Session.builder.configs(parameters).create()
    return session


def _session() -> Session:
    session: Session
    if os.environ.get("SNOWFLAKE_USER") or os.environ.get("SNOWFLAKE_AUTHENTICATOR"):
        session = st.cache_resource(_own_session)()
        return session
    try:
        # Inside Snowflake, also in a container, which has no active session (facts, 00).
        session = st.connection("snowflake").session()
    except StreamlitAPIException:
        # There is none: which variables are missing, then.
        session = st.cache_resource(_own_session)()
    return session


def _reader() -> Read:
    session = _session()

    def read(sql: str, bound: Sequence[object]) -> list[Row]:
        rows = session.sql(sql, params=list(bound) or None).collect()
        return [row.as_dict() for row in rows]

    return read


def _overview(days: int) -> Overview:
    return read_overview(_reader(), days)


def _story(place: str, execution_id: str) -> Story:
    return read_stories(_reader(), place, [execution_id])[execution_id]


def _table(rows: Sequence[Row]) -> None:
    """Show rows; a data frame takes texts as they are, where st.table would take Markdown."""
    st.dataframe(rows, **_WIDE, hide_index=True)


def _palette() -> Palette:
    """Take the text's colour from the theme, where this Streamlit tells it."""
    theme = getattr(getattr(st, "context", None), "theme", None)
    text = {"light": "#31333f", "dark": "#dcdfe4"}.get(getattr(theme, "type", None) or "")
    return Palette(**{**vars(ON_SCREEN), "text": text}) if text else ON_SCREEN


def _show_overview(overview: Overview, palette: Palette) -> None:
    figures = overview["figures"]
    shown = headline(figures)
    for part in (shown[:4], shown[4:]):
        for column, (name, value, meaning) in zip(st.columns(4), part, strict=True):
            column.metric(name, value, help=meaning)
    for told in open_told(figures):
        st.warning(told)
    if not figures["executions"]:
        st.info(nothing_told(figures, overview["days"]))
        return
    buckets = overview["buckets"]
    left, right = st.columns(2)
    with left:
        st.subheader("Executions over time")
        st.altair_chart(executions_chart(buckets, palette).properties(height=240), **_WIDE)
    with right:
        st.subheader("Success rate over time")
        st.altair_chart(success_rate_chart(buckets, palette).properties(height=240), **_WIDE)
    st.caption(f"By start, {bucket_text(overview['bucket_seconds'])} a bar; times are UTC.")
    with st.expander("Figures over time"):
        _table(
            [
                {
                    "from (UTC)": f"{_bucket_start(bucket):%Y-%m-%d %H:%M}",
                    **{outcome: bucket[outcome] for outcome in OUTCOMES},
                    "success rate": percent_text(bucket["success_rate"]),
                }
                for bucket in buckets
            ]
        )


def _bucket_start(bucket: Row) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(bucket["start"], datetime.UTC)


def _show_durations(title: str, rows: list[Row], palette: Palette) -> None:
    st.subheader(title)
    drawn = has_durations(rows)
    if drawn:
        chart = distributions_chart(drawn, palette)
        st.altair_chart(chart.properties(height=ROW_HEIGHT * len(drawn) + 40), **_WIDE)
        st.caption(DISTRIBUTION_KEY)
    if not rows:
        st.info("None in this window.")
        return
    with st.expander("Figures"):
        _table(
            [
                {
                    **{
                        name.replace("_", " "): value
                        for name, value in row.items()
                        if name not in (*QUANTILES, "measured", "step")
                    },
                    **{name: duration_text(row[name]) for name in QUANTILES},
                }
                for row in rows
            ]
        )


def _show_causes(causes: list[Row], palette: Palette) -> None:
    st.subheader("Failures by cause")
    if not causes:
        st.info("No execution failed in this window.")
        return
    chart = causes_chart(causes, palette)
    st.altair_chart(chart.properties(height=28 * len(causes)), **_WIDE)
    _table(
        [
            {
                "cause": row["cause"],
                "failures": row["failures"],
                "example": row["execution_id"],
                "its message": row["example"],
            }
            for row in causes
        ]
    )


def _show_executions(overview: Overview, palette: Palette) -> None:
    recent = overview["recent"]
    if not recent:
        return
    st.subheader("One execution's story")
    by_id = {execution["execution_id"]: execution for execution in recent}
    chosen = st.selectbox(
        f"Execution (the latest {LISTED_EXECUTIONS}, open ones first)",
        list(by_id),
        format_func=lambda found: f"{found} ({execution_told(by_id[found])})",
    )
    execution = by_id[chosen]
    story = st.cache_data(ttl=KEPT_SECONDS)(_story)(overview["place"], chosen)
    st.text(
        f"{execution_told(execution)}; started {time_text(execution['started_at'])},"
        f" {duration_text(execution['duration_seconds'])},"
        f" {count_text(execution['total_polls'], 'poll')},"
        f" {count_text(execution['requests_sent'], 'request')},"
        f" {count_text(execution['runs'], 'run')}\n"
        f"policy {execution['policy_name'] or NOTHING}, {execution['policy_id'] or 'no id yet'}\n"
        f"{execution['message'] or ''}"
    )
    laid_out = timeline(execution, story, overview["made_at"])
    if laid_out:
        st.altair_chart(timeline_chart(laid_out, palette).properties(height=110), **_WIDE)
        st.caption(TIMELINE_KEY)
    if story["event_count"] > len(story["events"]):
        st.caption(f"The latest {len(story['events'])} of {story['event_count']} events:")
    _table(
        [
            {
                "time (UTC)": time_text(event["event_time"], zone=False, precise=True),
                "event": event["event"],
                "attempt": number_text(event["attempt"]),
                "status": event["status_after"],
                "request": request_told(event),
                "message": event["message"],
            }
            for event in story["events"]
        ]
    )
    st.subheader("Recent executions")
    _table(
        [
            {
                "execution": row["execution_id"],
                "outcome": execution_told(row),
                "policy": row["policy_name"],
                "started (UTC)": time_text(row["started_at"], zone=False),
                "duration": duration_text(row["duration_seconds"]),
                "polls": row["total_polls"],
                "cause": row["error_cause"] or "",
            }
            for row in recent
        ]
    )


def main() -> None:
    """Show the page."""
    st.set_page_config(page_title="Policy executions", layout="wide")
    st.title("Policy executions")
    window = st.radio("Window", list(WINDOWS), index=1, horizontal=True)
    try:
        overview = st.cache_data(ttl=KEPT_SECONDS)(_overview)(WINDOWS[window or "7 days"])
        st.text(window_told(overview))
        palette = _palette()
        _show_overview(overview, palette)
        if overview["figures"]["executions"]:
            left, right = st.columns(2)
            with left:
                _show_durations("Steps: time at work", overview["steps"], palette)
            with right:
                _show_durations("API: time of a call", overview["requests"], palette)
            _show_causes(overview["causes"], palette)
        _show_executions(overview, palette)
    except (NotConnectedError, ViewsMissingError) as error:
        st.error(str(error))


if __name__ == "__main__":
    main()

# Generated from the modules of report/ by `make generate`; do not edit. Only DATABASE and
# SCHEMA, below, may be set in a copy that is deployed.
"""Policy executions at a glance: the Streamlit app.

The app needs Python 3.11, streamlit 1.28, altair 5 and snowflake-snowpark-python, or newer
releases. The app sends only SELECT statements, to the views that `dbt build` creates and to
policy_api_breakers.

The app connects with the SNOWFLAKE_* environment variables of dbt's profile when they name a user
or an authenticator. Elsewhere the app uses the connection that Streamlit has, as inside Snowflake,
in a warehouse or in a container.
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

# --- views.py -------------------------------------------------------------------------------------
# Where the views are, and how the rows of a query arrive.

# The database and schema of the views, spelled as Snowflake stores the names (POLICY_DB).
# None stands for the current database or schema of the session.
DATABASE: str | None = None
SCHEMA: str | None = None

Row = dict[str, Any]
Read = Callable[[str, Sequence[object]], list[Row]]

_PLACE_QUERY = """
select
    current_database() as database_name,
    current_schema() as schema_name,
    current_timestamp() as made_at
"""


class ViewsMissingError(Exception):
    """The views cannot be read; the text says what creates them."""


def find_place(read: Read) -> tuple[str, datetime.datetime]:
    """Find where the views are, and what time the database has.

    Args:
        read: sends a statement with its bound values and returns the rows.

    Returns:
        The quoted names of database and schema, joined by a dot, and the present.

    Raises:
        ViewsMissingError: the session has no current database or no current schema.

    """
    row = read_rows(read, _PLACE_QUERY, ())[0]
    names = (DATABASE or row["database_name"], SCHEMA or row["schema_name"])
    if not all(names):
        raise ViewsMissingError(
            "the session has no database or no schema: set SNOWFLAKE_DATABASE and SNOWFLAKE_SCHEMA"
        )
    return ".".join('"' + name.replace('"', '""') + '"' for name in names), row["made_at"]


def view_names(place: str) -> dict[str, str]:
    """Map the placeholders of the queries to the full names of the views and of the table.

    Args:
        place: database and schema, as `find_place` returns them.

    """
    return {
        "executions": f"{place}.policy_executions",
        "steps": f"{place}.policy_execution_steps",
        "requests": f"{place}.policy_api_requests",
        "history": f"{place}.policy_execution_history",
        # A table, which stands beside the views unless a var puts the tables elsewhere.
        "breakers": f"{place}.policy_api_breakers",
    }


def read_rows(read: Read, sql: str, bound: Sequence[object]) -> list[Row]:
    """Read rows with lower-case column names, and with int or float in place of Decimal.

    Args:
        read: sends a statement with its bound values and returns the rows.
        sql: the statement.
        bound: the values of its question marks.

    Raises:
        ViewsMissingError: the views do not exist, or the role may not read them.

    """
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


# --- buckets.py -----------------------------------------------------------------------------------
# A window of time, cut into bars of equal width.

OUTCOMES = ("completed", "failed", "cancelled", "open")
# The widths that a bar may have: a window takes the first width that needs at most BARS bars.
BUCKET_SECONDS = tuple(hours * 3600 for hours in (1, 2, 6, 12, 24, 48, 168, 672, 2184, 8736))
BARS = 30


def bucket_seconds(days: int) -> int:
    """Choose the width of the bars, in seconds, for a window of this many days."""
    wanted = days * 86400 / BARS
    return next((width for width in BUCKET_SECONDS if width >= wanted), BUCKET_SECONDS[-1])


def fill_buckets(counted: Iterable[Row], width: int, since: int, until: int) -> list[Row]:
    """Make the buckets of a whole window, with counts by outcome; a bucket may be empty.

    Args:
        counted: rows of `bucket` (how many widths after 1970 the bucket begins), `outcome`, and
            `executions`, their number.
        width: the width of a bucket in seconds.
        since: the first second of the window, counted from 1970.
        until: the first second after the window.

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


def rate(part: int, whole: int) -> float | None:
    """Compute a part in percent of the whole, with two decimals; None when the whole is 0."""
    return round(100 * part / whole, 2) if whole else None


# --- axes.py --------------------------------------------------------------------------------------
# What the charts have in common: their type, and axes with labels at readable places.

Chart = alt.Chart | alt.LayerChart | alt.FacetChart

# The seconds that may lie between two labels of a time axis.
TICK_SECONDS = tuple(
    hours * 3600 for hours in (1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 672, 2184, 8736)
)
# The width of a vertical axis, in pixels: charts above each other begin at the same place.
AXIS_WIDTH = 36


def count_levels(most: int) -> list[int]:
    """Choose the labels of an axis of counts: whole numbers, from 0 to `most` or more."""
    exact = max(most, 1) / 5
    power = 10 ** math.floor(math.log10(exact)) if exact > 1 else 1
    step = next(power * size for size in (1, 2, 5, 10) if power * size >= exact)
    return list(range(0, max(most, 1) + step, step))


def time_ticks(start: int, end: int, most: int) -> tuple[int, list[int]]:
    """Choose the labels of a time axis: they stand at whole hours or days in UTC.

    Args:
        start: where the axis begins, in seconds since 1970.
        end: where the axis ends.
        most: how many labels are wanted at most.

    Returns:
        The seconds between two labels, and where the labels are.

    """
    for step in TICK_SECONDS:
        places = list(range(-(-start // step) * step, end + 1, step))
        if len(places) <= most or step == TICK_SECONDS[-1]:
            break
    return step, places


def time_axis(buckets: Sequence[Row], field: str, ticks: int) -> alt.X:
    """Make a time axis for a field of milliseconds since 1970.

    The axis is an axis of numbers with labels of its own, because releases of Vega-Lite differ in
    how they draw an axis of time.

    Args:
        buckets: the buckets of an overview.
        field: the name of the field.
        ticks: how many labels are wanted at most.

    """
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


# --- palette.py -----------------------------------------------------------------------------------
# The colours of the charts.


@dataclass(frozen=True)
class Palette:
    """Paints of the charts: hexadecimal colours, or another paint that SVG knows.

    `fills` and `strokes` have an entry for each outcome. The fills differ in more than colour, so
    that readers who see no colours can tell the outcomes apart.
    """

    fills: Mapping[str, str]
    strokes: Mapping[str, str]
    accent: str
    pale: str
    text: str


# Each colour has a contrast of three to one on Streamlit's light page and on its dark page.
_COLOURS = {"completed": "#2f7fc1", "failed": "#d9480f", "cancelled": "#7c858f", "open": "#7c858f"}
ON_SCREEN = Palette(
    fills={**_COLOURS, "cancelled": "rgba(124, 133, 143, 0.4)", "open": "transparent"},
    strokes=_COLOURS,
    accent="#5b8296",
    pale="rgba(91, 130, 150, 0.3)",
    text="#7c858f",
)


def outcome_scale(colours: Mapping[str, str]) -> alt.Scale:
    """Make the scale that gives each outcome its paint, and the legend its order."""
    return alt.Scale(domain=list(OUTCOMES), range=[colours[outcome] for outcome in OUTCOMES])


# --- queries.py -----------------------------------------------------------------------------------
# The queries: each has placeholders for the names of the views, and `?` for bound values.

# How much of the views is shown at most.
LISTED_EXECUTIONS = 50
LISTED_EVENTS = 60
MESSAGE_CHARACTERS = 600
# The columns of a distribution of durations.
QUANTILES = ("p05", "p25", "p50", "p75", "p95", "longest")

_OUTCOME = """case
        when is_cancelled then 'cancelled'
        when status = 'completed' then 'completed'
        when is_finished then 'failed'
        else 'open'
    end"""
_IN_WINDOW = """date_part(epoch_second, {0}) >= ?
    and date_part(epoch_second, {0}) < ?"""
# lease_expires_at has no time zone and holds UTC, as SYSDATE() does.
_LEFT_BEHIND = """not is_finished
        and coalesce(lease_expires_at <= sysdate(), true)"""
# Executions that stay where they are, as a breaker towards the API was open when a run met them.
_HELD_BACK = """(
    select
        latest.execution_id as held_id,
        latest.step as held_step
    from (
        select *
        from {history}
        where event <> 'superseded'
        qualify row_number() over (
            partition by execution_id
            order by sequence desc
        ) = 1
    ) as latest
    where
        latest.error_cause = 'api_breaker_open'
        and latest.status_after not in ('completed', 'error')
)"""
BREAKERS_QUERY = f"""
select
    "endpoint" as endpoint,
    "url" as url,
    "state" as state,
    "opened_at" as opened_at,
    case when "state" = 'half_open' then "probe_expires_at" else "retry_at" end as asked_again_at,
    left("problem", {MESSAGE_CHARACTERS + 1}) as problem
from {{breakers}}
where "state" <> 'closed'
order by opened_at, endpoint
"""  # noqa: S608 - made of constants
HELD_BACK_QUERY = f"""
select
    held_step as step,
    count(*) as executions
from {_HELD_BACK}
group by held_step
"""  # noqa: S608 - made of constants
TOTALS_QUERY = f"""
select
    count(*) as ever,
    max(started_at) as latest_started_at,
    count_if(not is_finished and date_part(epoch_second, started_at) < ?) as open_before,
    count_if({_LEFT_BEHIND}) as left_behind
from {{executions}}
"""  # noqa: S608 - made of constants
BUCKETS_QUERY = f"""
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
DURATIONS_QUERY = f"""
select
    percentile_cont(0.5) within group (order by duration_seconds) as p50_seconds,
    percentile_cont(0.95) within group (order by duration_seconds) as p95_seconds
from {{executions}}
where
    {_IN_WINDOW.format("started_at")}
    and status = 'completed'
"""  # noqa: S608 - made of constants
CAUSES_QUERY = f"""
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
_QUANTILE_COLUMNS = """percentile_cont(0.05) within group (order by {0}) as p05,
    percentile_cont(0.25) within group (order by {0}) as p25,
    percentile_cont(0.5) within group (order by {0}) as p50,
    percentile_cont(0.75) within group (order by {0}) as p75,
    percentile_cont(0.95) within group (order by {0}) as p95,
    max({0}) as longest,
    count({0}) as measured"""
STEPS_QUERY = f"""
select
    step,
    step_name as label,
    count(*) as begun,
    count_if(result = 'succeeded') as succeeded,
    count_if(result = 'failed') as failed,
    count_if(result = 'open') as still_open,
    {_QUANTILE_COLUMNS.format("case when result <> 'open' then active_seconds end")}
from {{steps}}
where
    {_IN_WINDOW.format("started_at")}
group by
    step,
    step_name
order by step
"""  # noqa: S608 - made of constants
REQUESTS_QUERY = f"""
select
    endpoint as label,
    count(*) as calls,
    sum(requests_sent) as requests_sent,
    count_if(http_status between 200 and 299) as accepted,
    count_if(http_status not between 200 and 299) as refused,
    count_if(http_status is null) as unanswered,
    {_QUANTILE_COLUMNS.format("duration_ms / 1000")}
from {{requests}}
where
    {_IN_WINDOW.format("requested_at")}
    -- An open breaker kept these from the API: nothing was sent.
    and coalesce(error_cause, '') <> 'api_breaker_open'
group by endpoint
order by min(step)
"""  # noqa: S608 - made of constants
RECENT_QUERY = f"""
select
    execution_id,
    {_OUTCOME} as outcome,
    {_LEFT_BEHIND} as is_left_behind,
    held_id is not null as is_held_back,
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
left join {_HELD_BACK} as held
    on execution_id = held_id
where
    not is_finished
    or {_IN_WINDOW.format("started_at")}
order by
    is_finished,
    started_at desc,
    execution_id
limit {LISTED_EXECUTIONS}
"""  # noqa: S608 - made of constants
STEPS_OF_QUERY = """
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
EVENTS_OF_QUERY = f"""
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
    error_cause,
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


# --- words.py -------------------------------------------------------------------------------------
# Writes times, durations, counts and rates as people read them.

NOTHING = "–"  # noqa: RUF001 - the dash of an empty cell


def utc(moment: datetime.datetime) -> datetime.datetime:
    """Convert an instant to UTC; an instant without a time zone is taken as UTC."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=datetime.UTC)
    return moment.astimezone(datetime.UTC)


def time_text(moment: datetime.datetime | None, *, zone: bool = True, precise: bool = False) -> str:
    """Write an instant as people read it, in UTC.

    Args:
        moment: the instant, or None.
        zone: whether the text names the time zone; leave it out only where a heading names it.
        precise: whether the text has milliseconds.

    """
    if moment is None:
        return NOTHING
    in_utc = utc(moment)
    text = in_utc.strftime("%Y-%m-%d %H:%M:%S")
    if precise:
        text += f".{in_utc.microsecond // 1000:03d}"
    return f"{text} UTC" if zone else text


def minute_text(seconds: int) -> str:
    """Write an instant in UTC, exact to the minute and without the time zone.

    Args:
        seconds: the instant, in seconds since 1970.

    """
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%d %H:%M")


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
    """Write a count with a noun that has a regular plural: 1 event, 2 events."""
    return f"{number_text(number)} {noun}{'' if number == 1 else 's'}"


def percent_text(percent: float | None) -> str:
    """Write a rate with at most two decimals."""
    return NOTHING if percent is None else f"{_trimmed(percent, 2)}%"


def _trimmed(number: float, decimals: int) -> str:
    text = f"{number:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def bucket_text(seconds: int) -> str:
    """Name the width of a bucket: 1 hour, 6 hours, 7 days."""
    size, unit = (seconds // 86400, "day") if seconds >= 86400 else (seconds // 3600, "hour")
    return f"{size} {unit}" if size == 1 else f"{size} {unit}s"


def window_text(days: int) -> str:
    """Name a window: 24 hours, 7 days."""
    return "24 hours" if days == 1 else f"{days} days"


# --- charts.py ------------------------------------------------------------------------------------
# The charts of an overview: executions, success rate, durations and causes of failure.

_SECONDS_LABEL = (
    "datum.value < 1 ? format(datum.value * 1000, ',~g') + ' ms'"
    " : format(datum.value, ',~g') + ' s'"
)
# The height of one distribution, in pixels: two lines of text above the drawing.
ROW_HEIGHT = 66


def executions_chart(buckets: Sequence[Row], palette: Palette, ticks: int = 8) -> Chart:
    """Draw executions over time, stacked by outcome.

    Args:
        buckets: the buckets of an overview.
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
            x=time_axis(buckets, "start", ticks),
            x2="end:Q",
            y=alt.Y(
                "from:Q",
                scale=alt.Scale(domain=[0, levels[-1]], nice=False),
                axis=alt.Axis(title=None, values=levels, format=",d", minExtent=AXIS_WIDTH),
            ),
            y2="to:Q",
            fill=alt.Fill(
                "outcome:N",
                scale=outcome_scale(palette.fills),
                legend=alt.Legend(title=None, orient="top", columns=4),
            ),
            stroke=alt.Stroke("outcome:N", scale=outcome_scale(palette.strokes)),
            tooltip=[
                alt.Tooltip("period:N", title="started"),
                alt.Tooltip("outcome:N"),
                alt.Tooltip("executions:Q"),
            ],
        )
    )
    return chart


def success_rate_chart(buckets: Sequence[Row], palette: Palette, ticks: int = 8) -> Chart:
    """Draw the success rate over time; a bucket without executions has no point.

    Args:
        buckets: the buckets of an overview.
        palette: the colours.
        ticks: how many labels the time axis has at most.

    """
    rows = [
        {
            "time": 500 * (bucket["start"] + bucket["end"]),
            "rate": bucket["success_rate"],
            "period": _period(bucket),
            "completed": f"{bucket['completed']} of {bucket['executions']}",
        }
        for bucket in buckets
    ]
    points = alt.Chart(alt.InlineData(values=rows)).encode(
        x=time_axis(buckets, "time", ticks),
        y=alt.Y(
            "rate:Q",
            scale=alt.Scale(domain=[0, 100]),
            axis=alt.Axis(
                title=None,
                values=[0, 25, 50, 75, 100],
                labelExpr="datum.value + '%'",
                minExtent=AXIS_WIDTH,
            ),
        ),
    )
    dots = points.mark_point(
        filled=True, size=40, color=palette.strokes["completed"], opacity=1, invalid="filter"
    ).encode(
        tooltip=[
            alt.Tooltip("period:N", title="started"),
            alt.Tooltip("rate:Q", title="success rate in %"),
            alt.Tooltip("completed:N"),
        ]
    )
    return alt.layer(points.mark_line(color=palette.strokes["completed"], strokeWidth=2), dots)


def _period(bucket: Row) -> str:
    return f"{minute_text(bucket['start'])} to {minute_text(bucket['end'])} UTC"


def has_durations(rows: Iterable[Row]) -> list[Row]:
    """Keep the rows of steps or requests that have a distribution to draw."""
    return [row for row in rows if row["p50"] is not None]


def distributions_chart(rows: Sequence[Row], palette: Palette) -> Chart:
    """Draw distributions of durations above each other, on one logarithmic scale.

    Args:
        rows: `label` and quantiles in seconds, from `p05` to `longest`; at least one row.
        palette: the colours.

    """
    drawn = [
        # A logarithm needs a number above zero. The views are exact to a millisecond.
        {name: max(row[name], 0.001) for name in QUANTILES}
        | {
            "label": row["label"],
            "text": f"{row['label']}\np50 {duration_text(row['p50'])},"
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
        ).encode(x=alt.value(0), text="text:N"),
    )


def causes_chart(causes: Sequence[Row], palette: Palette) -> Chart:
    """Draw how many executions failed for which cause.

    Args:
        causes: the causes of an overview.
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
                # As wide as the longest text is in a wide font.
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


# --- connection.py --------------------------------------------------------------------------------
# How to connect, from the SNOWFLAKE_* environment variables that dbt's profile reads.

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


class NotConnectedError(Exception):
    """The account to read is not known; the text says which variable is missing or unusable."""


def connection_parameters(environment: Mapping[str, str]) -> dict[str, Any]:
    """Make the connection parameters of the connector and of Snowpark.

    Args:
        environment: the environment variables; an empty variable counts as not set.

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
        # A programmatic access token is sent as the password, as dbt's profile does.
        found.setdefault("password", found.pop("token"))
    if "private_key_file" in found:
        found.setdefault("authenticator", "SNOWFLAKE_JWT")
    return found | {"paramstyle": "qmark", "login_timeout": 60}


# --- reading.py -----------------------------------------------------------------------------------
# Reads the views: the overview of a window, and the stories of its executions.

# The step whose requests go to an endpoint.
STEP_OF_ENDPOINT = {"find": 1, "create": 1, "poll": 2, "trigger": 3}


class Overview(TypedDict):
    """What the views say about one window; each figure is read once.

    `breakers` are those towards the API that are not closed, whatever the window.
    """

    place: str
    made_at: datetime.datetime
    since: datetime.datetime
    days: int
    bucket_seconds: int
    breakers: list[Row]
    buckets: list[Row]
    figures: Row
    causes: list[Row]
    steps: list[Row]
    requests: list[Row]
    recent: list[Row]


class Story(TypedDict):
    """The steps and the latest events of one execution; `event_count` counts all its events."""

    steps: list[Row]
    events: list[Row]
    event_count: int


def read_overview(read: Read, days: int) -> Overview:
    """Read everything about the executions that started in the last `days` days.

    Args:
        read: sends a statement with its bound values and returns the rows.
        days: how far the window reaches back from the time that the database has.

    Raises:
        ViewsMissingError: the views do not exist, or the role may not read them.

    """
    place, made_at = find_place(read)
    until = math.floor(utc(made_at).timestamp()) + 1
    since = until - 1 - days * 86400
    window = (since, until)
    width = bucket_seconds(days)

    def rows(sql: str, *bound: object) -> list[Row]:
        return read_rows(read, sql.format(**view_names(place)), bound)

    totals = rows(TOTALS_QUERY, since)[0]
    buckets = fill_buckets(rows(BUCKETS_QUERY, width, *window), width, since, until)
    counts = {outcome: sum(bucket[outcome] for bucket in buckets) for outcome in OUTCOMES}
    executions = sum(counts.values())
    held_back = {row["step"]: row["executions"] for row in rows(HELD_BACK_QUERY)}
    return {
        "place": place,
        "made_at": made_at,
        "since": datetime.datetime.fromtimestamp(since, datetime.UTC),
        "days": days,
        "bucket_seconds": width,
        "breakers": read_breakers(read, place, held_back),
        "buckets": buckets,
        "figures": {
            **totals,
            **counts,
            **rows(DURATIONS_QUERY, *window)[0],
            "held_back": sum(held_back.values()),
            "executions": executions,
            "success_rate": rate(counts["completed"], executions),
        },
        "causes": rows(CAUSES_QUERY, *window),
        "steps": rows(STEPS_QUERY, *window),
        "requests": rows(REQUESTS_QUERY, *window),
        "recent": rows(RECENT_QUERY, *window),
    }


def read_breakers(read: Read, place: str, held_back: Mapping[int, int]) -> list[Row]:
    """Read the breakers that are not closed; none where the role sees no table of breakers.

    Args:
        read: sends a statement with its bound values and returns the rows.
        place: database and schema, as `find_place` returns them.
        held_back: how many executions are held back, by step.

    """
    try:
        found = read_rows(read, BREAKERS_QUERY.format(**view_names(place)), ())
    except ViewsMissingError:
        return []
    return [
        {**row, "held_back": held_back.get(STEP_OF_ENDPOINT.get(row["endpoint"], 0), 0)}
        for row in found
    ]


def read_stories(read: Read, place: str, execution_ids: Sequence[str]) -> dict[str, Story]:
    """Read the steps and the latest events of some executions.

    Args:
        read: sends a statement with its bound values and returns the rows.
        place: the `place` of an overview.
        execution_ids: the ids of the executions; an execution without events has an empty story.

    Raises:
        ViewsMissingError: the views do not exist, or the role may not read them.

    """
    stories: dict[str, Story] = {
        found: {"steps": [], "events": [], "event_count": 0} for found in execution_ids
    }
    if not execution_ids:
        return stories
    names = view_names(place) | {"marks": ", ".join("?" * len(execution_ids))}
    for row in read_rows(read, STEPS_OF_QUERY.format(**names), execution_ids):
        stories[row["execution_id"]]["steps"].append(row)
    for row in read_rows(read, EVENTS_OF_QUERY.format(**names), execution_ids):
        story = stories[row["execution_id"]]
        story["events"].append(row)
        story["event_count"] = row["events"]
    return stories


# --- sentences.py ---------------------------------------------------------------------------------
# The sentences that the page and the app share.

DISTRIBUTION_KEY = (
    "Bar: the middle half; thick mark: the median; line: 5th to 95th percentile; ring: the longest."
    " The scale is logarithmic."
)
TIMELINE_KEY = (
    "Solid: a run is at work; outlined: the step is open; ticks: polls; cross: a failure;"
    " dashed line: a run took it up again. Time since the start."
)

# An open breaker sends nothing until the time in the column; then the next run asks the API.
BREAKERS_KEY = (
    "An endpoint whose breaker is open gets no requests. From the time in the column Until on,"
    " `dbt run-operation retry_policy_workflow` asks the API again and, after a good answer, takes"
    " up what is held back. To close the breakers at once:"
    " `dbt run-operation reset_policy_api_breaker`."
)


def place_text(place: str) -> str:
    """Name the database and schema of an overview without the quotes that SQL needs."""
    return place.replace('"', "")


def window_sentence(overview: Overview) -> str:
    """Say which views and which window an overview covers, and when the views were read."""
    return (
        f"{place_text(overview['place'])}: executions that started in the last"
        f" {window_text(overview['days'])}, {time_text(overview['since'], zone=False)} to"
        f" {time_text(overview['made_at'])}"
    )


def empty_window_sentence(figures: Row, days: int) -> str:
    """Say that the window has no executions, and whether there were executions before."""
    if not figures["ever"]:
        return "No executions yet: `dbt run-operation run_policy_workflow` makes the first."
    return (
        f"No executions started in the last {window_text(days)}; the latest one started"
        f" {time_text(figures['latest_started_at'])}."
    )


def open_warnings(figures: Row) -> list[str]:
    """Warn of open executions that need attention: a sentence for each kind."""
    warnings = []
    if figures["held_back"]:
        warnings.append(
            f"Held back by a breaker towards the API: {number_text(figures['held_back'])}. They are"
            " no errors; `dbt run-operation retry_policy_workflow` takes them up."
        )
    if (left_behind := (figures["left_behind"] or 0) - figures["held_back"]) > 0:
        warnings.append(
            f"Open without a lease owner: {number_text(left_behind)}."
            " `dbt run-operation retry_policy_workflow` takes them up."
        )
    if figures["open_before"]:
        warnings.append(
            f"Open since before this window: {number_text(figures['open_before'])}."
            " They are listed below, and not counted in the figures."
        )
    return warnings


def headline(figures: Row) -> list[tuple[str, str, str]]:
    """Make the figures at the top: each has a name, a value and a meaning."""
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


def outcome_words(execution: Row) -> str:
    """Name the outcome of an execution; of an open execution, name its status, too."""
    if execution["outcome"] == "open":
        activity = "left behind" if execution["is_left_behind"] else "running"
        if execution["is_held_back"]:
            activity = "held back"
        return f"open, {activity} at {execution['status']}"
    if execution["outcome"] == "failed" and execution["failed_step"]:
        return f"failed at step {execution['failed_step']}"
    return str(execution["outcome"])


def breaker_words(breaker: Row, now: datetime.datetime) -> str:
    """Say what a breaker that is not closed lets through.

    Args:
        breaker: one of an overview's breakers.
        now: the time that the database has.

    """
    until = breaker["asked_again_at"]
    is_due = until is None or utc(until) <= utc(now)
    if breaker["state"] == "half_open":
        return f"half-open: {'the next run' if is_due else 'a run'} asks the API"
    return f"open: {'the next run asks the API' if is_due else 'nothing is sent'}"


def breaker_rows(overview: Overview) -> list[Row]:
    """Make the rows of the table of breakers: the words of each cell, by the head of its column."""
    return [
        {
            "endpoint": row["endpoint"],
            "state": breaker_words(row, overview["made_at"]),
            "since (UTC)": time_text(row["opened_at"], zone=False),
            "until (UTC)": time_text(row["asked_again_at"], zone=False),
            "held back": row["held_back"],
            "seen last": row["problem"],
            "address": row["url"],
        }
        for row in overview["breakers"]
    ]


def request_words(event: Row) -> str:
    """Say which request an event records, and which answer came; empty without a request."""
    if not event["http_method"]:
        return ""
    if event["error_cause"] == "api_breaker_open":
        return f"{event['http_method']} not sent"
    status = event["http_status"] or "no answer"
    tries = f", {event['requests_sent']} requests" if (event["requests_sent"] or 0) > 1 else ""
    return f"{event['http_method']} {status}{tries}, {duration_text(_seconds(event))}"


def _seconds(event: Row) -> float | None:
    return None if event["duration_ms"] is None else event["duration_ms"] / 1000


# --- timeline.py ----------------------------------------------------------------------------------
# The timeline of one execution: what is drawn, and its chart.

# The lanes of the chart: one for each step.
LANES = {1: "create", 2: "poll", 3: "trigger"}
# Events that are no work on a step, although they belong to one.
NOT_DRAWN = ("superseded", "no_circuit_breaker", "held_back")
_SHORT_UNITS = {
    "days": "d",
    "hours": "h",
    "minutes": "min",
    "seconds": "s",
    "milliseconds": "ms",
}


class Timeline(TypedDict):
    """What the chart shows of one execution: times after its start, all in one unit."""

    unit: str
    span: float
    bars: list[Row]
    polls: list[Row]
    failures: list[Row]
    runs: list[Row]


def timeline(execution: Row, story: Story, now: datetime.datetime) -> Timeline | None:
    """Lay one execution out along time; None when the execution has no step to show.

    Args:
        execution: one of an overview's recent executions.
        story: the story of this execution.
        now: where an open step ends in the chart, while the execution has a lease owner.

    """
    events = [event for event in story["events"] if event["step"] in LANES]
    steps = [step for step in story["steps"] if step["step"] in LANES]
    if not steps:
        return None
    has_owner = execution["outcome"] == "open" and not execution["is_left_behind"]
    starts = [utc(step["started_at"]) for step in steps]
    ends = [utc(step["ended_at"]) for step in steps]
    origin = min([utc(execution["started_at"]), *starts])
    last = max([utc(execution["last_event_at"]), *ends, *([utc(now)] if has_owner else [])])
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
                "end": at(last if has_owner and step["result"] == "open" else step["ended_at"]),
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
            if event["active_seconds"] is not None and event["event"] not in NOT_DRAWN
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
    """Draw one execution: steps are bars along time, polls are ticks.

    Args:
        laid_out: what `timeline` returned.
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


# --- app.py ---------------------------------------------------------------------------------------
# Policy executions at a glance: the Streamlit app.

# After how many seconds the app reads the views anew.
KEPT_SECONDS = 60
WINDOWS = {"24 hours": 1, "7 days": 7, "30 days": 30}

# The argument that makes an element as wide as its column; its name depends on the release.
_WIDE: dict[str, Any] = (
    {"width": "stretch"}
    if "width" in inspect.signature(st.altair_chart).parameters
    else {"use_container_width": True}
)


def _session_of_variables() -> Session:
    kept_alive = {"client_session_keep_alive": True}
    parameters = connection_parameters(os.environ) | kept_alive
    session: Session = Session.builder.configs(parameters).create()
    return session


def _session() -> Session:
    session: Session
    if os.environ.get("SNOWFLAKE_USER") or os.environ.get("SNOWFLAKE_AUTHENTICATOR"):
        session = st.cache_resource(_session_of_variables)()
        return session
    try:
        # Inside Snowflake. A container has no active session, but has this connection.
        session = st.connection("snowflake").session()
    except StreamlitAPIException:
        # Streamlit has no connection: the error is to name the variables that are missing.
        session = st.cache_resource(_session_of_variables)()
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
    """Show rows as a data frame, because st.table would read their texts as Markdown."""
    st.dataframe(rows, **_WIDE, hide_index=True)


def _palette() -> Palette:
    """Take the colour of texts from the theme, if this release of Streamlit knows the theme."""
    theme = getattr(getattr(st, "context", None), "theme", None)
    text = {"light": "#31333f", "dark": "#dcdfe4"}.get(getattr(theme, "type", None) or "")
    return Palette(**{**vars(ON_SCREEN), "text": text}) if text else ON_SCREEN


def _show_overview(overview: Overview, palette: Palette) -> None:
    figures = overview["figures"]
    shown = headline(figures)
    for part in (shown[:4], shown[4:]):
        for column, (name, value, meaning) in zip(st.columns(4), part, strict=True):
            column.metric(name, value, help=meaning)
    for warning in open_warnings(figures):
        st.warning(warning)
    _show_breakers(overview)
    if not figures["executions"]:
        st.info(empty_window_sentence(figures, overview["days"]))
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
                    "from (UTC)": minute_text(bucket["start"]),
                    **{outcome: bucket[outcome] for outcome in OUTCOMES},
                    "success rate": percent_text(bucket["success_rate"]),
                }
                for bucket in buckets
            ]
        )


def _show_breakers(overview: Overview) -> None:
    if overview["breakers"]:
        st.subheader("Breakers towards the API")
        _table(breaker_rows(overview))
        st.caption(BREAKERS_KEY)


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
        format_func=lambda found: f"{found} ({outcome_words(by_id[found])})",
    )
    execution = by_id[chosen]
    story = st.cache_data(ttl=KEPT_SECONDS)(_story)(overview["place"], chosen)
    st.text(
        f"{outcome_words(execution)}; started {time_text(execution['started_at'])},"
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
                "request": request_words(event),
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
                "outcome": outcome_words(row),
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
        st.text(window_sentence(overview))
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

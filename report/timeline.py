"""The timeline of one execution: what is drawn, and its chart."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TypedDict

import altair as alt

from report.axes import Chart
from report.palette import Palette
from report.reading import Story
from report.views import Row
from report.words import utc

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

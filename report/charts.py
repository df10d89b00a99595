"""The charts of an overview: executions, success rate, durations and causes of failure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import altair as alt

from report.axes import AXIS_WIDTH, Chart, count_levels, time_axis
from report.buckets import OUTCOMES
from report.palette import Palette, outcome_scale
from report.queries import QUANTILES
from report.views import Row
from report.words import duration_text, minute_text

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

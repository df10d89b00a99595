"""What the charts have in common: their type, and axes with labels at readable places."""

from __future__ import annotations

import math
from collections.abc import Sequence

import altair as alt

from report.views import Row

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

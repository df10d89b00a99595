"""A window of time, cut into bars of equal width."""

from __future__ import annotations

from collections.abc import Iterable

from report.views import Row

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

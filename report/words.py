"""Writes times, durations, counts and rates as people read them."""

from __future__ import annotations

import datetime

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

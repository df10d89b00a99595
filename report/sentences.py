"""The sentences that the page and the app share."""

from __future__ import annotations

import datetime

from report.reading import Overview
from report.views import Row
from report.words import duration_text, number_text, percent_text, time_text, utc, window_text

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

"""Makes overviews and stories for tests that need no database."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, cast

from report.buckets import OUTCOMES, fill_buckets
from report.reading import Overview, Story
from report.views import Row

NOW = datetime.datetime(2026, 11, 24, 22, 0, tzinfo=datetime.UTC)
WEEK = 7 * 86400


def overview(counts: Mapping[str, int] | None = None, **parts: Any) -> Overview:
    """Make an overview of the week before NOW.

    Args:
        counts: executions by outcome, all of which started an hour before NOW.
        parts: entries to replace.

    """
    counts = dict.fromkeys(OUTCOMES, 0) | dict(counts or {})
    total = sum(counts.values())
    until = int(NOW.timestamp())
    started = [
        {"bucket": (until - 3600) // 21600, "outcome": outcome, "executions": count}
        for outcome, count in counts.items()
    ]
    found: dict[str, Any] = {
        "place": '"POLICY_DB"."POLICY_WORKFLOW"',
        "made_at": NOW,
        "since": NOW - datetime.timedelta(days=7),
        "days": 7,
        "bucket_seconds": 21600,
        "buckets": fill_buckets(started, 21600, until - WEEK, until),
        "figures": {
            **counts,
            "executions": total,
            "ever": total,
            "latest_started_at": None,
            "open_before": 0,
            "left_behind": 0,
            "held_back": 0,
            "p50_seconds": 3.25 if total else None,
            "p95_seconds": 12.5 if total else None,
            "success_rate": 100 * counts["completed"] / total if total else None,
        },
        "breakers": [],
        "causes": [],
        "steps": [],
        "requests": [],
        "recent": [],
    }
    return cast(Overview, found | parts)


def execution(**parts: Any) -> Row:
    """Make a completed execution of ten seconds; `parts` replaces entries."""
    return {
        "execution_id": "run-1",
        "outcome": "completed",
        "is_left_behind": False,
        "is_held_back": False,
        "status": "completed",
        "policy_id": "pol_1",
        "policy_name": "sample",
        "policy_type": "data_retention",
        "started_at": NOW - datetime.timedelta(minutes=10),
        "finished_at": NOW - datetime.timedelta(minutes=10, seconds=-10),
        "last_event_at": NOW - datetime.timedelta(minutes=10, seconds=-10),
        "duration_seconds": 10.0,
        "total_polls": 2,
        "requests_sent": 4,
        "runs": 1,
        "failed_step": None,
        "error_cause": None,
        "message": "circuit breaker confirmed",
    } | parts


def event(second: float, name: str, step: int | None = None, **parts: Any) -> Row:
    """Make an event; `second` counts from the start of the execution."""
    return {
        "execution_id": "run-1",
        "event": name,
        "step": step,
        "attempt": 1,
        "status_after": "policy_created",
        "http_method": None,
        "http_status": None,
        "requests_sent": None,
        "duration_ms": None,
        "error_cause": None,
        "message": "a message",
        "event_time": NOW + datetime.timedelta(seconds=second, minutes=-10),
        "active_seconds": 1.0 if step else None,
        "events": 1,
    } | parts


def step(number: int, start: float, end: float, result: str = "succeeded") -> Row:
    """Make a step; `start` and `end` are seconds after the start of the execution."""
    begun = NOW - datetime.timedelta(minutes=10)
    return {
        "execution_id": "run-1",
        "step": number,
        "started_at": begun + datetime.timedelta(seconds=start),
        "ended_at": begun + datetime.timedelta(seconds=end),
        "result": result,
    }


def story(steps: list[Row] | None = None, events: list[Row] | None = None) -> Story:
    """Make a story."""
    events = events or []
    return {"steps": steps or [], "events": events, "event_count": len(events)}


def quantiles(label: str, low: float, high: float, **counts: int) -> Row:
    """Make a row of steps or of requests with durations between `low` and `high` seconds."""
    names = ("p05", "p25", "p50", "p75", "p95", "longest")
    spread = {name: low + (high - low) * at / 5 for at, name in enumerate(names)}
    return {"label": label, "step": 1, "measured": 9} | spread | counts

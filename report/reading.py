"""Reads the views: the overview of a window, and the stories of its executions."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from typing import TypedDict

from report.buckets import OUTCOMES, bucket_seconds, fill_buckets, rate
from report.queries import (
    BREAKERS_QUERY,
    BUCKETS_QUERY,
    CAUSES_QUERY,
    DURATIONS_QUERY,
    EVENTS_OF_QUERY,
    HELD_BACK_QUERY,
    RECENT_QUERY,
    REQUESTS_QUERY,
    STEPS_OF_QUERY,
    STEPS_QUERY,
    TOTALS_QUERY,
)
from report.views import Read, Row, ViewsMissingError, find_place, read_rows, view_names
from report.words import utc

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

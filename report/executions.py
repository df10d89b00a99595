"""Makes the report's list of executions, each with its timeline, its message and its events."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from report.markup import Html, escape, given, moment, table, tag
from report.queries import MESSAGE_CHARACTERS
from report.reading import Overview, Story
from report.sentences import TIMELINE_KEY, outcome_words, request_words
from report.svg import ON_PAGE, both
from report.timeline import Timeline, timeline, timeline_chart
from report.views import Row
from report.words import NOTHING, count_text, duration_text, number_text

SIGNS = {"completed": "✓", "failed": "✕", "cancelled": "⊘", "open": "○"}
NAME_CHARACTERS = 120
TIMELINE_HEIGHT = 92


def executions_section(overview: Overview, stories: Mapping[str, Story]) -> Html:
    """Make the list: open executions first, then the latest.

    Args:
        overview: what the views say about the window.
        stories: the steps and events of its recent executions.

    """
    recent = overview["recent"]
    figures = overview["figures"]
    whole = figures["executions"] + figures["open_before"]
    which = f"{number_text(len(recent))} of {count_text(whole, 'execution')}"
    items = [
        _execution(position, execution, stories[execution["execution_id"]], overview["made_at"])
        for position, execution in enumerate(recent)
    ]
    return escape(
        [
            tag("p", f"{which}: open ones first, then the latest."),
            tag("p", TIMELINE_KEY, class_="key"),
            tag("ol", *items, class_="executions"),
        ]
    )


def link_to(execution_id: str, listed: Sequence[str]) -> Html:
    """Name an execution; the name is a link when the list has the execution.

    Args:
        execution_id: the id of the execution.
        listed: the ids in the list, in the order of the list.

    """
    name = tag("code", given(execution_id, NAME_CHARACTERS), class_="name")
    if execution_id not in listed:
        return name
    return tag("a", name, href=f"#execution-{listed.index(execution_id)}")


def _execution(position: int, row: Row, story: Story, now: datetime.datetime) -> Html:
    words = outcome_words(row)
    outcome = [tag("span", SIGNS[row["outcome"]], " ", aria_hidden="true"), words]
    name = tag("code", given(row["execution_id"], NAME_CHARACTERS))
    about = tag(
        "div",
        tag(
            "h3", tag("span", *outcome, class_=f"outcome {row['outcome']}"), " ", name,
            id=f"execution-{position}", tabindex=-1,
        ),
        _properties(row),
        tag("p", given(row["message"], MESSAGE_CHARACTERS), class_="message"),
    )  # fmt: skip
    laid_out = timeline(row, story, now)
    return tag(
        "li",
        about,
        _drawn(words, laid_out) if laid_out else None,
        _events(position, story),
        class_="execution",
    )


def _properties(row: Row) -> Html:
    properties = [
        ("Policy", given(row["policy_name"], NAME_CHARACTERS)),
        ("Type", given(row["policy_type"], NAME_CHARACTERS)),
        ("Policy id", given(row["policy_id"], NAME_CHARACTERS)),
        ("Started", moment(row["started_at"])),
        ("Duration", duration_text(row["duration_seconds"])),
        ("Polls", number_text(row["total_polls"])),
        ("Requests", number_text(row["requests_sent"])),
        ("Runs", number_text(row["runs"])),
        ("Cause", given(row["error_cause"], NAME_CHARACTERS)),
    ]
    shown = [
        tag("div", tag("dt", name), tag("dd", value))
        for name, value in properties
        if value != NOTHING
    ]
    return tag("dl", *shown, class_="properties")


def _drawn(outcome: str, laid_out: Timeline) -> Html:
    steps = ", ".join(bar["lane"] for bar in laid_out["bars"] if bar["kind"] == "step")
    alternative = (
        f"Timeline of an execution that is {outcome}: {steps}, over {laid_out['span']:g}"
        f" {laid_out['unit']}; {count_text(len(laid_out['polls']), 'poll')},"
        f" {count_text(len(laid_out['failures']), 'failure')}. Its events are listed below."
    )
    return tag(
        "div",
        both(
            alternative,
            lambda narrow: timeline_chart(laid_out, ON_PAGE, 4 if narrow else 6),
            TIMELINE_HEIGHT,
        ),
    )


def _events(position: int, story: Story) -> Html | None:
    events = story["events"]
    if not events:
        return None
    summary = count_text(story["event_count"], "event")
    if story["event_count"] > len(events):
        summary += f", the latest {number_text(len(events))} of them"
    rows = [
        (
            tag("span", moment(event["event_time"], zone=False, precise=True), class_="nowrap"),
            given(event["event"], NAME_CHARACTERS),
            number_text(event["attempt"]),
            given(event["status_after"], NAME_CHARACTERS),
            request_words(event),
            tag("span", given(event["message"], MESSAGE_CHARACTERS), class_="long"),
        )
        for event in events
    ]
    heads = ("Time (UTC)", "Event", "#Attempt", "Status", "Request", "Message")
    return tag(
        "details",
        tag("summary", summary, aria_describedby=f"execution-{position}"),
        table(f"Events, in order ({summary})", heads, rows),
    )

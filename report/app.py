"""Policy executions at a glance: the Streamlit app.

The app needs Python 3.11, streamlit 1.28, altair 5 and snowflake-snowpark-python, or newer
releases. The app sends only SELECT statements, to the views that `dbt build` creates and to
policy_api_breakers.

The app connects with the SNOWFLAKE_* environment variables of dbt's profile when they name a user
or an authenticator. Elsewhere the app uses the connection that Streamlit has, as inside Snowflake,
in a warehouse or in a container.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Sequence
from typing import Any

import streamlit as st
from snowflake.snowpark import Session
from streamlit.errors import StreamlitAPIException

from report.buckets import OUTCOMES
from report.charts import (
    ROW_HEIGHT,
    causes_chart,
    distributions_chart,
    executions_chart,
    has_durations,
    success_rate_chart,
)
from report.connection import NotConnectedError, connection_parameters
from report.palette import ON_SCREEN, Palette
from report.queries import LISTED_EXECUTIONS, QUANTILES
from report.reading import Overview, Story, read_overview, read_stories
from report.sentences import (
    BREAKERS_KEY,
    DISTRIBUTION_KEY,
    TIMELINE_KEY,
    breaker_rows,
    empty_window_sentence,
    headline,
    open_warnings,
    outcome_words,
    request_words,
    window_sentence,
)
from report.timeline import timeline, timeline_chart
from report.views import Read, Row, ViewsMissingError
from report.words import (
    NOTHING,
    bucket_text,
    count_text,
    duration_text,
    minute_text,
    number_text,
    percent_text,
    time_text,
)

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

"""The breakers towards the API, on the page and in the app."""

from __future__ import annotations

import datetime
import html
import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from report.page import page
from report.sentences import breaker_words, open_warnings, outcome_words, request_words
from report.views import Row
from tests.unit.report.overviews import NOW, event, execution, overview

SCRIPT = """
from report.app import _show_breakers
from tests.unit.report.overviews import overview
from tests.unit.report.test_breakers import breaker

_show_breakers(overview(breakers={breakers}))
"""


def breaker(**parts: Any) -> Row:
    """Make a breaker that opened a minute ago, and is open for another minute."""
    return {
        "endpoint": "create",
        "url": "POST https://api.example.com/createpolicy",
        "state": "open",
        "opened_at": (NOW - datetime.timedelta(minutes=1)).replace(tzinfo=None),
        "asked_again_at": (NOW + datetime.timedelta(minutes=1)).replace(tzinfo=None),
        "problem": "HTTP 503 from <the> *API*",
        "held_back": 3,
    } | parts


def _shown(breakers: str) -> AppTest:
    return AppTest.from_string(SCRIPT.format(breakers=breakers), default_timeout=120).run()


@pytest.mark.parametrize(
    ("state", "minutes", "words"),
    [
        ("open", 1, "open: nothing is sent"),
        ("open", 0, "open: the next run asks the API"),
        ("half_open", 1, "half-open: a run asks the API"),
        ("half_open", -1, "half-open: the next run asks the API"),
    ],
)
def test_what_a_breaker_lets_through(state: str, minutes: int, words: str) -> None:
    """A breaker says whether something is sent now, and by whom."""
    until = NOW + datetime.timedelta(minutes=minutes)
    assert breaker_words(breaker(state=state, asked_again_at=until), NOW) == words


def test_the_page_has_a_section_of_breakers() -> None:
    """A breaker that is not closed is shown whatever the window has; without, nothing is said."""
    text = page("Policies", overview(breakers=[breaker()]), {})
    words = html.unescape(re.sub("<[^>]+>", "", re.sub("</t[dh]>", "|", text)))
    assert (
        "create|open: nothing is sent|2026-11-24 21:59:00|2026-11-24 22:01:00|3"
        "|HTTP 503 from <the> *API*|POST https://api.example.com/createpolicy|"
    ) in words
    for command in ("retry_policy_workflow", "reset_policy_api_breaker"):
        assert f"<code>dbt run-operation {command}</code>" in text
    assert "breaker" not in page("Policies", overview(), {}).partition("<main")[2]


def test_the_app_shows_the_breakers() -> None:
    """The app has the page's rows, with texts as they are, and the same commands."""
    shown = _shown("[breaker()]")
    assert not shown.exception
    (frame,) = shown.dataframe
    assert frame.value.to_dict("records") == [
        {
            "endpoint": "create",
            "state": "open: nothing is sent",
            "since (UTC)": "2026-11-24 21:59:00",
            "until (UTC)": "2026-11-24 22:01:00",
            "held back": 3,
            "seen last": "HTTP 503 from <the> *API*",
            "address": "POST https://api.example.com/createpolicy",
        }
    ]
    assert "`dbt run-operation reset_policy_api_breaker`" in shown.caption[0].value
    nothing = _shown("[]")
    assert not nothing.exception
    assert not nothing.dataframe


def test_what_is_held_back_is_no_error() -> None:
    """An execution that is held back is open; its announced request was not sent."""
    row = execution(outcome="open", status="pending", is_left_behind=True, is_held_back=True)
    assert outcome_words(row) == "open, held back at pending"
    unsent = event(1, "create_policy", 1, http_method="POST", error_cause="api_breaker_open")
    assert request_words(unsent) == "POST not sent"
    figures = {"left_behind": 5, "held_back": 3, "open_before": 0}
    assert [text.partition(".")[0] for text in open_warnings(figures)] == [
        "Held back by a breaker towards the API: 3",
        "Open without a lease owner: 2",
    ]

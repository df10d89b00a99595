"""The page: its words, its use without sight, and that nothing can run in it."""

from __future__ import annotations

import base64
import datetime
import hashlib
import itertools
import re
from html.parser import HTMLParser
from importlib import resources

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from report.page import page
from report.palette import ON_SCREEN
from report.sentences import empty_window_sentence, open_warnings
from tests.repository import ROOT
from tests.unit.report.contrast import contrast
from tests.unit.report.overviews import (
    NOW,
    event,
    execution,
    overview,
    quantiles,
    step,
    story,
)
from tests.unit.report.records import ODD_NAMES
from tests.unit.report.view_tables import VIEWS

STYLE = resources.files("report").joinpath("style.css").read_text(encoding="utf-8")
ANY_TEXT = st.text(st.characters(), max_size=40) | st.sampled_from(ODD_NAMES)
ALLOWED = re.compile(
    r"html|head|meta|title|style|body|header|nav|main|section|footer|a|h[123]|p|time|ul|ol|li"
    r"|dl|div|dt|dd|span|bdi|code|details|summary|table|caption|thead|tbody|tr|th|td|figure"
    r"|figcaption|svg|defs|pattern|g|path|circle|line|rect|text|tspan"
)


class _Reader(HTMLParser):
    """Collects the elements with their attributes, and the text outside of the style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements[-1:] and self.elements[-1][0] != "style":
            self.text += data

    def all(self, name: str) -> list[dict[str, str | None]]:
        """List the attributes of all elements that have this name."""
        return [attributes for tag, attributes in self.elements if tag == name]


def _full() -> str:
    row = execution(outcome="failed", status="error", failed_step=3, error_cause="outcome_unknown")
    found = overview(
        {"completed": 7, "failed": 2, "open": 1},
        causes=[
            {
                "cause": "outcome_unknown",
                "failures": 2,
                "execution_id": "run-1",
                "example": "Step 3 failed",
            }
        ],
        steps=[quantiles("create policy", 0.1, 2, begun=10, succeeded=9, failed=1, still_open=0)],
        requests=[
            quantiles(
                "POST /circuit",
                0.1,
                2,
                calls=10,
                requests_sent=12,
                accepted=9,
                refused=1,
                unanswered=0,
            )
        ],
        recent=[row],
    )
    events = [event(0, "claimed"), event(2, "create_policy", 1, http_method="POST")]
    return page("Policies", found, {"run-1": story([step(1, 0, 2)], events)})


FULL = _Reader(_full())


def test_nothing_can_run_or_load() -> None:
    """The page has no script, no outside link and no style attribute; its policy forbids these."""
    text = _full()
    assert all(ALLOWED.fullmatch(tag) for tag, _ in FULL.elements)
    for _, attributes in FULL.elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert not {"src", "srcset", "action", "background"} & attributes.keys()
    assert all((link["href"] or "").startswith("#") for link in FULL.all("a"))
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = next(meta["content"] for meta in FULL.all("meta") if "http-equiv" in meta)
    assert policy
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert f"<style>{STYLE}</style>" in text


def test_headings_go_down_one_level_at_a_time() -> None:
    """There is one heading of the first level, and no level is left out."""
    levels = [int(tag[1]) for tag, _ in FULL.elements if tag in ("h1", "h2", "h3")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_landmarks_images_and_tables_have_names() -> None:
    """Landmarks, charts and tables have names for screen readers, and links have targets."""
    tags = [tag for tag, _ in FULL.elements]
    assert [tags.count(name) for name in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]
    ids = [attributes["id"] for _, attributes in FULL.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in FULL.elements:
        for name in ("aria-labelledby", "aria-describedby"):
            assert name not in attributes or attributes[name] in ids
    assert all((link["href"] or "")[1:] in ids for link in FULL.all("a"))
    for image in FULL.all("svg"):
        assert image.get("aria-hidden") == "true" or (
            image.get("role") == "img" and image.get("aria-label")
        )
    assert tags.count("table") == tags.count("caption") > 0
    assert all(cell.get("scope") in ("row", "col") for cell in FULL.all("th"))


def test_the_page_says_its_window_and_its_time_zone() -> None:
    """The page names the schema, the start and end of its window, and when it was made."""
    assert "POLICY_DB.POLICY_WORKFLOW" in FULL.text
    assert "2026-11-17 22:00:00 to 2026-11-24 22:00:00 UTC" in FULL.text
    assert "Made 2026-11-24 22:00:00 UTC" in FULL.text
    for time in FULL.all("time"):
        assert datetime.datetime.fromisoformat(time["datetime"] or "").utcoffset() is not None


def test_without_executions_the_page_says_so() -> None:
    """Without executions the page has a sentence, and no empty chart or table."""
    read = _Reader(page("Policies", overview(), {}))
    assert "No executions yet" in read.text
    assert not read.all("figure")
    assert not read.all("table")
    assert [attributes for attributes in read.all("svg") if "aria-hidden" not in attributes] == []


def test_a_quiet_window_differs_from_an_empty_account() -> None:
    """When there were executions before, the page says when the latest started."""
    figures = overview()["figures"] | {"ever": 3, "latest_started_at": NOW}
    sentence = empty_window_sentence(figures, 7)
    assert "last 7 days" in sentence
    assert "2026-11-24 22:00:00 UTC" in sentence


def test_open_executions_that_need_a_look_are_named() -> None:
    """The page warns of open executions without a lease owner or from before the window."""
    figures = overview()["figures"]
    assert open_warnings(figures) == []
    warnings = " ".join(open_warnings(figures | {"left_behind": 2, "open_before": 1}))
    assert "without a lease owner: 2" in warnings
    assert "since before this window: 1" in warnings


def test_what_was_cut_is_said() -> None:
    """Where executions or events are left out, the page says how many there are."""
    found = overview({"completed": 80}, recent=[execution()])
    own = story([step(1, 0, 2)], [event(0, "claimed")])
    read = _Reader(page("Policies", found, {"run-1": own | {"event_count": 500}}))
    assert "1 of 80 executions" in read.text
    assert "500 events, the latest 1 of them" in read.text


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_texts_from_the_database_are_only_texts(name: str, message: str, identifier: str) -> None:
    """No text of a policy, a message, an id or the title changes the elements of the page."""

    def made(name: str, message: str, identifier: str) -> _Reader:
        row = execution(execution_id=identifier, policy_name=name, message=message)
        events = [event(0, name, message=message, status_after=identifier)]
        return _Reader(page(f"x{name}", overview(recent=[row]), {identifier: story([], events)}))

    hostile = made(f"a{name}", f"a{message}", f"a{identifier}")
    plain = made("a" * (len(name) + 1), "a" * (len(message) + 1), "a" * (len(identifier) + 1))
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in plain.elements]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_have_enough_contrast(scheme: int) -> None:
    """Texts have a contrast of 4.5 to 1 with their background, marks and edges 3 to 1."""
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.S)
    colours = dict(re.findall(r"--(\w+): (#\w{6});", blocks[scheme]))
    for text in ("text", "muted", "link", "completed", "failed", "cancelled", "open"):
        assert contrast(colours[text], colours["page"]) >= 4.5
    assert contrast(colours["text"], colours["panel"]) >= 4.5
    for mark in ("accent", "edge"):
        assert contrast(colours[mark], colours["page"]) >= 3
    assert contrast(colours["accent"], colours["pale"]) >= 3
    assert contrast(colours["text"], colours["pale"]) >= 3


@pytest.mark.parametrize("background", ["#ffffff", "#0e1117"])
def test_the_apps_colours_suit_both_of_its_themes(background: str) -> None:
    """Each mark of the app has enough contrast in both themes, because the theme may be unknown."""
    for colour in [*ON_SCREEN.strokes.values(), ON_SCREEN.accent, ON_SCREEN.text]:
        assert contrast(colour, background) >= 3


@pytest.mark.parametrize("view", VIEWS)
def test_made_up_views_have_the_models_columns(view: str) -> None:
    """The tables that replace the views in these tests have only columns of the models."""
    described = yaml.safe_load((ROOT / "models" / f"{view}.yml").read_text(encoding="utf-8"))
    columns = {column["name"] for column in described["models"][0]["columns"]}
    assert set(VIEWS[view]) <= columns

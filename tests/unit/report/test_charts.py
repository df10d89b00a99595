"""Charts become SVG that fits into the page: no script, no style, texts as texts."""

from __future__ import annotations

import datetime
import re
from xml.etree import ElementTree

import pytest

from report.axes import Chart
from report.buckets import OUTCOMES
from report.charts import (
    causes_chart,
    distributions_chart,
    executions_chart,
    has_durations,
    success_rate_chart,
)
from report.palette import ON_SCREEN
from report.svg import NARROW, ON_PAGE, WIDE, both, svg
from report.timeline import Timeline, timeline, timeline_chart
from tests.unit.report.overviews import NOW, event, execution, overview, quantiles, step, story

COUNTS = {"completed": 5, "failed": 2, "cancelled": 1, "open": 1}
BUCKETS = overview(COUNTS)["buckets"]
STEPS = [step(1, 0, 2), step(2, 2, 8), step(3, 8, 10, "failed")]
EVENTS = [
    event(0, "claimed"),
    event(2, "create_policy", 1),
    event(4, "poll_policy_status", 2),
    event(8, "poll_policy_status", 2),
    event(9, "resumed"),
    event(10, "trigger_circuit_breaker", 3, status_after="error"),
]
HOSTILE = "<script>alert(1)</script>\"'&"


def _timeline(**parts: object) -> Timeline:
    laid_out = timeline(execution(**parts), story(STEPS, EVENTS), NOW)
    assert laid_out
    return laid_out


CHARTS: dict[str, Chart] = {
    "executions": executions_chart(BUCKETS, ON_PAGE),
    "success rate": success_rate_chart(BUCKETS, ON_PAGE),
    "durations": distributions_chart([quantiles(HOSTILE, 0.0, 2.5)], ON_PAGE),
    "causes": causes_chart([{"cause": HOSTILE, "failures": 3}], ON_PAGE),
    "timeline": timeline_chart(_timeline(), ON_PAGE),
}


def _drawn(chart: Chart, *, narrow: bool = False) -> ElementTree.Element:
    return ElementTree.fromstring(svg(chart, NARROW if narrow else WIDE, 200, "a", narrow=narrow))


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_plain_svg_of_the_size_asked_for(name: str) -> None:
    """A chart has nothing that could run or load, has no ids, and is a single image."""
    for narrow in (False, True):
        root = _drawn(CHARTS[name], narrow=narrow)
        assert root.get("role") == "img"
        assert root.get("aria-label") == "a"
        assert abs(float(root.get("width", 0)) - (NARROW if narrow else WIDE)) < 1
        for element in root.iter():
            assert element.tag in {"svg", "g", "path", "line", "rect", "text", "tspan", "circle"}
            assert not {"style", "id", "href"} & element.attrib.keys()
            assert element is root or "class" not in element.attrib
            assert "NaN" not in "".join(element.attrib.values())
            assert "undefined" not in "".join(element.attrib.values())


@pytest.mark.parametrize("name", ["durations", "causes"])
def test_a_text_from_the_database_is_text_in_a_chart(name: str) -> None:
    """Markup in a cause or in a label is drawn as text."""
    texts = "".join(_drawn(CHARTS[name]).itertext())
    assert "script" in texts
    assert "<script" not in svg(CHARTS[name], WIDE, 200, HOSTILE, narrow=False)


def test_every_outcome_has_a_paint_of_its_own() -> None:
    """Each outcome has its own filling: solid, hatched, dotted or hollow."""
    assert len(set(ON_PAGE.fills.values())) == len(OUTCOMES)
    painted = {element.get("fill") for element in _drawn(CHARTS["executions"]).iter()}
    assert set(ON_PAGE.fills.values()) <= painted
    assert len(set(ON_SCREEN.fills.values())) == len(OUTCOMES)


@pytest.mark.parametrize("name", CHARTS)
def test_colours_come_from_the_page(name: str) -> None:
    """No colour is fixed, so that light, dark and paper can have colours of their own."""
    for element in _drawn(CHARTS[name]).iter():
        for paint in (element.get("fill", "none"), element.get("stroke", "none")):
            assert paint == "none" or paint.startswith(("var(--", "url(#fill-"))


def test_a_chart_is_made_for_wide_and_for_narrow() -> None:
    """The page has a wide and a narrow chart, with the same text alternative."""
    made = both(
        "in words", lambda narrow: executions_chart(BUCKETS, ON_PAGE, 4 if narrow else 8), 200
    )
    assert re.findall(r'class="(\w+)"', made) == ["wide", "narrow"]
    assert made.count('aria-label="in words"') == 2


def test_a_bar_is_as_high_as_its_count() -> None:
    """The bars of a bucket are stacked, and together as high as its number of executions."""
    drawn = executions_chart(BUCKETS, ON_PAGE).to_dict()
    rows = (
        next(iter(drawn["datasets"].values())) if "datasets" in drawn else drawn["data"]["values"]
    )
    assert {row["outcome"]: row["to"] - row["from"] for row in rows} == COUNTS
    assert max(row["to"] for row in rows) == sum(COUNTS.values())


def test_a_timeline_has_steps_polls_failures_and_runs() -> None:
    """Each mark stands at its time after the start, in seconds."""
    laid_out = _timeline(outcome="failed")
    assert laid_out["unit"] == "seconds"
    spans = [bar for bar in laid_out["bars"] if bar["kind"] == "step"]
    assert [(bar["lane"], bar["start"], bar["end"]) for bar in spans] == [
        ("create", 0, 2),
        ("poll", 2, 8),
        ("trigger", 8, 10),
    ]
    assert [poll["at"] for poll in laid_out["polls"]] == [4, 8]
    assert [failure["lane"] for failure in laid_out["failures"]] == ["trigger"]
    assert [run["at"] for run in laid_out["runs"]] == [9]


@pytest.mark.parametrize(("left_behind", "end"), [(False, 600), (True, 8)])
def test_an_open_step_reaches_the_present_only_with_a_lease_owner(
    *, left_behind: bool, end: int
) -> None:
    """The open step of an execution without a lease owner ends with the last event."""
    row = execution(
        outcome="open",
        is_left_behind=left_behind,
        last_event_at=NOW - datetime.timedelta(seconds=592),
    )
    laid_out = timeline(row, story([step(2, 0, 8, "open")], []), NOW)
    assert laid_out
    assert laid_out["bars"][0]["end"] * (60 if laid_out["unit"] == "minutes" else 1) == end


@pytest.mark.parametrize(
    ("seconds", "unit"),
    [(0, "milliseconds"), (5, "seconds"), (900, "minutes"), (90000, "hours"), (9e5, "days")],
)
def test_a_timeline_chooses_its_unit(seconds: float, unit: str) -> None:
    """For durations from milliseconds to weeks, the axis has readable numbers."""
    last = NOW + datetime.timedelta(seconds=seconds, minutes=-10)
    laid_out = timeline(execution(last_event_at=last), story([step(1, 0, seconds)], []), NOW)
    assert laid_out
    assert laid_out["unit"] == unit
    assert 0 < laid_out["span"] <= 1000
    assert "NaN" not in both("a", lambda _: timeline_chart(laid_out, ON_PAGE), 90)


def test_without_steps_there_is_no_timeline() -> None:
    """An execution that has no step has no timeline."""
    assert timeline(execution(), story(), NOW) is None


def test_what_never_finished_has_no_distribution() -> None:
    """Steps that are all open have counts and no durations."""
    nothing = dict.fromkeys(("p05", "p25", "p50", "p75", "p95", "longest"))
    rows = [quantiles("a", 1, 2), {"label": "b", **nothing}]
    assert [row["label"] for row in has_durations(rows)] == ["a"]

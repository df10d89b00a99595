"""The HTML report, over the local Snowflake and in a browser."""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from report.command import run
from report.queries import LISTED_EVENTS, LISTED_EXECUTIONS
from report.words import duration_text
from tests.account.account import Account, OwnSchemas
from tests.account.policy_api import ReachedApi
from tests.integration.workflow import Workflow
from tests.integration.written_reports import LargeReport, large_report, written
from tests.unit.report.browser import Watched, open_browser, watched_page
from tests.unit.report.contrast import contrast
from tests.unit.report.records import ODD_NAMES, Records, executions, fold, live, mixed

NOW = datetime.datetime.now(datetime.UTC)
IN_WINDOW = "date_part(epoch_second, started_at) >= ?"
# Every text that is visible, with its colour and its size.
TEXTS = """() => [...document.querySelectorAll('body *')]
    .filter(element => element.checkVisibility() && element.getClientRects().length
        && [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .map(element => {
        const style = getComputedStyle(element);
        return [element instanceof SVGElement ? style.fill : style.color,
            parseFloat(style.fontSize), element.textContent.trim().slice(0, 40)];
    })"""

# Every chart that is visible, with its left and right edge.
CHARTS = """() => [...document.querySelectorAll('svg[role=img]')]
    .filter(chart => chart.checkVisibility())
    .map(chart => [chart.getAttribute('class'), chart.getBoundingClientRect().left,
        chart.getBoundingClientRect().right])"""
BACKGROUND = "getComputedStyle(document.body).backgroundColor"
SIZES = list(product((1280, 390), ("light", "dark")))
Made = Callable[[Records], Path]
Read = Callable[[int], Path]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start one browser for these tests."""
    with open_browser() as started:
        yield started


@pytest.fixture(scope="module")
def made(shared_workflow: Workflow, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Give a function that puts records in place of the views, and writes the report."""
    return lambda records: written(shared_workflow, records, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def large(
    account: Account,
    own_schemas: OwnSchemas,
    policy_api: ReachedApi,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LargeReport]:
    """Give a report in a schema of its own, where its records stay."""
    folder = tmp_path_factory.mktemp("large")
    with own_schemas.one() as schema:
        workflow = Workflow(account, policy_api, folder, schema)
        # With 100, the quantiles of the completed executions differ visibly from those of all.
        yield large_report(workflow, _some(100), folder, NOW)
        workflow.connection.close()


@pytest.fixture(scope="module")
def read(made: Made) -> Read:
    """Give a function that answers the report on so many executions, for all who only read it."""
    return cache(lambda count: made(_some(count)))


def _some(count: int) -> Records:
    return executions(mixed(count), NOW, ODD_NAMES)


def _opened(watched: Watched, report: Path) -> Page:
    watched.page.goto(report.as_uri())
    return watched.page


def _figure(page: Page, name: str) -> str:
    return page.locator(f".figures div:has(dt:text-is('{name}')) .value").inner_text()


def _cells(page: Page, caption: str) -> list[list[str]]:
    rows = page.locator("table", has=page.locator("caption", has_text=caption))
    return [
        [cell.strip() for cell in row.locator("th, td").all_text_contents()]
        for row in rows.locator("tbody tr").all()
    ]


def _since(page: Page) -> int:
    """Read from the page where the window begins."""
    found = page.locator("header time").first.get_attribute("datetime")
    return int(datetime.datetime.fromisoformat(found or "").timestamp())


@pytest.mark.parametrize("count", [0, 1, 25], ids=["empty", "single", "mixed"])
def test_the_page_opens_at_any_size(read: Read, browser: Browser, count: int) -> None:
    """Wide or narrow, light or dark: the page has no error, loads no other file, and fits."""
    report = read(count)
    pages = {}
    for width, scheme in SIZES:
        with watched_page(browser, width, scheme) as watched:
            page = _opened(watched, report)
            for details in page.locator("details").all()[:4]:
                details.locator("summary").click()
            assert watched.overflow() <= 0
            assert watched.complaints == []
            assert watched.requests == [report.as_uri()]
            charts = page.evaluate(CHARTS)
            assert {kind for kind, *_ in charts} <= {"wide" if width == 1280 else "narrow"}
            assert bool(charts) == bool(count)
            assert all(left >= 0 and right <= width for _, left, right in charts)
            pages[width, scheme] = page.evaluate(BACKGROUND)
    assert pages[390, "light"] != pages[390, "dark"]


def test_figures_are_sqls_figures(large: LargeReport, browser: Browser) -> None:
    """Counts, success rate, durations, causes, steps and calls are the same as SQL counts."""
    query = large.workflow.query
    with watched_page(browser) as watched:
        page = _opened(watched, large.report)
        since = _since(page)
        counted = query(
            "select case when is_cancelled then 'Cancelled' when status = 'completed' then"
            " 'Completed' when status = 'error' then 'Failed' else 'Open' end as outcome,"
            f" count(*) as executions from policy_executions where {IN_WINDOW} group by 1",
            [since],
        )
        for row in counted:
            assert _figure(page, row["OUTCOME"]) == str(row["EXECUTIONS"])
        assert len(counted) == 4
        whole = query(
            "select count(*) as executions, round(100 * count_if(status = 'completed')"
            " / count(*), 2) as rate from policy_executions"
            f" where {IN_WINDOW}",
            [since],
        )[0]
        assert _figure(page, "Executions") == str(whole["EXECUTIONS"])
        assert float(_figure(page, "Success rate").rstrip("%")) == float(whole["RATE"])
        for part in (50, 95):
            durations = query(
                f"select percentile_cont(0.{part}) within group (order by duration_seconds)"
                f" as seconds from policy_executions where status = 'completed' and {IN_WINDOW}",
                [since],
            )
            wanted = duration_text(float(durations[0]["SECONDS"]))
            assert _figure(page, f"Duration p{part}") == wanted
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        causes = query(
            "select error_cause, count(*) as failures from policy_executions"
            f" where status = 'error' and not is_cancelled and {IN_WINDOW} group by 1",
            [since],
        )
        shown = {row[0]: int(row[1]) for row in _cells(page, "Causes of failures")}
        assert shown == {row["ERROR_CAUSE"]: row["FAILURES"] for row in causes}
        for cause, _, execution, message in _cells(page, "Causes of failures"):
            example = query(
                "select error_cause, message from policy_executions where execution_id = ?",
                [execution],
            )
            assert example == [{"ERROR_CAUSE": cause, "MESSAGE": message}]
        over_time = _cells(page, "Executions by start")
        assert sum(sum(map(int, row[1:5])) for row in over_time) == whole["EXECUTIONS"]
        steps = query(
            "select step_name, count(*) as begun, count_if(result = 'failed') as failed"
            f" from policy_execution_steps where {IN_WINDOW} group by step, 1 order by step",
            [since],
        )
        assert [(row[0], int(row[1]), int(row[3])) for row in _cells(page, "Steps that")] == [
            tuple(row.values()) for row in steps
        ]
        calls = query(
            "select endpoint, count(*) as calls, count_if(http_status is null) as unanswered"
            " from policy_api_requests where date_part(epoch_second, requested_at) >= ?"
            " group by step, 1 order by step",
            [since],
        )
        assert [(row[0], int(row[1]), int(row[5])) for row in _cells(page, "Calls of")] == [
            tuple(row.values()) for row in calls
        ]


def test_the_keyboard_reaches_every_detail(read: Read, browser: Browser) -> None:
    """Tab reaches every summary in order, with a visible focus, and Enter opens the details."""
    with watched_page(browser) as watched:
        page = _opened(watched, read(12))
        wanted = page.locator("summary").count()
        assert wanted > 12
        page.keyboard.press("Tab")
        assert page.locator(":focus").inner_text() == "Skip to the figures"
        assert page.locator(":focus").bounding_box()["y"] >= 0  # type: ignore[index]
        reached = []
        for _ in range(wanted * 3):
            page.keyboard.press("Tab")
            where, line = page.evaluate(
                "[[...document.querySelectorAll('summary')].indexOf(document.activeElement),"
                " getComputedStyle(document.activeElement).outlineStyle]"
            )
            if where >= 0:
                reached.append(where)
                assert line == "solid"
            if where == wanted - 1:
                break
        assert reached == list(range(wanted))
        page.keyboard.press("Enter")
        assert page.locator("details").last.get_attribute("open") is not None
        page.keyboard.press("Tab")
        assert page.locator(":focus").get_attribute("role") == "region"
        assert "Events, in order" in (page.locator(":focus").get_attribute("aria-label") or "")


def test_a_link_leads_to_the_example_of_a_cause(read: Read, browser: Browser) -> None:
    """The example of a cause links to its execution in the list."""
    with watched_page(browser) as watched:
        page = _opened(watched, read(25))
        link = page.locator("#failures a").first
        link.press("Enter")
        assert link.inner_text() in page.locator(":target").inner_text()


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_every_text_can_be_read(read: Read, browser: Browser, scheme: str, width: int) -> None:
    """Texts of the page and its charts have a contrast of 4.5 to 1 and 12 pixels at least."""
    with watched_page(browser, width, scheme) as watched:
        page = _opened(watched, read(12))
        behind = page.evaluate(BACKGROUND)
        texts = page.evaluate(TEXTS)
        assert len(texts) > 100
        for colour, size, text in texts:
            assert contrast(colour, behind) >= 4.5, (text, colour)
            assert size >= 12, text


def test_print_is_light_and_whole(read: Read, browser: Browser) -> None:
    """In print, colours are light, charts fit the page, and closed details are left out."""
    with watched_page(browser, 680, "dark") as watched:
        page = _opened(watched, read(12))
        page.locator("#over-time summary").click()
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate(BACKGROUND) == "rgb(255, 255, 255)"
        assert watched.overflow() <= 0
        assert {kind for kind, *_ in page.evaluate(CHARTS)} == {"wide"}
        assert page.locator("#over-time table").is_visible()
        assert not page.locator("#executions details").first.is_visible()
        assert page.get_by_text("left out of print").is_visible()
        for region in page.locator("#over-time .scroll, #failures .scroll").all():
            assert region.evaluate("one => one.scrollWidth - one.clientWidth") <= 0
        assert page.pdf(format="A4").startswith(b"%PDF")


def test_names_are_shown_as_they_are(made: Made, browser: Browser) -> None:
    """Markup, quotes, right-to-left texts, emoji and long names are shown as text, cut if long."""
    with watched_page(browser, 390) as watched:
        page = _opened(watched, made(executions(["completed"] * len(ODD_NAMES), NOW, ODD_NAMES)))
        shown = page.locator(".properties div:has(dt:text-is('Policy')) dd").all_text_contents()
        wanted = [name if len(name) < 100 else name[:120] + " … (cut)" for name in ODD_NAMES]
        assert sorted(shown) == sorted(wanted)
        assert page.locator("script, img, iframe, b").count() == 0
        assert watched.overflow() <= 0
        assert watched.complaints == []


def test_nothing_at_all_is_said_in_words(made: Made, browser: Browser) -> None:
    """An account without executions has a sentence, and an empty window has another."""
    with watched_page(browser) as watched:
        page = _opened(watched, made(Records()))
        assert page.get_by_text("No executions yet").is_visible()
        assert page.locator("figure, table, svg[role=img]").count() == 0
        month = executions(["completed"], NOW - datetime.timedelta(days=30))
        page = _opened(watched, made(month))
        assert page.get_by_text("No executions started in the last 7 days").is_visible()
        assert page.locator("figure, table").count() == 0


def test_old_open_executions_are_not_forgotten(made: Made, browser: Browser) -> None:
    """An execution that is open since before the window is listed, and is not counted."""
    records = executions(["left_behind"], NOW - datetime.timedelta(days=30))
    fold(records, live("fresh", "completed", NOW - datetime.timedelta(hours=1), 1), "fresh", None)
    with watched_page(browser) as watched:
        page = _opened(watched, made(records))
        assert _figure(page, "Executions") == "1"
        assert page.get_by_text("Open since before this window: 1").is_visible()
        assert page.get_by_text("Open without a lease owner: 1").is_visible()
        listed = page.locator(".execution h3").all_inner_texts()
        assert [text.split()[-1] for text in listed] == ["run-0000", "fresh"]


def test_the_page_says_what_is_left_out(large: LargeReport, browser: Browser) -> None:
    """Lists are bounded, and the page counts the executions and events beyond the bound."""
    with watched_page(browser) as watched:
        page = _opened(watched, large.report)
        assert page.locator(".execution").count() == LISTED_EXECUTIONS
        assert page.get_by_text(f"{LISTED_EXECUTIONS} of 100").is_visible()
        own = page.locator(".execution", has_text=large.first)
        assert f"the latest {LISTED_EVENTS} of them" in own.locator("summary").inner_text()
        assert own.locator("tbody tr").count() == LISTED_EVENTS
    assert len(large.asked) == 12
    assert all(sql.startswith("select") for sql in large.asked)


def test_real_runs_are_reported(workflow: Workflow, browser: Browser, tmp_path: Path) -> None:
    """The report on real runs has their outcomes, their causes and all their events."""
    workflow.api.order(endpoint="create", policy_name="bad", http_status=422)
    policies = [
        {"execution_id": "good", "policy_data": {"policy_name": "good <b>"}},
        {"execution_id": "bad", "policy_data": {"policy_name": "bad"}},
    ]
    ran = workflow.run(policies=policies)
    assert "1 of 2 execution(s) did not complete" in ran.output
    assert workflow.dbt("run").success
    output = tmp_path / "report.html"
    arguments = argparse.Namespace(output=output, days=7, title="Policies")
    assert run(arguments, workflow.environment) == 0
    with watched_page(browser) as watched:
        page = _opened(watched, output)
        assert [_figure(page, name) for name in ("Completed", "Failed")] == ["1", "1"]
        assert [row[:3] for row in _cells(page, "Causes of failures")] == [
            ["api_rejected", "1", "bad"]
        ]
        good = page.locator(".execution", has_text="good <b>")
        assert "completed" in good.locator("h3").inner_text()
        assert good.locator("svg.wide").get_attribute("aria-label") is not None
        events = [event["event"] for event in workflow.events() if event["execution_id"] == "good"]
        assert good.locator("tbody td:nth-child(2)").all_text_contents() == events
        assert watched.complaints == []


def test_without_views_the_way_out_is_named(
    workflow: Workflow, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without views the exit code is 1, the message names `dbt build`, and no file is written."""
    output = tmp_path / "report.html"
    arguments = argparse.Namespace(output=output, days=7, title="Policies")
    assert run(arguments, workflow.environment) == 1
    assert "`dbt build` makes them" in capsys.readouterr().err
    assert not output.exists()


def test_an_account_that_does_not_answer_is_an_error_in_a_sentence(
    workflow: Workflow, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A role that is refused at sign-in gives exit code 1 and a sentence, not a traceback."""
    arguments = argparse.Namespace(output=tmp_path / "report.html", days=7, title="Policies")
    environment: dict[str, Any] = workflow.environment | {"SNOWFLAKE_ROLE": "NOBODY"}
    assert run(arguments, environment) == 1
    assert capsys.readouterr().err.startswith("report: the views cannot be read: ")

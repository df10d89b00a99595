"""The Streamlit app: the one file that is deployed, over the local Snowflake and in a browser."""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from unittest import mock

import pytest
import streamlit as st
from playwright.sync_api import Browser, Page, expect
from snowflake.connector import SnowflakeConnection
from streamlit.testing.v1 import AppTest

from local_snowflake.server import LocalSnowflake
from report import app, policy_dashboard
from report.command import reader
from report.views import Row
from tests.integration.workflow import Workflow
from tests.repository import ROOT
from tests.unit.report.browser import open_browser, watched_page
from tests.unit.report.records import ODD_NAMES, Records, executions, mixed
from tests.unit.report.view_tables import VIEWS, fill_views

# They read tables in place of the views, and need no procedures.
pytestmark = pytest.mark.empty_schema
PATIENCE = 60_000
COUNTS = """
select
    count(*) as executions,
    count_if(status = 'completed') as completed,
    count_if(status = 'error' and not is_cancelled) as failed,
    count_if(is_cancelled) as cancelled,
    count_if(not is_finished) as open
from policy_executions
where date_part(epoch_second, started_at) >= ?
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start one browser for these tests."""
    with open_browser() as started:
        yield started


@contextlib.contextmanager
def _app(workflow: Workflow, folder: Path) -> Iterator[str]:
    """Run the app on a free port of this machine, and give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "server.headless": "true",
        "server.address": "127.0.0.1",
        "server.port": str(port),
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    given = [part for name, value in options.items() for part in (f"--{name}", value)]
    log = folder / "streamlit.log"
    with (
        log.open("w") as written,
        subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", policy_dashboard.__file__, *given],
            cwd=folder,
            env=os.environ | workflow.environment,
            stdout=written,
            stderr=written,
        ) as process,
    ):
        try:
            url = f"http://127.0.0.1:{port}"
            while not _answers(f"{url}/_stcore/health"):
                assert process.poll() is None, log.read_text(encoding="utf-8")
                time.sleep(0.1)
            yield url
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def _metrics(page: Page, names: Iterable[str]) -> dict[str, str]:
    """Read what the page shows at this moment, of metrics that have these names."""
    labels, values = (
        page.locator(f"[data-testid=stMetric] [data-testid=stMetric{part}]").all_inner_texts()
        for part in ("Label", "Value")
    )
    shown = dict(zip(map(str.strip, labels), map(str.strip, values), strict=False))
    return {name: shown[name] for name in names if name in shown}


def _rows(page: Page, first_head: str) -> list[tuple[str, str]]:
    """Read the first two cells of each row that a data frame has at this moment.

    A data frame has a table for screen readers, which the browser fills bit by bit.
    """
    frame = page.get_by_test_id("stDataFrame").filter(
        has=page.locator(f"th:text-is('{first_head}')")
    )
    first, second = (
        frame.locator(f"tbody tr td:nth-of-type({place})").all_text_contents() for place in (1, 2)
    )
    return list(zip(first, second, strict=False))


def _expect_shown(read: Callable[[], object], wanted: object) -> None:
    """Expect that the page comes to show this: the browser draws a moment after the script ends."""
    patience = time.monotonic() + PATIENCE / 1000
    while read() != wanted and time.monotonic() < patience:
        time.sleep(0.1)
    assert read() == wanted


def _settle(page: Page) -> None:
    """Wait until the script of the app ends: until then the app takes the focus from inputs."""
    settled = page.locator("[data-testid=stApp][data-test-script-state=notRunning]")
    expect(settled).to_be_attached(timeout=PATIENCE)


def _choose(page: Page, execution_id: str) -> None:
    """Choose an execution in the list, and wait for its story."""
    _settle(page)
    page.get_by_role("combobox").click()
    page.keyboard.type(execution_id)
    page.get_by_role("option").filter(has_text=execution_id).click()
    chosen = re.compile(f"^{execution_id} ")
    expect(page.get_by_role("combobox")).to_have_value(chosen, timeout=PATIENCE)
    _settle(page)


def _since(page: Page) -> int:
    """Read from the page where the window begins."""
    sentence = page.get_by_text("executions that started in the last").inner_text()
    begin = sentence.split(", ")[1].split(" to ")[0]
    moment = datetime.datetime.strptime(begin, "%Y-%m-%d %H:%M:%S")
    return int(moment.replace(tzinfo=datetime.UTC).timestamp())


def _expected(workflow: Workflow, since: int) -> dict[str, str]:
    row = workflow.query(COUNTS, [since])[0]
    return {name.capitalize(): str(value) for name, value in row.items()}


@pytest.fixture
def begin_listening(
    request: pytest.FixtureRequest, workflow: Workflow, on_account: bool
) -> Callable[[], Callable[[], list[str]]]:
    """Give a function after which another one answers what others have sent since.

    On an account nothing of this can be looked up, and nothing is answered.
    """
    if on_account:
        return lambda: list
    local: LocalSnowflake = request.getfixturevalue("local_snowflake")

    def begin() -> Callable[[], list[str]]:
        workflow.query("select 1")
        first, own = len(local.statements), local.statements[-1].session
        return lambda: [sent.sql for sent in local.statements[first:] if sent.session != own]

    return begin


def test_the_app_shows_sqls_figures_and_only_reads(
    workflow: Workflow,
    browser: Browser,
    tmp_path: Path,
    begin_listening: Callable[[], Callable[[], list[str]]],
) -> None:
    """Counts, causes and the story of an execution are the same as SQL says, for two windows.

    The app sends only queries: for the page, for an execution and for another window.
    """
    # The time when this test begins: from the time of collection, leases might have expired.
    now = datetime.datetime.now(datetime.UTC)
    fill_views(workflow.connection, executions(mixed(150), now, ODD_NAMES))
    heard = begin_listening()
    with _app(workflow, tmp_path) as url, watched_page(browser) as watched:
        page = watched.page
        page.goto(url)
        expect(page.get_by_text("in the last 7 days")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("Recent executions")).to_be_visible(timeout=PATIENCE)
        _settle(page)
        since = _since(page)
        counts = _expected(workflow, since)
        _expect_shown(lambda: _metrics(page, counts), counts)
        whole = round(100 * int(counts["Completed"]) / int(counts["Executions"]), 2)
        assert float(_metrics(page, ["Success rate"])["Success rate"].rstrip("%")) == whole
        causes = workflow.query(
            "select error_cause, count(*) as failures from policy_executions where status = 'error'"
            " and not is_cancelled and date_part(epoch_second, started_at) >= ? group by 1",
            [since],
        )
        expect(page.locator("th:text-is('cause')").first).to_be_attached(timeout=PATIENCE)
        _expect_shown(
            lambda: dict(_rows(page, "failures")),
            {row["ERROR_CAUSE"]: str(row["FAILURES"]) for row in causes},
        )
        charts = page.get_by_test_id("stVegaLiteChart")
        expect(charts).to_have_count(6, timeout=PATIENCE)

        page.get_by_text("24 hours", exact=True).click()
        expect(page.get_by_text("in the last 24 hours")).to_be_visible(timeout=PATIENCE)
        _settle(page)
        counts = _expected(workflow, _since(page))
        expect(page.get_by_test_id("stMetricValue").first).to_have_text(
            counts["Executions"], timeout=PATIENCE
        )
        _expect_shown(lambda: _metrics(page, counts), counts)

        _choose(page, "run-0001")
        expect(page.get_by_text("left behind at policy_created; started")).to_be_visible(
            timeout=PATIENCE
        )
        events = workflow.query(
            "select event from policy_execution_history where execution_id = 'run-0001'"
            " order by sequence"
        )
        expect(page.locator("th:text-is('time (UTC)')")).to_be_attached(timeout=PATIENCE)
        _expect_shown(
            lambda: [row[1] for row in _rows(page, "time (UTC)")],
            [row["EVENT"] for row in events],
        )
        expect(page.get_by_text(f"policy {ODD_NAMES[1]}, pol_")).to_be_visible()
        # A second execution, because the app shows the first of its list unasked.
        _choose(page, "run-0000")

        assert page.get_by_test_id("stException").count() == 0
        assert watched.complaints == []
        assert all(request.split("/")[2] == url.split("/")[2] for request in watched.requests)
    if sent := heard():
        for view in VIEWS:
            assert sum(view in sql for sql in sent) >= 2, view
        assert all(sql.startswith("select") for sql in sent)


def test_the_app_without_executions_and_without_views(
    workflow: Workflow, browser: Browser, tmp_path: Path
) -> None:
    """Without executions or without views the app has a sentence, and shows no exception."""
    with _app(workflow, tmp_path) as url, watched_page(browser, 390) as watched:
        page = watched.page
        page.goto(url)
        expect(page.get_by_text("dbt build")).to_be_visible(timeout=PATIENCE)
        fill_views(workflow.connection, Records())
        page.goto(url)
        expect(page.get_by_text("No executions yet")).to_be_visible(timeout=PATIENCE)
        assert page.get_by_test_id("stException").count() == 0
        assert watched.overflow() <= 0
        assert watched.complaints == []


class _Remembering:
    """A session that sends each query once, and answers from memory when asked again."""

    def __init__(self, connection: SnowflakeConnection) -> None:
        self.read = reader(connection)
        self.answers: dict[str, list[Row]] = {}
        self.asked: list[str] = []

    def sql(self, sql: str, params: list[object] | None = None) -> mock.Mock:
        asked = f"{sql} {params}"
        self.asked.append(asked)
        if asked not in self.answers:
            self.answers[asked] = self.read(sql, params or [])
        rows = [mock.Mock(as_dict=lambda row=row: row) for row in self.answers[asked]]
        return mock.Mock(collect=lambda: rows)


def _shown(script: str, session: _Remembering) -> tuple[list[str], list[str]]:
    """Run a script of the app without a browser; returns what it shows, and its queries."""
    st.cache_data.clear()
    st.cache_resource.clear()
    session.asked.clear()
    with mock.patch("snowflake.snowpark.Session.builder") as builder:
        builder.configs.return_value.create.return_value = session
        test = AppTest.from_file(script, default_timeout=120).run()
        shown = [str(element.proto) for element in test.main]
        test.radio[0].set_value("24 hours").run()
        test.selectbox[0].select("run-0001").run()
        shown += [str(element.proto) for element in test.main]
    assert not test.exception
    # Streamlit makes the ids of inputs from the name of the script.
    return [re.sub(r"\$\$ID-\w+", "", text) for text in shown], list(session.asked)


def test_the_modules_show_what_the_one_file_shows(
    workflow: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The modules and the file generated from them send the same queries and show the same."""
    fill_views(
        workflow.connection, executions(mixed(30), datetime.datetime.now(datetime.UTC), ODD_NAMES)
    )
    for name, value in workflow.environment.items():
        monkeypatch.setenv(name, value)
    session = _Remembering(workflow.connection)
    one_file, modules = (_shown(str(made.__file__), session) for made in (policy_dashboard, app))
    assert sum("vega-lite" in text for text in one_file[0]) > 10
    assert one_file == modules


IN_EACH = """
from report import app, policy_dashboard

for module in (policy_dashboard, app):
    try:
        print(module._reader()("select current_role() as role, ? as bound", ["b"]))
    except Exception as error:
        print(error)
"""


def _outside_of_streamlit(folder: Path, **variables: str) -> list[str]:
    """What a query comes to in the one file, and in the modules."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SNOWFLAKE_")}
    ran = subprocess.run(
        [sys.executable, "-c", IN_EACH],
        cwd=ROOT,
        env=kept | {"SNOWFLAKE_HOME": str(folder), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def test_the_connection_that_is_given(workflow: Workflow, tmp_path: Path) -> None:
    """Without the variable of a user, the app takes the connection that Streamlit has."""
    names = ("account", "user", "password", "host", "port", "protocol", "role")
    lines = [f'{name} = "{workflow.environment[f"SNOWFLAKE_{name.upper()}"]}"' for name in names]
    (tmp_path / "connections.toml").write_text("\n".join(["[default]", *lines]))
    (tmp_path / "connections.toml").chmod(0o600)
    # Snowflake's containers have these variables, which name no user.
    found = _outside_of_streamlit(tmp_path, SNOWFLAKE_ACCOUNT="a", SNOWFLAKE_HOST="nowhere")
    wanted = [{"ROLE": workflow.environment["SNOWFLAKE_ROLE"], "BOUND": "b"}]
    assert found == [str(wanted)] * 2


def test_no_connection_at_all(tmp_path: Path) -> None:
    """Where Streamlit has no connection either, the error names the missing variables."""
    found = _outside_of_streamlit(tmp_path)
    assert len(found) == 2
    for said in found:
        assert "SNOWFLAKE_ACCOUNT and SNOWFLAKE_USER not set" in said

"""The report over an API that is down: what it shows of the breakers towards the API."""

from __future__ import annotations

import argparse
import html
import re
from pathlib import Path

from report.command import reader, run
from report.reading import read_breakers
from tests.integration.workflow import Workflow

VARS = {
    "policy_api_breaker_failures": 2,
    "policy_api_connections": 1,
    "policy_api_max_retries": 0,
    "policy_wait_seconds": 0,
}
HEADING = "Breakers towards the API"


def _page(workflow: Workflow, folder: Path) -> str:
    """Write the report; returns its words, with a bar after each cell."""
    output = folder / "report.html"
    arguments = argparse.Namespace(output=output, days=7, title="Policies")
    assert run(arguments, workflow.environment) == 0
    body = output.read_text(encoding="utf-8").partition("<main")[2]
    return html.unescape(re.sub("<[^>]+>", "", re.sub("</t[dh]>|</dd>", "|", body)))


def test_an_open_breaker_is_shown(workflow: Workflow, new_role: str, tmp_path: Path) -> None:
    """The page says where the API is down, since and until when, and what is held back."""
    policies = [
        {"execution_id": f"e{n}", "policy_data": {"policy_name": f"p{n}"}} for n in range(5)
    ]
    workflow.api.order(statuses=["ready"])
    workflow.api.order(endpoint="circuit", http_status=503)
    assert not workflow.run(policies=policies, project_vars=VARS).success
    # The second run holds back what the first one has failed at, too, and sends nothing.
    assert not workflow.run("retry_policy_workflow", project_vars=VARS).success
    assert len(workflow.api.journal("circuit")) == 2
    assert workflow.dbt("build").success
    row = workflow.query(
        'select "url", to_varchar("opened_at", \'YYYY-MM-DD HH24:MI:SS\') as since,'
        " to_varchar(\"retry_at\", 'YYYY-MM-DD HH24:MI:SS') as until from policy_api_breakers"
    )[0]

    page = _page(workflow, tmp_path)
    seen = f"trigger|open: nothing is sent|{row['SINCE']}|{row['UNTIL']}|5|HTTP 503 from the API"
    assert f"{HEADING}" in page
    assert seen in page
    assert f"|{row['url']}|" in page
    assert "dbt run-operation retry_policy_workflow asks the API again" in page
    assert "dbt run-operation reset_policy_api_breaker" in page
    assert "Held back by a breaker towards the API: 5. They are no errors" in page
    assert "Open without a lease owner" not in page
    assert "No execution failed in this window." in page
    assert page.count("open, held back at policy_ready") == 5
    # Two requests were sent; three were announced, and say that they were not sent.
    assert "POST /circuit|2|2|0|2|0|" in page
    assert page.count("POST not sent") == 3

    # Closed, hidden or missing: nothing is shown, and the executions stay held back.
    place, closed = workflow.place, "update policy_api_breakers set \"state\" = 'closed'"
    read = reader(workflow.connection)
    assert len(read_breakers(read, place, {})) == 1
    with workflow.connect(new_role) as connection:
        assert read_breakers(reader(connection), place, {}) == []
    for statement in (closed, "drop table policy_api_breakers"):
        workflow.query(statement)
        assert read_breakers(read, place, {}) == []

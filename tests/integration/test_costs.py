"""What docs/snowflake.md and docs/performance.md say that a run sends is what it sends."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from local_snowflake.server import LocalSnowflake
from tests.benchmarks.in_process import sent_by_procedures
from tests.integration.workflow import Workflow
from tests.repository import ROOT

pytestmark = pytest.mark.empty_schema

PAGE = (ROOT / "docs" / "snowflake.md").read_text(encoding="utf-8")
ROWS = [
    tuple(int(cell) for cell in row)
    for row in re.findall(r"^\| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", PAGE, re.M)
]

PURPOSES = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
NAMES = re.compile(
    r"\b(?:policy_execution_(?:state|events|runs)|policy_api_breakers|information_schema\.\w+)\b"
)


def _listed(where: str) -> list[str]:
    """The statements of the page's table that are sent by dbt, or in a step."""
    return re.findall(rf"^\| {where} \| `([^`]+)` \| ", PURPOSES, re.M)


def _kind(sql: str) -> str:
    """The kind of a statement, and the procedure that it calls, or the tables that it is about."""
    verb = sql.split(maxsplit=1)[0]
    if verb == "call":
        return f"call {sql.partition('(')[0].split('.')[-1]}"
    tables = list(dict.fromkeys(NAMES.findall(sql)))
    if verb in ("with", "select"):
        return f"select {', '.join(tables)}".rstrip()
    return f"{verb} {tables[0]}" if tables else verb


@pytest.mark.parametrize(("polls", "from_dbt", "in_procedures", "events"), ROWS)
def test_a_warm_run_sends_what_the_page_says(
    workflow: Workflow,
    local_snowflake: LocalSnowflake,
    polls: int,
    from_dbt: int,
    in_procedures: int,
    events: int,
) -> None:
    """Statements of dbt and of the procedures, and events, for each poll that it takes."""
    assert workflow.run("deploy_policy_workflow").success
    workflow.api.order(statuses=["pending"] * (polls - 1) + ["ready"])
    before = len(local_snowflake.statements)
    ran = workflow.run(project_vars={"policy_poll_interval_seconds": 3})
    assert ran.success, ran.output
    assert len(ran.statements) == from_dbt
    if polls == 1:
        assert [_kind(sql) for sql in ran.statements] == _listed("dbt")
    inside = [_kind(sql) for sql in sent_by_procedures(local_snowflake, before)]
    assert len(inside) == in_procedures
    assert inside == _listed("step 1") + polls * _listed("poll") + _listed("step 3")
    assert len(workflow.events()) == events


def test_the_page_has_figures() -> None:
    """Its table goes up by what a poll costs: a wait and a CALL, five statements, one event."""
    assert len(ROWS) == 3
    for row, following in pairwise(ROWS):
        assert [b - a for a, b in zip(row, following, strict=True)] == [1, 2, 5, 1]
    assert "10 statements in step 1, 5 in each poll, 9 in step 3" in PAGE
    assert ROWS[0][2] == 10 + 5 + 9


def test_other_commands_send_what_the_page_says(workflow: Workflow) -> None:
    """A first run, one of what is completed, and an advance that finds nothing to do."""
    workflow.api.order(statuses=["ready"])
    first = workflow.run(execution_id="e")
    again = workflow.run(execution_id="e")
    advanced = workflow.run("advance_policy_workflow")
    assert first.success
    assert again.success
    assert advanced.success
    assert f"completed before sends {len(again.statements)} from dbt" in PAGE
    assert f"({len(first.statements)} on an empty schema)" in PAGE
    assert f"`advance_policy_workflow` sends {len(advanced.statements)}." in PAGE

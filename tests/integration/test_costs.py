"""What docs/snowflake.md says that a run sends is what it sends."""

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
    ran = workflow.run(project_vars={"policy_poll_interval_seconds": 1})
    assert ran.success, ran.output
    assert len(ran.statements) == from_dbt
    assert len(sent_by_procedures(local_snowflake, before)) == in_procedures
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

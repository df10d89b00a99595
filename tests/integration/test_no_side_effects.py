"""Commands that only look at the project send nothing to the API and write nothing."""

from __future__ import annotations

import pytest

from tests.integration.workflow import Workflow

pytestmark = pytest.mark.empty_schema

READING = ("select", "with", "show", "describe", "desc", "use", "alter session")


@pytest.mark.parametrize(
    "command",
    [
        ["parse", "--no-partial-parse"],
        ["compile"],
        ["list"],
        ["docs", "generate"],
        ["show", "--inline", "select 1 as one"],
    ],
    ids=lambda command: command[0],
)
def test_looking_changes_nothing(workflow: Workflow, command: list[str]) -> None:
    """No request reaches the API, and no statement is sent that could write."""
    ran = workflow.dbt(*command)
    assert ran.success, ran.output
    assert workflow.api.journal() == []
    for statement in ran.statements:
        text = statement.strip().lower()
        assert text.startswith(READING) or text.startswith("/*"), statement
    assert workflow.names("tables") == []

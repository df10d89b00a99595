"""A table that somebody has dropped is made again by a role that may; others are told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.deployed_schemas import TABLES
from tests.integration.workflow import Workflow

NEW = {"execution_id": "new", "policy_data": {"policy_name": "new"}}
COMMANDS: dict[str, dict[str, Any]] = {
    "run_policy_workflow": {"policies": [NEW]},
    "retry_policy_workflow": {},
    "advance_policy_workflow": {},
    "reset_policy_api_breaker": {},
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_dropped_table_of_breakers_is_made(workflow: Workflow, command: str) -> None:
    """Each command that needs the table makes the table, says so, and does its work."""
    assert workflow.run(execution_id="before").success
    workflow.query("drop table policy_api_breakers")
    ran = workflow.run(command, **COMMANDS[command])
    assert ran.success, ran.output
    assert "created table policy_api_breakers" in ran.output
    assert "needs usage on" not in ran.output
    assert workflow.query("select * from policy_api_breakers") == []
    assert "created table" not in workflow.run(command, **COMMANDS[command]).output


@pytest.mark.parametrize("dropped", [*([name] for name in TABLES[1:]), list(TABLES)])
def test_each_dropped_table_is_made(workflow: Workflow, dropped: list[str]) -> None:
    """A run makes any table, and all of them."""
    for name in dropped:
        workflow.query(f"drop table {name}")
    ran = workflow.run(policies=[NEW])
    assert ran.success, ran.output
    for name in dropped:
        assert f"created table {name}" in ran.output
    assert workflow.row()["status"] == "completed"


@pytest.mark.parametrize("command", COMMANDS)
def test_who_may_not_make_it_is_told(workflow: Workflow, new_role: str, command: str) -> None:
    """A role that does not own the workflow makes no table: it is told who does, and how."""
    assert workflow.run("deploy_policy_workflow").success
    owner = workflow.query("select current_role() as name")[0]["NAME"]
    for row in workflow.query(f"show procedures in schema {workflow.place}"):
        if row["is_builtin"] != "Y":
            workflow.query(f"grant usage on procedure {row['name']}(varchar) to role {new_role}")
    for name in TABLES[1:]:
        workflow.query(f"grant select on table {name} to role {new_role}")
    workflow.environment["SNOWFLAKE_ROLE"] = new_role
    hidden = workflow.run(command, **COMMANDS[command])
    # The table is there, and the procedures read the table with the rights of their owner.
    assert hidden.success, hidden.output
    said = f"as role {owner}: dbt run-operation deploy_policy_workflow"
    grant = f"grant select on table {workflow.place}.policy_api_breakers to role {new_role}"
    assert said in hidden.output
    assert grant in hidden.output
    workflow.query("drop table policy_api_breakers")
    missing = workflow.run(command, **COMMANDS[command])
    # With nothing to do the table is not read.
    assert missing.success == (command in ("retry_policy_workflow", "advance_policy_workflow"))
    assert said in missing.output
    assert "created table" not in missing.output

"""A role that only runs: USAGE on the procedures, SELECT on the tables, nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import snowflake.connector
from snowflake.connector.errors import DatabaseError, ProgrammingError

from local_snowflake.server import LocalSnowflake
from local_stack.policy_api import PolicyApi
from tests.integration.workflow import Workflow

pytestmark = pytest.mark.empty_schema

PROCEDURES = (
    "create_policy",
    "poll_policy_status",
    "trigger_circuit_breaker",
    "cancel_policy_execution",
)


@pytest.fixture
def runner(workflow: Workflow, new_role: str) -> Workflow:
    """Give a current deployment, and dbt the role that may only run it."""
    assert workflow.run("deploy_policy_workflow").success
    for name in PROCEDURES:
        workflow.query(f"grant usage on procedure {name}(varchar) to role {new_role}")
    for name in (
        "policy_execution_state",
        "policy_execution_events",
        "policy_execution_runs",
        "policy_api_breakers",
    ):
        workflow.query(f"grant select on table {name} to role {new_role}")
    workflow.environment["SNOWFLAKE_ROLE"] = new_role
    return workflow


@pytest.fixture
def session(runner: Workflow) -> Iterator[snowflake.connector.SnowflakeConnection]:
    """Open a session with the runner's role."""
    with runner.connect(role=runner.environment["SNOWFLAKE_ROLE"]) as connection:
        # What the user's other roles may do is not asked here.
        connection.cursor().execute("use secondary roles none")
        yield connection


def test_a_runner_runs_a_current_deployment(runner: Workflow) -> None:
    """All that a run does works with USAGE and SELECT, also cancelling, cleaning and retrying."""
    ran = runner.run(execution_id="e")
    assert ran.success, ran.output
    assert runner.row()["status"] == "completed"
    assert runner.run("get_policy_execution_state").success
    assert runner.run("clean_up_policy_executions", retention_minutes=0).success
    assert runner.run("retry_policy_workflow").success
    assert runner.rows() == []


def test_a_runner_is_diagnosed(runner: Workflow) -> None:
    """A role that sees little gets a diagnosis without an error; what it cannot see is skipped."""
    assert runner.run(execution_id="e").success
    answer = runner.diagnose()
    levels = {finding["check"]: finding["level"] for finding in answer["findings"]}
    unseen = {*runner.integrations, "API"}
    assert {check for check, level in levels.items() if level == "skipped"} == unseen
    # It was not granted the procedures that no run calls.
    assert {check for check, level in levels.items() if level == "error"} == {
        "check_policy_api",
        "advance_policy_workflow",
        "explain_policy_api",
    }
    assert levels["create_policy"] == levels["policy_execution_events"] == "ok"
    story = runner.diagnose(execution_id="e")
    assert story["findings"][0]["says"] == "completed"


def test_a_runner_cannot_register(runner: Workflow, local_snowflake: LocalSnowflake) -> None:
    """A setting that would be baked in anew is refused by Snowflake; nothing is sent anywhere."""
    with PolicyApi() as elsewhere:
        local_snowflake.open_external_access(elsewhere.host, elsewhere.port)
        runner.environment["POLICY_API_BASE_URL"] = elsewhere.base_url
        ran = runner.run(execution_id="e")
        assert not ran.success
        assert "Insufficient privileges" in ran.output
        assert elsewhere.journal() == []
    assert runner.api.journal() == []


def test_a_caller_cannot_lead_a_procedure_elsewhere(
    runner: Workflow,
    session: snowflake.connector.SnowflakeConnection,
    local_snowflake: LocalSnowflake,
) -> None:
    """What a caller adds to a request changes no setting: the registered API gets the request."""
    with PolicyApi() as elsewhere:
        local_snowflake.open_external_access(elsewhere.host, elsewhere.port)
        other: dict[str, Any] = {"base_url": elsewhere.base_url, "max_retries": 9}
        request = {
            "invocation_id": "i",
            "executions": [{"execution_id": "e", "policy_data": {"policy_name": "p"}, **other}],
            "settings": other,
            **other,
        }
        cursor: Any = session.cursor()
        cursor.execute(f"call create_policy('{json.dumps(request)}')")
        assert json.loads(cursor.fetchone()[0])["counts"] == {"policy_created": 1}
        assert elsewhere.journal() == []
    assert len(runner.api.journal("create")) == 1


@pytest.mark.parametrize(
    "statement",
    [
        """update policy_execution_state set "status" = 'completed'""",
        "delete from policy_execution_events",
        """insert into policy_execution_state ("execution_id") select 'x'""",
        "drop table policy_execution_state",
        "create table mine (a number)",
        "create table copied as select * from policy_execution_state",
        "alter table policy_execution_state add column mine number",
        "create secret s type = generic_string secret_string = 'x'",
        "drop procedure create_policy(varchar)",
        "grant select on table policy_execution_state to role someone",
        "describe procedure create_policy(varchar)",
        "merge into policy_execution_state t using (select 1 as a) s on 1 = 1 "
        """when matched then update set "status" = 'x'""",
    ],
)
def test_a_runner_changes_nothing(
    session: snowflake.connector.SnowflakeConnection, statement: str
) -> None:
    """Every other statement is refused."""
    with pytest.raises(ProgrammingError, match="Insufficient privileges"):
        session.cursor().execute(statement)


def test_what_is_not_granted_is_not_there(
    runner: Workflow, session: snowflake.connector.SnowflakeConnection
) -> None:
    """Tables and procedures without a grant do not exist for a role, nor do unknown roles."""
    runner.query("create table secrets (a number)")
    with pytest.raises(ProgrammingError, match="does not exist or not authorized"):
        session.cursor().execute("select * from policy_execution_state, secrets")
    role = runner.environment["SNOWFLAKE_ROLE"]
    runner.query(f"revoke usage on procedure create_policy(varchar) from role {role}")
    with pytest.raises(ProgrammingError, match="Unknown user-defined function"):
        session.cursor().execute("call create_policy('{}')")
    with pytest.raises(DatabaseError, match="does not exist or not authorized"):
        runner.connect(role="NOBODY")


def test_replacing_keeps_grants_by_copy_grants(runner: Workflow) -> None:
    """A new registration by the owner leaves the runner able to run."""
    role = runner.environment.pop("SNOWFLAKE_ROLE")
    runner.environment["SNOWFLAKE_ROLE"] = runner.account.role
    changed = {"policy_trigger_reason": "another reason"}
    assert runner.run("deploy_policy_workflow", project_vars=changed).success
    runner.environment["SNOWFLAKE_ROLE"] = role
    assert runner.run(project_vars=changed).success

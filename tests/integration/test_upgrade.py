"""A deployment over an older one keeps what is there, and undeploying takes only what is ours."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.integration import seed_queries
from tests.integration.test_state_table import OURS, SIXTEEN
from tests.integration.workflow import Ran, Workflow

pytestmark = pytest.mark.empty_schema

# Word for word what the state table was specified as.
SEED_TABLE = """
CREATE TABLE policy_execution_state (
    "execution_id" VARCHAR,
    "policy_id" VARCHAR,
    "poll_count" NUMBER DEFAULT 0,
    "status" VARCHAR DEFAULT 'pending',
    "start_time" TIMESTAMP_NTZ DEFAULT CURRENT_TIMESTAMP(),
    "last_poll_time" TIMESTAMP_NTZ,
    "completed" BOOLEAN DEFAULT FALSE,
    "requires_circuit_breaker" BOOLEAN DEFAULT FALSE,
    "circuit_breaker_initiated" BOOLEAN DEFAULT FALSE,
    "circuit_breaker_completed" BOOLEAN DEFAULT FALSE,
    "error_message" VARCHAR,
    "message" VARCHAR,
    "api_response" VARIANT,
    "policy_data" VARIANT,
    "policy_status_response" VARIANT,
    "circuit_breaker_response" VARIANT
)
"""
# Two hundred rows in every status, over three days, with NULLs, quotes and nested JSON in them.
SEED_ROWS = """
insert into policy_execution_state
select
    'old-' || lpad(n::varchar, 4, '0'),
    case when step = 0 then null else 'pol_' || n end,
    case when step = 0 then null else n % 4 end,
    case step
        when 0 then 'pending' when 1 then 'policy_created' when 2 then 'policy_ready'
        when 3 then 'completed' else 'error'
    end,
    dateadd(minute, -(n * 20), current_timestamp())::timestamp_ntz,
    case when step > 1 then dateadd(minute, -(n * 20) + 1, current_timestamp())::timestamp_ntz end,
    step > 2,
    step between 2 and 3,
    step = 3,
    step = 3,
    case when step = 4 then 'it''s "broken"' end,
    'row ' || n,
    case when step > 0 then parse_json('{"policy_id": "x", "n": [1, null, {"a": "b\\\\"c"}]}') end,
    parse_json('{"policy_name": "p' || (n % 7) || '", "deep": {"list": [' || n || ']}}'),
    case when step > 1 then parse_json('"ready"') end,
    case when step = 3 then parse_json('{}') end
from (
    select row_number() over (order by seq4()) as n, row_number() over (order by seq4()) % 5 as step
    from table(generator(rowcount => 200))
)
"""
HEAD = """returns variant language python runtime_version = '3.11'
    packages = ('snowflake-snowpark-python') handler = 'f'"""
OURS_BODY = "as $$def f(session, *rest):\n    return 'insert into policy_execution_state'$$"
OTHER_BODY = "as $$def f(session, *rest):\n    return 'insurance'$$"
STAMP = f"comment = 'policy_workflow {'0' * 32}'"
FIRST_SIXTEEN = ", ".join(f'"{name}"' for name, _, _ in SIXTEEN)


def _old_rows(workflow: Workflow) -> list[dict[str, Any]]:
    return workflow.query(
        f"""select {FIRST_SIXTEEN} from policy_execution_state
        where "execution_id" like 'old-%' order by "execution_id" """
    )


def _answers(workflow: Workflow) -> list[list[dict[str, Any]]]:
    """What the specified queries answer."""
    names = ("RECENT_EXECUTIONS", "ACTIVE_EXECUTIONS", "STUCK_EXECUTIONS", "SUCCESS_RATE")
    answers = [workflow.query(getattr(seed_queries, name)) for name in names]
    # The order of the stuck ones is not specified.
    answers[2].sort(key=lambda row: str(row["execution_id"]))
    return answers


def _procedure(workflow: Workflow, signature: str, rest: str) -> None:
    workflow.query(f"create procedure {signature} {HEAD} {rest}")


def _signatures(workflow: Workflow) -> set[str]:
    shown = workflow.query(f"show user procedures in schema {workflow.place}")
    return {row["arguments"].split(" RETURN")[0].lower() for row in shown}


def _deploy(workflow: Workflow, **project_vars: Any) -> Ran:
    ran = workflow.run("deploy_policy_workflow", project_vars=project_vars)
    assert ran.success, ran.output
    return ran


def test_rows_of_the_specified_table_stay_as_they_are(workflow: Workflow) -> None:
    """Deploying and running change no old row and no answer over them, and add our columns."""
    workflow.query(SEED_TABLE)
    workflow.query(SEED_ROWS)
    before, answers = _old_rows(workflow), _answers(workflow)
    assert len(before) == 200
    assert {row["status"] for row in before} == {
        *("pending", "policy_created", "policy_ready", "completed", "error")
    }
    # Cleaning up at the start of a run is meant to remove finished rows: not in this test.
    kept = {"policy_retention_minutes": 5256000}
    ran = _deploy(workflow, **kept)
    assert f"whose rows stay as they are: {', '.join(OURS)}" in ran.output
    assert "created table policy_execution_events" in ran.output
    described = workflow.query("describe table policy_execution_state")
    assert [row["name"] for row in described] == [name for name, _, _ in SIXTEEN] + OURS
    assert _old_rows(workflow) == before
    assert _answers(workflow) == answers
    run = workflow.run(execution_id="new", project_vars=kept)
    assert run.success, run.output
    assert _old_rows(workflow) == before
    assert len(workflow.rows()) == 201


def test_an_old_execution_is_taken_up_and_old_events_get_what_they_lack(
    workflow: Workflow,
) -> None:
    """An open row of the older table goes on at the step it had reached.

    Events with fewer columns keep their rows, and new ones are written beside them.
    """
    workflow.query(SEED_TABLE)
    url = f"{workflow.api.base_url}/createpolicy"
    policy_id = requests.post(url, json={"policy_name": "old"}, timeout=10).json()["policy_id"]
    workflow.query(
        """insert into policy_execution_state ("execution_id", "policy_id", "status", "policy_data")
        select 'older', ?, 'policy_created', parse_json('{"policy_name": "old"}')""",
        [policy_id],
    )
    workflow.query(
        """create table policy_execution_events
        ("execution_id" varchar, "sequence" number, "event" varchar, "event_time" timestamp_ltz)"""
    )
    workflow.query(
        """insert into policy_execution_events
        select 'ancient', 1, 'claimed', current_timestamp()"""
    )
    before = workflow.query("select * from policy_execution_events")[0]
    ran = workflow.run("retry_policy_workflow", execution_id="older")
    assert ran.success, ran.output
    assert "added to table policy_execution_events" in ran.output
    assert workflow.row()["status"] == "completed"
    assert workflow.row()["policy_id"] == policy_id
    old, *new = workflow.events()
    assert {name: old[name] for name in before} == before
    assert {event["execution_id"] for event in new} == {"older"}
    assert len(new) > 2


def test_a_table_that_is_not_ours_is_left_alone(workflow: Workflow) -> None:
    """A table of our name with columns of another kind is refused before anything is changed."""
    workflow.query("create table policy_execution_state (execution_id varchar, status varchar)")
    ran = workflow.run("deploy_policy_workflow")
    assert not ran.success
    assert "is not the workflow's: it has no column" in ran.output
    assert workflow.names("procedures") == []
    assert workflow.names("tables") == ["policy_execution_state"]
    assert len(workflow.query("describe table policy_execution_state")) == 2


def test_old_procedures_go_and_those_of_others_stay(workflow: Workflow) -> None:
    """Older signatures and procedures of ours are dropped; like names of somebody else are not.

    A run that upgrades does that whole; a warm run looks no further than its one query.
    """
    _procedure(workflow, "create_policy(a varchar, b variant)", OURS_BODY)
    _procedure(workflow, "poll_policy_status(a varchar, b varchar default 'x')", STAMP + OTHER_BODY)
    _procedure(workflow, "wait_for_policy(a varchar)", STAMP + OTHER_BODY)
    _procedure(workflow, "create_policy(customer number)", OTHER_BODY)
    _procedure(
        workflow, "premium(a varchar)", "comment = 'policy_workflow: the premium'" + OTHER_BODY
    )
    ran = _deploy(workflow)
    current = {f"{name}(varchar)" for name in _ours(ran)}
    others = {"create_policy(number)", "premium(varchar)"}
    assert _signatures(workflow) == current | others
    for gone in ("create_policy(VARCHAR, VARIANT)", "poll_policy_status(VARCHAR, VARCHAR)"):
        assert f"dropped procedure {gone} of an older version" in ran.output
    assert "dropped procedure wait_for_policy(VARCHAR) of an older version" in ran.output
    assert "left procedure create_policy(NUMBER): neither its COMMENT nor" in ran.output
    again = _deploy(workflow)
    assert "everything in" in again.output
    assert not any(sql.startswith(("create", "drop", "alter")) for sql in again.statements)
    _procedure(workflow, "create_policy(a varchar, b variant)", OURS_BODY)
    warm = workflow.run()
    assert warm.success
    assert "create_policy(varchar, variant)" in _signatures(workflow)
    assert not [sql for sql in warm.statements if sql.startswith("show")]
    assert sum("information_schema" in sql for sql in warm.statements) == 1
    assert workflow.run(project_vars={"policy_trigger_reason": "another reason"}).success
    assert _signatures(workflow) == current | others


def _ours(ran: Ran) -> list[str]:
    """The procedures that a deployment says are current."""
    line = next(line for line in ran.output.splitlines() if " is current: " in line)
    return line.split(" is current: ")[1].split(", ")


def test_a_procedure_of_somebody_else_is_not_replaced(workflow: Workflow) -> None:
    """One with our name and signature that is not ours stops the deployment, unchanged."""
    _procedure(workflow, "create_policy(a varchar)", OTHER_BODY)
    ran = workflow.run("deploy_policy_workflow")
    assert not ran.success
    assert "create_policy(VARCHAR) is not the workflow's" in ran.output
    assert workflow.names("procedures") == ["create_policy"]
    assert workflow.names("tables") == []


def test_an_older_procedure_of_the_same_signature_is_replaced_with_its_grants(
    workflow: Workflow, new_role: str
) -> None:
    """One whose body names the state table is ours: replaced, and its runner still runs."""
    workflow.query(SEED_TABLE)
    workflow.query(f"grant select on table policy_execution_state to role {new_role}")
    for name in ("create_policy", "poll_policy_status", "trigger_circuit_breaker"):
        _procedure(workflow, f"{name}(a varchar)", OURS_BODY)
        workflow.query(f"grant usage on procedure {name}(varchar) to role {new_role}")
    _deploy(workflow)
    for name in ("policy_execution_events", "policy_execution_runs"):
        workflow.query(f"grant select on table {name} to role {new_role}")
    workflow.environment["SNOWFLAKE_ROLE"] = new_role
    ran = workflow.run(execution_id="e")
    assert ran.success, ran.output
    assert workflow.row()["status"] == "completed"


def test_undeploying_keeps_the_data_unless_told(workflow: Workflow) -> None:
    """Procedures go; tables and views stay until drop_data, and then only ours go."""
    _procedure(workflow, "create_policy(customer number)", OTHER_BODY)
    workflow.query("create table policy_execution_notes (a number)")
    workflow.query("create view policy_notes as select * from policy_execution_notes")
    built = workflow.dbt("run", "--vars", "{policy_workflow_create_tables: true}")
    assert built.success, built.output
    assert workflow.run(execution_id="e").success
    tables, views = workflow.names("tables"), workflow.names("views")
    assert len(views) == 6
    ran = workflow.dbt("run-operation", "undeploy_policy_workflow")
    assert ran.success, ran.output
    assert _signatures(workflow) == {"create_policy(number)"}
    assert (workflow.names("tables"), workflow.names("views")) == (tables, views)
    assert workflow.row()["status"] == "completed"
    for name in ("policy_execution_state", "policy_executions"):
        assert f"{workflow.place}.{name}" in ran.output.split("left ", 1)[1]
    all_of_it = workflow.dbt(
        "run-operation", "undeploy_policy_workflow", "--args", "{drop_data: true}"
    )
    assert all_of_it.success, all_of_it.output
    assert workflow.names("tables") == ["policy_execution_notes"]
    assert workflow.names("views") == ["policy_notes"]
    assert "9 object(s) removed" in all_of_it.output


def test_undeploying_nothing_is_a_success(workflow: Workflow) -> None:
    """With nothing deployed, and without the schema, it says that there is nothing to remove."""
    for project_vars in ({}, {"policy_workflow_schema": "NOWHERE"}):
        ran = workflow.run("undeploy_policy_workflow", drop_data=True, project_vars=project_vars)
        assert ran.success, ran.output
        assert "nothing to remove" in ran.output


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_undeploying_refuses_a_doubtful_answer(workflow: Workflow, value: Any) -> None:
    """drop_data must be a boolean; anything else sends nothing."""
    ran = workflow.run("undeploy_policy_workflow", drop_data=value)
    assert not ran.success
    assert "drop_data must be true or false" in ran.output
    assert ran.statements == []

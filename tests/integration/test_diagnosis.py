"""The doctor: each check finds what is wrong, and says what mends it; it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local_snowflake.server import LocalSnowflake
from tests.integration.test_no_side_effects import READING
from tests.integration.workflow import Workflow

CHECKS = [
    "connection",
    "role",
    "warehouse",
    "schema",
    "QUOTED_IDENTIFIERS_IGNORE_CASE",
    "TIMEZONE",
    "policy_execution_state",
    "policy_execution_events",
    "policy_execution_runs",
    "policy_api_breakers",
    "create_policy",
    "poll_policy_status",
    "trigger_circuit_breaker",
    "cancel_policy_execution",
    "check_policy_api",
    "advance_policy_workflow",
    "explain_policy_api",
    "integration",
    "network rule",
    "secret",
    "API",
    "breakers",
    "state table",
    "active",
    "stuck",
    "leases",
    "success rate",
    "polls",
    "slowest step",
    "failures",
]


def _checks(workflow: Workflow) -> list[str]:
    """The checks in their order, an integration under its name."""
    place = CHECKS.index("integration")
    return [*CHECKS[:place], *workflow.integrations, *CHECKS[place + 1 :]]


@pytest.fixture
def deployed(workflow: Workflow) -> Workflow:
    """Give a current deployment with one completed execution."""
    assert workflow.run(execution_id="done").success
    return workflow


def findings(workflow: Workflow, **arguments: Any) -> dict[str, dict[str, Any]]:
    """What the diagnosis found, by check."""
    return {finding["check"]: finding for finding in workflow.diagnose(**arguments)["findings"]}


def test_all_is_well(deployed: Workflow) -> None:
    """Every check is made in its order, and where nothing is wrong nothing is to be done."""
    answer = deployed.diagnose(check_api=True, fail_on="warn")
    assert [finding["check"] for finding in answer["findings"]] == _checks(deployed)
    assert {finding["level"] for finding in answer["findings"]} == {"ok"}
    assert (answer["errors"], answer["warnings"]) == (0, 0)
    assert answer["schema"] == deployed.place


@pytest.mark.empty_schema
def test_nothing_deployed_is_a_finding(workflow: Workflow) -> None:
    """On an empty schema it says what is missing and what makes it, and exits 0."""
    found = findings(workflow)
    for name in ("policy_execution_state", "policy_execution_events", "create_policy"):
        assert found[name]["level"] == "error"
        assert "dbt run-operation deploy_policy_workflow" in found[name]["next"]
    assert found["API"]["level"] == "skipped"
    assert "stuck" not in found
    ran = workflow.run("diagnose_policy_execution")
    assert ran.success, ran.output
    assert "❌ create_policy: not registered" in ran.output


def test_a_schema_that_is_not_there(workflow: Workflow) -> None:
    """It is named, with the statement that makes it; what lies in it is not looked for."""
    found = findings(workflow, project_vars={"policy_workflow_schema": "NOT_THERE"})
    assert found["schema"]["level"] == "error"
    missing = f"create schema if not exists {workflow.account.database}.NOT_THERE"
    assert missing in found["schema"]["next"]
    assert "create_policy" not in found


def test_it_changes_nothing(deployed: Workflow) -> None:
    """It sends statements that read, and one GET for a policy that is not there."""
    before = (deployed.rows(), deployed.events())
    deployed.api.reset()
    ran = deployed.run("diagnose_policy_execution", check_api=True)
    assert ran.success, ran.output
    for statement in ran.statements:
        text = statement.strip().lower()
        call = f"call {deployed.place}.check_policy_api(".lower()
        assert text.startswith((*READING, "with", call)), statement
    assert [(entry.method, entry.endpoint) for entry in deployed.api.journal()] == [
        ("GET", "status")
    ]
    assert (deployed.rows(), deployed.events()) == before


@pytest.mark.parametrize(
    ("fail_on", "level", "success"),
    [
        (None, "error", True),
        ("error", "error", False),
        ("warn", "error", False),
        ("error", "warn", True),
        ("warn", "warn", False),
        ("warn", "ok", True),
    ],
)
def test_fail_on_decides_the_exit_code(
    deployed: Workflow, fail_on: str | None, level: str, success: bool
) -> None:
    """Findings fail the command only where it was asked for, by their level."""
    if level == "error":
        deployed.query("drop procedure poll_policy_status(varchar)")
    changed = {"policy_trigger_reason": "another"} if level == "warn" else {}
    ran = deployed.run("diagnose_policy_execution", fail_on=fail_on, project_vars=changed)
    assert ran.success is success
    if not success:
        assert f"fail_on is {fail_on}" in ran.output


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ({"fail_on": "always"}, "fail_on must be one of"),
        ({"output": "xml"}, "output must be one of"),
        ({"check_api": "yes please"}, "check_api must be one of"),
        ({"check_api": 1}, "check_api must be one of"),
        ({"execution_id": "a b"}, "execution_id must be a text"),
    ],
)
def test_bad_arguments_are_refused(
    workflow: Workflow, arguments: dict[str, Any], answer: str
) -> None:
    """A bad argument is named before anything is sent."""
    ran = workflow.run("diagnose_policy_execution", **arguments)
    assert not ran.success
    assert answer in ran.output
    assert ran.statements == []


@pytest.fixture
def account_parameters(local_snowflake: LocalSnowflake) -> Iterator[dict[str, str]]:
    """Give the account's parameters, and leave them as they were."""
    parameters = local_snowflake.account.parameters
    kept = dict(parameters)
    yield parameters
    parameters.clear()
    parameters.update(kept)


def test_parameters_that_change_what_sql_means(
    deployed: Workflow, account_parameters: dict[str, str]
) -> None:
    """Names that lose their case are an error, and nothing else is read then."""
    account_parameters["QUOTED_IDENTIFIERS_IGNORE_CASE"] = "true"
    found = findings(deployed)
    assert found["QUOTED_IDENTIFIERS_IGNORE_CASE"]["level"] == "error"
    assert (
        "set QUOTED_IDENTIFIERS_IGNORE_CASE = false"
        in (found["QUOTED_IDENTIFIERS_IGNORE_CASE"]["next"])
    )
    assert "policy_execution_state" not in found


def test_a_table_of_an_older_version(deployed: Workflow) -> None:
    """Missing columns are named with what adds them; a column of another type is named, too."""
    deployed.query('alter table policy_execution_state drop column "last_sequence"')
    found = findings(deployed)["policy_execution_state"]
    assert (found["level"], found["next"]) == ("error", "dbt run-operation deploy_policy_workflow")
    assert found["says"].endswith("without last_sequence")
    deployed.query('alter table policy_execution_state add column "last_sequence" varchar')
    found = findings(deployed)["policy_execution_state"]
    assert "last_sequence is varchar instead of number" in found["says"]


def test_procedures_that_are_not_as_they_should_be(deployed: Workflow) -> None:
    """A stale one, one of an old signature, and one with the caller's rights are distinguished."""
    head = """language python runtime_version = '3.10'
        packages = ('snowflake-snowpark-python') handler = 'run'"""
    body = "as $$\ndef run(session, request):\n    return {}\n$$"
    deployed.query(
        f"create procedure create_policy(n number, v variant) returns variant {head} {body}"
    )
    deployed.query(
        f"create or replace procedure poll_policy_status(request varchar) returns variant {head} "
        f"execute as caller {body}"
    )
    stale = {"policy_trigger_reason": "another"}
    found = findings(deployed, project_vars=stale)
    assert found["trigger_circuit_breaker"]["level"] == "warn"
    assert "not current" in found["trigger_circuit_breaker"]["says"]
    assert found["poll_policy_status"]["level"] == "error"
    assert found["poll_policy_status"]["next"].startswith("alter procedure")
    (old,) = [name for name in found if name.startswith("create_policy(")]
    wanted = f"drop procedure if exists {deployed.place}.create_policy(NUMBER, VARIANT)"
    assert found[old]["next"] == wanted


@pytest.mark.usefixtures("local_snowflake")
def test_the_way_out_to_the_api(deployed: Workflow) -> None:
    """A host that no rule allows, an integration that is off or not there, each with its remedy."""
    deployed.environment["POLICY_API_BASE_URL"] = "https://api.example.com"
    found = findings(deployed)["network rule"]
    assert found["level"] == "error"
    assert "'api.example.com:443'" in found["next"]
    deployed.query(
        f"""create network rule {deployed.schema}_rule mode = egress type = host_port
        value_list = ('*.example.com')"""
    )
    name = f"EAI_{deployed.schema}"
    deployed.query(
        f"create external access integration {name} "
        f"allowed_network_rules = ({deployed.schema}_rule) enabled = true"
    )
    only = {"policy_external_access_integrations": [name]}
    assert findings(deployed, project_vars=only)["network rule"]["level"] == "ok"
    deployed.query(
        f"create or replace external access integration {name} "
        f"allowed_network_rules = ({deployed.schema}_rule) enabled = false"
    )
    found = findings(deployed, project_vars=only)[name]
    assert found["next"] == f"alter external access integration {name} set enabled = true"
    missing = {"policy_external_access_integrations": ["NOT_THERE"]}
    found = findings(deployed, project_vars=missing)["NOT_THERE"]
    assert (found["level"], "grant usage on integration" in found["next"]) == ("error", True)


def test_the_secret(deployed: Workflow) -> None:
    """One that is not there or of another kind is distinguished from one that is fine."""
    secret = f"{deployed.place}.TOKEN"
    settings = {"policy_api_secret": secret}
    assert "grant read on secret" in findings(deployed, project_vars=settings)["secret"]["next"]
    deployed.query(f"create secret {secret} type = generic_string secret_string = 't-1'")
    other = settings | {"policy_api_secret_type": "password"}
    found = findings(deployed, project_vars=other)["secret"]
    assert (found["level"], "generic_string" in found["next"]) == ("error", True)
    found = findings(deployed, project_vars=settings)["secret"]
    assert found["level"] == "ok"
    assert "t-1" not in str(found)


@pytest.mark.parametrize(
    ("behaviour", "level", "says"),
    [
        ({}, "ok", "answers HTTP 404"),
        ({"http_status": 200, "body": {"status": "ready"}}, "ok", "answers HTTP 200"),
        ({"http_status": 401}, "error", "api_unauthorized"),
        ({"http_status": 301, "headers": {"Location": "https://x.example"}}, "error", "redirect"),
        ({"http_status": 503}, "warn", "api_unavailable"),
        ({"reset": "before"}, "error", "api_no_answer"),
    ],
)
def test_the_api_as_seen_from_inside(
    deployed: Workflow, behaviour: dict[str, Any], level: str, says: str
) -> None:
    """Any answer shows that the way is open; a refused token, a redirect, silence do not."""
    deployed.api.reset()
    deployed.api.order(**behaviour)
    settings = {"policy_api_max_retries": 0}
    assert deployed.run("deploy_policy_workflow", project_vars=settings).success
    found = findings(deployed, check_api=True, project_vars=settings)["API"]
    assert found["level"] == level
    assert says in found["says"]
    assert (found["next"] is None) is (level == "ok")


def test_executions_that_need_somebody(deployed: Workflow) -> None:
    """Stuck ones, ones whose run is gone, and a low success rate are warnings with a command."""
    deployed.api.order(http_status=422)
    assert not deployed.run(execution_id="refused").success
    deployed.query(
        """update policy_execution_state
        set "status" = 'policy_created', "completed" = false,
            "start_time" = dateadd(hour, -2, current_timestamp())::timestamp_ntz,
            "lease_expires_at" = dateadd(minute, -1, sysdate())
        where "execution_id" = 'done'"""
    )
    found = findings(deployed)
    for check in ("stuck", "leases"):
        assert found[check]["level"] == "warn"
        assert "such as done" in found[check]["says"]
        assert found[check]["next"] == "dbt run-operation retry_policy_workflow"
    assert found["state table"]["says"] == "1 error, 1 policy_created"
    assert found["success rate"]["level"] == "warn"
    assert "50.0 % of the 2 execution(s)" in found["success rate"]["says"]
    assert found["api_rejected"]["says"].startswith("1 execution(s): ")
    assert "Such as sample_policy (refused): Step 1" in found["api_rejected"]["says"]
    patient = {"policy_stuck_minutes": 180, "policy_min_success_rate_percent": 50}
    found = findings(deployed, project_vars=patient)
    assert (found["stuck"]["level"], found["success rate"]["level"]) == ("ok", "ok")


def test_the_story_of_an_execution(deployed: Workflow) -> None:
    """Its events in order with times, requests and statuses, and what it came to."""
    answer = deployed.diagnose(execution_id="done")
    story = answer["story"]
    assert [event["sequence"] for event in story] == list(range(1, len(story) + 1))
    assert [event["event"] for event in story][:2] == ["claimed", "create_policy"]
    assert story[-1]["status_after"] == "completed"
    assert [event["seconds"] for event in story] == sorted(event["seconds"] for event in story)
    assert answer["findings"] == [
        {"check": "done", "level": "ok", "says": "completed", "next": None}
    ]
    ran = deployed.run("diagnose_policy_execution", execution_id="done")
    assert f"policy_ready → completed  POST {deployed.api.base_url}" in ran.output


def test_the_story_of_one_that_is_open(deployed: Workflow) -> None:
    """An open execution shows its lease owner, or that its run is gone and what goes on with it."""
    deployed.query("""delete from policy_execution_events where "sequence" > 2""")
    for minutes, level in ((5, "ok"), (-5, "warn")):
        deployed.query(
            f"""update policy_execution_state
            set "status" = 'policy_created', "completed" = false,
                "lease_expires_at"
                    = dateadd(minute, {minutes}, sysdate())"""
        )
        (found,) = deployed.diagnose(execution_id="done")["findings"]
        assert found["level"] == level
        assert ("lease held by run" in found["says"]) is (level == "ok")


def test_an_execution_that_never_was(deployed: Workflow) -> None:
    """An unknown id is an error that says where it looked."""
    (found,) = deployed.diagnose(execution_id="nobody")["findings"]
    assert found["level"] == "error"
    assert deployed.schema in found["says"]

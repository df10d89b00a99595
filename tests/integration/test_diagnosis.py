"""The doctor: each check finds what is wrong, and says what mends it; it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local_snowflake.server import LocalSnowflake
from tests.integration.diagnoses import VARS, diagnosed, findings
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


@pytest.fixture(scope="module")
def done(shared_workflow: Workflow) -> Workflow:
    """Give a current deployment with one completed execution, which no test changes."""
    shared_workflow.api.reset()
    assert shared_workflow.run(execution_id="done", project_vars=VARS).success
    return shared_workflow


@pytest.fixture
def deployed(done: Workflow) -> Workflow:
    """Give the deployment with one completed execution, and an API without orders."""
    done.api.reset()
    return done


def test_all_is_well(deployed: Workflow) -> None:
    """Every check is made in its order, and where nothing is wrong nothing is to be done."""
    ran, answer = diagnosed(deployed, check_api=True, fail_on="warn")
    assert ran.success, ran.output
    assert [finding["check"] for finding in answer["findings"]] == _checks(deployed)
    assert {finding["level"] for finding in answer["findings"]} == {"ok"}
    assert {finding["next"] for finding in answer["findings"]} == {None}
    (api,) = (finding for finding in answer["findings"] if finding["check"] == "API")
    assert "answers HTTP 404" in api["says"]
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
    ran = deployed.run("diagnose_policy_execution", check_api=True, project_vars=VARS)
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
    ("behaviour", "level", "says", "fail_on", "success"),
    [
        ({"http_status": 200, "body": {"status": "ready"}}, "ok", "answers HTTP 200", "warn", True),
        ({"http_status": 401}, "error", "api_unauthorized", "error", False),
        (
            {"http_status": 301, "headers": {"Location": "https://x.example"}},
            "error",
            "redirect",
            "warn",
            False,
        ),
        ({"http_status": 503}, "warn", "api_unavailable", "error", True),
        ({"http_status": 503}, "warn", "api_unavailable", "warn", False),
        ({"reset": "before"}, "error", "api_no_answer", None, True),
    ],
)
def test_the_api_as_seen_from_inside(
    deployed: Workflow,
    behaviour: dict[str, Any],
    level: str,
    says: str,
    fail_on: str | None,
    success: bool,
) -> None:
    """Any answer shows that the way is open; a refused token, a redirect, silence do not.

    What is found fails the command only where this was asked for, by its level.
    """
    deployed.api.order(**behaviour)
    ran, answer = diagnosed(deployed, check_api=True, fail_on=fail_on)
    (found,) = (finding for finding in answer["findings"] if finding["check"] == "API")
    assert found["level"] == level
    assert says in found["says"]
    assert (found["next"] is None) is (level == "ok")
    assert (answer["errors"], answer["warnings"]) == (level == "error", level == "warn")
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
    deployed: Workflow, arguments: dict[str, Any], answer: str
) -> None:
    """A bad argument is named before anything is sent."""
    ran = deployed.run("diagnose_policy_execution", **arguments)
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


def test_executions_that_need_somebody(workflow: Workflow) -> None:
    """Stuck ones, ones whose run is gone, and a low success rate are warnings with a command.

    Other settings are not stuck or too low; a secret that is there is not shown, and the statement
    that lets the integration use the secret is.
    """
    workflow.api.order(policy_name="refused_policy", http_status=422)
    policies = [
        {"execution_id": "done", "policy_data": {"policy_name": "p"}},
        {"execution_id": "refused", "policy_data": {"policy_name": "refused_policy"}},
    ]
    assert not workflow.run(policies=policies).success
    workflow.query(
        """update policy_execution_state
        set "status" = 'policy_created', "completed" = false,
            "start_time" = dateadd(hour, -2, current_timestamp())::timestamp_ntz,
            "lease_expires_at" = dateadd(minute, -1, sysdate())
        where "execution_id" = 'done'"""
    )
    found = findings(workflow)
    for check in ("stuck", "leases"):
        assert found[check]["level"] == "warn"
        assert "such as done" in found[check]["says"]
        assert found[check]["next"] == "dbt run-operation retry_policy_workflow"
    assert found["state table"]["says"] == "1 error, 1 policy_created"
    assert found["success rate"]["level"] == "warn"
    assert "50.0 % of the 2 execution(s)" in found["success rate"]["says"]
    assert found["api_rejected"]["says"].startswith("1 execution(s): ")
    assert "Such as refused_policy (refused): Step 1" in found["api_rejected"]["says"]
    secret = f"{workflow.place}.DIAGNOSED_TOKEN"
    workflow.query(f"create secret {secret} type = generic_string secret_string = 't-1'")
    patient = {"policy_stuck_minutes": 180, "policy_min_success_rate_percent": 50}
    found = findings(workflow, project_vars=patient | {"policy_api_secret": secret})
    assert (found["stuck"]["level"], found["success rate"]["level"]) == ("ok", "ok")
    assert found["secret"]["level"] == "error"
    allowed = f"set allowed_authentication_secrets = ({secret})"
    way = workflow.integrations[0]
    assert found["secret"]["next"] == f"alter external access integration {way} {allowed}"
    assert "t-1" not in str(found)
    # Another test may have this schema next.
    workflow.query(f"drop secret {secret}")


def test_the_story_of_an_execution(deployed: Workflow) -> None:
    """Its events in order with times, requests and statuses, and what it came to."""
    answer = deployed.diagnose(execution_id="done", project_vars=VARS)
    story = answer["story"]
    assert [event["sequence"] for event in story] == list(range(1, len(story) + 1))
    assert [event["event"] for event in story][:2] == ["claimed", "create_policy"]
    assert story[-1]["status_after"] == "completed"
    assert [event["seconds"] for event in story] == sorted(event["seconds"] for event in story)
    assert answer["findings"] == [
        {"check": "done", "level": "ok", "says": "completed", "next": None}
    ]
    ran = deployed.run("diagnose_policy_execution", execution_id="done", project_vars=VARS)
    assert f"policy_ready → completed  POST {deployed.api.base_url}" in ran.output


def test_the_story_of_one_that_is_open(workflow: Workflow) -> None:
    """An open execution shows its lease owner, or that its run is gone and what goes on with it."""
    executions = [{"execution_id": "open", "policy_data": {"policy_name": "p"}}]
    begun = workflow.call("create_policy", {"invocation_id": "first", "executions": executions})
    assert begun["counts"] == {"policy_created": 1}
    for level in ("ok", "warn"):
        (found,) = workflow.diagnose(execution_id="open")["findings"]
        assert found["level"] == level
        assert ("lease held by run" in found["says"]) is (level == "ok")
        workflow.query(
            """update policy_execution_state
            set "lease_expires_at" = dateadd(minute, -5, sysdate())"""
        )


def test_an_execution_that_never_was(deployed: Workflow) -> None:
    """An unknown id is an error that says where it looked."""
    (found,) = deployed.diagnose(execution_id="nobody", project_vars=VARS)["findings"]
    assert found["level"] == "error"
    assert deployed.schema in found["says"]

"""A new user's first mistakes get a clear answer, and nothing is sent."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from local_stack.snowflake.server import LocalSnowflake
from tests.integration.workflow import Workflow


def _nested(depth: int) -> list[Any]:
    return [_nested(depth - 1)] if depth else []


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ({"policy_data": "a text"}, "policy_data must be a JSON object"),
        ({"policy_data": ["a", "list"]}, "policy_data must be a JSON object"),
        ({"policy_data": {}}, "policy_data must be a JSON object"),
        ({"policies": []}, "at least one item"),
        ({"policies": {"policy_data": {}}}, "policies must be a list"),
        ({"policies": [{"policy_name": "x"}]}, "must be {policy_data"),
        ({"policies": [{"policy_data": {"a": 1}}], "execution_id": "x"}, "not both"),
        ({"execution_id": "a b"}, "execution_id must be"),
        ({"execution_id": "x" * 129}, "execution_id must be"),
        ({"execution_id": 17}, "execution_id must be"),
        (
            {"policies": [{"policy_data": {"a": 1}, "execution_id": "e"}] * 2},
            "stands twice in policies, as items 1 and 2",
        ),
        ({"polcy_data": {"a": 1}}, "polcy_data"),
        ({"policy_data": {"a": "x" * 100_001}}, "policy_max_policy_characters allows 100000"),
        ({"policy_data": {"a": _nested(51)}}, "nested over 50 levels deep"),
        ({"policy_data": {"a": float("nan")}}, "NaN"),
    ],
)
def test_bad_arguments_are_refused(
    workflow: Workflow, arguments: dict[str, Any], answer: str
) -> None:
    """A bad argument is named before any statement or request is sent."""
    ran = workflow.run(**arguments)
    assert not ran.success
    assert answer in ran.output
    assert ran.statements == []
    assert workflow.api.journal() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("policy_max_poll_attempts", 0),
        ("policy_max_poll_attempts", "three"),
        ("policy_api_timeout_seconds", 100_000),
        ("policy_lease_seconds", True),
        ("policy_success_statuses", "ready"),
        ("policy_success_statuses", []),
        ("policy_workflow_schema", 'x"; drop table y'),
        ("policy_runtime_version", 3.11),
        ("policy_runtime_version", "3.8"),
        ("policy_workflow_sample_policy", "text"),
        ("policy_api_secret", "just_a_name"),
    ],
)
def test_vars_out_of_range_are_refused(workflow: Workflow, name: str, value: Any) -> None:
    """A bad var is named with its legal values before any statement is sent."""
    ran = workflow.run(project_vars={name: value})
    assert not ran.success
    assert f"the var {name} must be" in ran.output
    assert ran.statements == []


@pytest.mark.parametrize(
    "url",
    ["http://api.example.com", "https://user:pw@api.example.com", "ftp://x", "api.example.com"],
)
def test_an_unsafe_api_url_is_refused(workflow: Workflow, url: str) -> None:
    """The API's URL must be https, http only for this machine."""
    workflow.environment["POLICY_API_BASE_URL"] = url
    ran = workflow.run()
    assert not ran.success
    assert "must be an https URL" in ran.output
    assert ran.statements == []


def test_no_api_at_the_url(workflow: Workflow, local_snowflake: LocalSnowflake) -> None:
    """A refused connection is reported with the host and what to check."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    local_snowflake.open_external_access("127.0.0.1", port)
    workflow.environment["POLICY_API_BASE_URL"] = f"http://127.0.0.1:{port}"
    ran = workflow.run(project_vars={"policy_api_max_retries": 0})
    assert not ran.success
    assert f"127.0.0.1:{port} cannot be reached" in ran.output
    assert workflow.row()["status"] == "error"


def test_a_host_that_the_integration_does_not_allow(workflow: Workflow) -> None:
    """Without the host in the network rule the name is not resolved, and the answer says so."""
    workflow.environment["POLICY_API_BASE_URL"] = "https://api.example.com"
    ran = workflow.run(project_vars={"policy_api_max_retries": 0})
    assert not ran.success
    assert "name resolution" in ran.output
    assert "network rule" in ran.output


def test_an_integration_that_is_not_there(workflow: Workflow) -> None:
    """An unknown integration fails at the registration, by name."""
    ran = workflow.run(project_vars={"policy_external_access_integrations": ["NOT_THERE"]})
    assert not ran.success
    assert "NOT_THERE" in ran.output


def test_looking_before_anything_is_deployed(workflow: Workflow) -> None:
    """Without the table the command says where it looked, as whom, and what creates it."""
    ran = workflow.run("get_policy_execution_state")
    assert not ran.success
    assert f"{workflow.schema}.policy_execution_state does not exist, or role" in ran.output
    assert "dbt run-operation deploy_policy_workflow" in ran.output


@pytest.mark.usefixtures("local_snowflake")
def test_the_local_stack_is_not_running(workflow: Workflow) -> None:
    """Without a Snowflake the command fails and says where it looked."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    workflow.environment["SNOWFLAKE_PORT"] = str(port)
    ran = workflow.run()
    assert not ran.success
    assert "127.0.0.1" in ran.output


@pytest.mark.parametrize(
    ("role", "said"), [("RUNNER", "role RUNNER"), ("", "the user's default role")]
)
def test_what_the_role_needs_is_said_without_a_statement(
    workflow: Workflow, role: str, said: str
) -> None:
    """Before Snowflake answers anything, the grants that the run needs are named."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        workflow.environment["SNOWFLAKE_PORT"] = str(closed.getsockname()[1])
    workflow.environment["SNOWFLAKE_ROLE"] = role
    ran = workflow.run()
    assert "Could not connect" in ran.output
    assert (
        f"policy_workflow: {said} needs usage on database {workflow.account.database}, "
        f"schema {workflow.place}, warehouse {workflow.account.warehouse}; "
        "select on table policy_execution_state"
    ) in ran.output

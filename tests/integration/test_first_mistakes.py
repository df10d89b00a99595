"""A new user's first mistakes get a clear answer, and nothing is sent."""

from __future__ import annotations

import json
import socket
from datetime import UTC, date, datetime
from typing import Any

import pytest

from local_snowflake.server import LocalSnowflake
from tests.integration.parsed_project import parsed_project
from tests.integration.workflow import TEST_VARS, Ran, Workflow

SECRET = "hunter2"
NO_JSON = "policy_data holds a value that JSON cannot carry, "


@pytest.fixture
def empty(shared_workflow: Workflow, monkeypatch: pytest.MonkeyPatch) -> Workflow:
    """Give a schema in which nothing is deployed, and in which no test makes anything."""
    shared_workflow.api.reset()
    monkeypatch.setattr(shared_workflow, "environment", {**shared_workflow.environment})
    return shared_workflow


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
        ({"policy_data": {"a": "x" * 100_001}}, "policy_max_policy_characters allows 100000"),
        ({"policy_data": {"a": _nested(51)}}, "nested over 50 levels deep"),
        ({"policy_data": {"a": float("nan")}}, f"{NO_JSON}at a (NaN)"),
        ({"policy_data": {"a": [1, float("-inf")]}}, f"{NO_JSON}at a[1] (Infinity)"),
        ({"policy_data": {"a": {"b": b"x"}}}, f"{NO_JSON}at a.b (bytes)"),
        ({"policy_data": {"a": {"b": {1, 2}}}}, f"{NO_JSON}at a.b (a set)"),
        ({"policy_data": {"a": {1: 1, "1": 2}}}, 'policy_data holds the key "1" twice in a: '),
        ({"policy_data": {True: 1, "true": 2}}, 'the key "true" twice in policy_data: '),
        ({"execution_id": date(2026, 11, 24)}, "execution_id must be"),
    ],
)
def test_bad_arguments_are_refused(empty: Workflow, arguments: dict[str, Any], answer: str) -> None:
    """A bad argument is named before any statement or request is sent."""
    _refused(empty, empty.run(**arguments), answer)


@pytest.mark.parametrize(
    ("macro", "arguments", "answer"),
    [
        ("run_policy_workflow", {"polcy_data": {"a": 1}}, "Did you mean policy_data?"),
        ("cancel_policy_execution", {"execution_id": "e"}, "needs the argument reason"),
        (
            "deploy_policy_workflow",
            {"force": True},
            "has no argument force. deploy_policy_workflow takes",
        ),
    ],
)
def test_a_misspelt_argument(
    empty: Workflow, macro: str, arguments: dict[str, Any], answer: str
) -> None:
    """An argument that there is not, or that is missing, is named, and nothing is sent."""
    _refused(empty, empty.run(macro, **arguments), answer)


@pytest.mark.parametrize("operation", ["run_policy_workflow", "get_policy_execution_state"])
def test_a_misspelt_var(empty: Workflow, operation: str) -> None:
    """A var that there is not is named with the one that was meant, and nothing is sent."""
    ran = empty.run(operation, project_vars={"policy_max_poll_attempt": 5})
    answer = "policy_workflow has no var policy_max_poll_attempt. Did you mean policy_max_poll_att"
    _refused(empty, ran, answer)


def _refused(workflow: Workflow, ran: Ran, answer: str) -> None:
    """A command was refused in these words, without a policy's content, before it did anything."""
    assert not ran.success
    shown = ran.output[ran.output.index("❌ policy_workflow: ") :]
    assert answer in shown
    assert SECRET not in shown
    assert ran.statements == []
    assert workflow.names("tables") == []
    assert workflow.api.journal() == []


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (
            {"policies": [{"policy_data": {"a": 1}}, {"policy_data": {"b": {"from": "DATE"}}}]},
            f"item 2 of policies: {NO_JSON}at b.from (a date); put it in quotes",
        ),
        ({"policy_data": {"from": "TIME", "b": [SECRET]}}, f"{NO_JSON}at from (a date); put it in"),
        ({"policy_data": {"b": [SECRET, {"DATE": SECRET}]}}, f"{NO_JSON}as a key of b[1] (a date)"),
        ({"policy_data": f"password: {SECRET}"}, "must be a JSON object such as {policy_name"),
        ({"policy_data": [{"password": SECRET}]}, "Got: a list of 1"),
        ({"policy_data": "DATE"}, "Got: a date"),
        ({"policies": "DATE"}, "Got: a date"),
        (
            {"policies": SECRET},
            "policies must be a list of {policy_data: {...}, execution_id: ...}",
        ),
        ({"policies": {"password": SECRET}}, "Got: an object with the keys password"),
        ({"policies": ["DATE"]}, "item 1 of policies: must be {policy_data: {...}, execution_id:"),
        (
            {"policies": [{"policy_data": {"a": 1}, "password": SECRET}]},
            "Got: an object with the keys policy_data, password",
        ),
        ({"execution_id": {"password": SECRET}}, "Got: an object with the keys password"),
        ({"policy_data": {"a": 1}, "wait": {"password": SECRET}}, "wait must be true or false"),
        ({"project_vars": {"policy_workflow_sample_policy": {"from": "DATE"}}}, "at from (a date)"),
        (
            {"project_vars": {"policy_workflow_sample_policy": SECRET}},
            "must be a mapping. Got: a t",
        ),
        ({"project_vars": {"policy_packages": [SECRET, 1]}}, "item 2 is the number 1. In quotes"),
    ],
)
def test_no_content_is_shown(empty: Workflow, arguments: dict[str, Any], answer: str) -> None:
    """What is refused is named by path and kind: a policy's content may be secret."""
    project_vars = json.dumps(TEST_VARS | arguments.pop("project_vars", {}))
    # JSON is YAML, but for the dates that stand there without quotes.
    given = [
        text.replace('"DATE"', "2026-11-24").replace('"TIME"', "2026-11-24 10:00:00")
        for text in (project_vars, json.dumps(arguments))
    ]
    command = ["run-operation", "run_policy_workflow", "--vars", given[0], "--args", given[1]]
    _refused(empty, empty.dbt(*command, manifest=parsed_project()), answer)


@pytest.mark.parametrize(
    ("yaml", "answer"),
    [
        (f"{{policy_data: &a {{b: {SECRET}, c: *a}}}}", "is nested over 50 levels deep"),
        (f"{{policy_data: {{a: 0x{'f' * 5000}}}}}", "a number of thousands of digits"),
        ("{policy_data: {a: !!binary aHVudGVyMg==}}", "at a (bytes)"),
    ],
    ids=["itself", "a long number", "binary"],
)
def test_what_only_yaml_can_write(empty: Workflow, yaml: str, answer: str) -> None:
    """A policy that holds itself, bytes and endless numbers are refused as well."""
    command = ["run-operation", "run_policy_workflow", "--args", yaml]
    _refused(empty, empty.dbt(*command, manifest=parsed_project()), answer)


def test_what_json_can_carry_is_sent(workflow: Workflow) -> None:
    """Keys that are no texts, emoji, 50 levels and other rare things arrive as JSON has them."""
    policy = {
        0: "none",
        True: "yes",
        None: "nothing",
        "😀\u2028": "e\u0301 😀 \u0000",
        "numbers": [0, -1, 2**70, 1.5, 1e300, True, None],
        "empty": [{}, [], ""],
        "deep": _nested(48),
    }
    ran = workflow.run(policy_data=policy)
    assert ran.success, ran.output
    assert workflow.sent("create") == [json.loads(json.dumps(policy))]


@pytest.mark.parametrize(
    ("macro", "arguments", "answer"),
    [
        (
            "advance_policy_workflow",
            {"limit": {"password": SECRET}},
            "limit must be a whole number",
        ),
        ("advance_policy_workflow", {"limit": date(2026, 11, 24)}, "Got: a date"),
        ("retry_policy_workflow", {"limit": [SECRET]}, "limit must be a whole number"),
        ("retry_policy_workflow", {"execution_id": date(2026, 11, 24)}, "execution_id must be"),
        (
            "retry_policy_workflow",
            {"execution_id": "e", "create": [SECRET]},
            "create must be again",
        ),
        (
            "retry_policy_workflow",
            {"execution_id": "e", "policy_id": {"a": SECRET}},
            "policy_id must",
        ),
        ("explain_policy_api", {"step": {"a": SECRET}}, "step must be find, create, poll or"),
        ("explain_policy_api", {"headers": [SECRET]}, "headers must be a mapping of names to"),
        ("get_policy_execution_state", {"limit": {SECRET}}, "Got: a set"),
        ("get_policy_execution_state", {"execution_id": date(2026, 11, 24)}, "Got: a date"),
        ("cancel_policy_execution", {"execution_id": "e", "reason": [SECRET]}, "reason must be"),
        ("clean_up_policy_executions", {"retention_minutes": {"a": SECRET}}, "Got: an object with"),
        (
            "diagnose_policy_execution",
            {"execution_id": datetime(2026, 11, 24, tzinfo=UTC)},
            "a date",
        ),
        ("diagnose_policy_execution", {"output": [SECRET]}, "output must be one of"),
        ("require_policy_completed", {"policy_name": {"password": SECRET}}, "policy_name must be"),
        ("policy_workflow_task_sql", {"minutes": [SECRET]}, "minutes must be a whole number"),
        ("policy_workflow_setup_sql", {"part": {SECRET: 1}}, "part must be account, schema or"),
        ("undeploy_policy_workflow", {"drop_data": [SECRET]}, "drop_data must be true or false"),
    ],
)
def test_arguments_of_other_operations(
    empty: Workflow, macro: str, arguments: dict[str, Any], answer: str
) -> None:
    """An argument of the wrong kind is refused in words, and of objects and lists only the kind."""
    ran = empty.run(macro, **arguments)
    assert not ran.success
    shown = ran.output[ran.output.index("❌ policy_workflow: ") :]
    assert answer in shown
    assert SECRET not in shown.replace(f"keys {SECRET}", "")
    assert ran.statements == []


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
        # The procedures need what Python has since 3.11.
        ("policy_runtime_version", "3.10"),
        ("policy_workflow_sample_policy", "text"),
        ("policy_api_secret", "just_a_name"),
    ],
)
def test_vars_out_of_range_are_refused(empty: Workflow, name: str, value: Any) -> None:
    """A bad var is named with its legal values before any statement is sent."""
    ran = empty.run(project_vars={name: value})
    assert not ran.success
    assert f"the var {name} must be" in ran.output
    assert ran.statements == []


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com",
        f"https://user:{SECRET}@api.example.com",
        f"https://api.example.com/?token={SECRET}",
        "ftp://x",
        "api.example.com",
    ],
)
def test_an_unsafe_api_url_is_refused(empty: Workflow, url: str) -> None:
    """The API's URL must be https, http only for this machine; what it keeps secret stays so."""
    empty.environment["POLICY_API_BASE_URL"] = url
    _refused(empty, empty.run(), "must be an https URL")


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


def test_looking_before_anything_is_deployed(empty: Workflow) -> None:
    """Without the table the command says where it looked, as whom, and what creates it."""
    ran = empty.run("get_policy_execution_state")
    assert not ran.success
    assert f"{empty.schema}.policy_execution_state does not exist, or role" in ran.output
    assert "dbt run-operation deploy_policy_workflow" in ran.output


@pytest.mark.usefixtures("local_snowflake")
def test_the_local_stack_is_not_running(empty: Workflow) -> None:
    """Without a Snowflake the command fails and says where it looked."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    empty.environment["SNOWFLAKE_PORT"] = str(port)
    ran = empty.run()
    assert not ran.success
    assert "127.0.0.1" in ran.output


def test_the_rights_are_said_where_one_is_missing(workflow: Workflow, new_role: str) -> None:
    """A table that the role does not see is named before Snowflake refuses; else nothing is."""
    for name in workflow.names("procedures"):
        workflow.query(f"grant usage on procedure {name}(varchar) to role {new_role}")
    for name in workflow.names("tables"):
        workflow.query(f"grant select on table {name} to role {new_role}")
    workflow.environment["SNOWFLAKE_ROLE"] = new_role
    ran = workflow.run()
    assert ran.success, ran.output
    assert "needs usage on" not in ran.output
    for hidden in ("policy_execution_events", "policy_execution_runs"):
        workflow.query(f"revoke select on table {hidden} from role {new_role}")
        ran = workflow.run()
        assert f"policy_workflow: role {new_role} needs usage on database" in ran.output
        assert f"; select on table {hidden}\n" in ran.output
        workflow.query(f"grant select on table {hidden} to role {new_role}")


COMMANDS: dict[str, dict[str, Any]] = {
    "run_policy_workflow": {},
    "retry_policy_workflow": {},
    "advance_policy_workflow": {},
    "explain_policy_api": {},
    "policy_workflow_task_sql": {"warehouse": "wh"},
    "cancel_policy_execution": {"execution_id": "e", "reason": "x"},
    "get_policy_execution_state": {},
    "diagnose_policy_execution": {},
    "policy_workflow_setup_sql": {},
    "deploy_policy_workflow": {},
    "undeploy_policy_workflow": {},
    "clean_up_policy_executions": {},
}


@pytest.mark.parametrize("name", ["my-db", '"my_db"', "9lives", "größe"])
@pytest.mark.parametrize("kind", ["database", "schema", "warehouse", "role"])
def test_names_of_the_profile_that_need_quotes(
    empty: Workflow, capsys: pytest.CaptureFixture[str], kind: str, name: str
) -> None:
    """Every command refuses them by kind and name, before any SQL is printed or sent."""
    empty.environment[f"SNOWFLAKE_{kind.upper()}"] = name
    commands = COMMANDS if name == "my-db" else {"policy_workflow_setup_sql": {}}
    for macro, arguments in commands.items():
        ran = empty.run(macro, **arguments)
        _refused(empty, ran, f"the profile names the {kind} {name}, which SQL takes in quotes")
        assert "create " not in capsys.readouterr().out


def test_lower_case_names_of_the_profile(workflow: Workflow) -> None:
    """Without quotes they are what Snowflake makes of them, and all commands work."""
    for kind in ("database", "schema", "warehouse", "role"):
        variable = f"SNOWFLAKE_{kind.upper()}"
        workflow.environment[variable] = workflow.environment[variable].lower()
    ran = workflow.run(execution_id="e")
    assert ran.success, ran.output
    assert workflow.diagnose(fail_on="warn")["errors"] == 0

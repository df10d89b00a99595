"""An API with several hosts and secrets: set-up, registration, doctor, and its requests."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from local_snowflake.server import LocalSnowflake
from local_stack.policy_api import PolicyApi
from tests.integration.workflow import Ran, Workflow

SAMPLE = {"policy_name": "p", "rule": {"id": 17}}


@pytest.fixture
def events(local_snowflake: LocalSnowflake) -> Iterator[PolicyApi]:
    """Give a second API, on a port of its own."""
    del local_snowflake
    with PolicyApi() as api:
        yield api


def described(workflow: Workflow, events: PolicyApi) -> dict[str, Any]:
    """The API of the tests, with three secrets, and its circuit breaker at another host."""
    place = workflow.place
    return {
        "policy_external_access_integrations": [f"{workflow.schema}_WAY"],
        "policy_api": {
            "secrets": {
                "key": f"{place}.FIRST",
                "pair": {"name": f"{place}.SECOND", "type": "password"},
                "body": f"{place}.THIRD",
            },
            "headers": {"X-Access-Key": "{secret.key}", "Authorization": "Basic {secret.pair}"},
            "idempotency": {"header": "Idempotency-Key"},
            "trigger": {
                "base_url": events.base_url,
                "body": {
                    "policy_id": "{policy_id}",
                    "execution_id": "{api_execution_id}",
                    "trigger_reason": "{trigger_reason}",
                    "routing_key": "{secret.body}",
                },
            },
        },
    }


def make_secrets(workflow: Workflow) -> None:
    """Make the three secrets, whose names are ordered otherwise than their aliases."""
    place = workflow.place
    for name, value in (
        ("FIRST", "type = generic_string secret_string = 'first-value'"),
        ("SECOND", "type = password username = 'ann' password = 'second-value'"),
        ("THIRD", "type = generic_string secret_string = 'third-value'"),
    ):
        workflow.query(f"create secret {place}.{name} {value}")


def open_way(workflow: Workflow, hosts: list[str], secrets: list[str]) -> None:
    """Make a network rule with these hosts, and the integration with these secrets."""
    place, way = workflow.place, f"{workflow.schema}_WAY"
    values = ", ".join(f"'{host}'" for host in hosts)
    names = ", ".join(f"{place}.{name}" for name in secrets)
    workflow.query(
        f"create network rule {place}.both_hosts mode = egress type = host_port "
        f"value_list = ({values})"
    )
    workflow.query(
        f"create or replace external access integration {way} "
        f"allowed_network_rules = ({place}.both_hosts) "
        f"allowed_authentication_secrets = ({names}) enabled = true"
    )


def open_whole_way(workflow: Workflow, events: PolicyApi, *more: str) -> None:
    """Make the secrets, and the way to both hosts with them, and with more that are there."""
    make_secrets(workflow)
    hosts = [f"{api.host}:{api.port}" for api in (workflow.api, events)]
    open_way(workflow, hosts, ["FIRST", "SECOND", "THIRD", *more])


def findings(workflow: Workflow, **arguments: Any) -> list[dict[str, Any]]:
    """The findings of the diagnosis, in their order."""
    found: list[dict[str, Any]] = workflow.diagnose(**arguments)["findings"]
    return found


def of(found: list[dict[str, Any]], check: str) -> list[dict[str, Any]]:
    """The findings of one check."""
    return [finding for finding in found if finding["check"] == check]


def printed(workflow: Workflow, macro: str, **arguments: Any) -> tuple[Ran, str]:
    """Run an operation; answers what it printed, too."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        ran = workflow.run(macro, **arguments)
    return ran, output.getvalue()


def test_the_script_has_all_hosts_and_secrets(workflow: Workflow, events: PolicyApi) -> None:
    """One rule with both hosts, one integration with the three secrets, and all their grants."""
    variables = described(workflow, events) | {"policy_workflow_warehouse": "WH"}
    ran, script = printed(workflow, "policy_workflow_setup_sql", project_vars=variables)
    assert ran.success, ran.output
    assert ran.statements == []
    hosts = f"('{workflow.api.host}:{workflow.api.port}', '{events.host}:{events.port}')"
    assert script.count(f"value_list = {hosts}") == 2
    names = ", ".join(f"{workflow.place}.{name}" for name in ("THIRD", "FIRST", "SECOND"))
    assert script.count(f"allowed_authentication_secrets = ({names})") == 2
    for name in ("FIRST", "SECOND", "THIRD"):
        assert script.count(f"create secret if not exists {workflow.place}.{name}\n") == 1
        assert f"grant read on secret {workflow.place}.{name} to role POLICY_DEPLOYER" in script
    assert "    type = password\n    username = 'placeholder'" in script


def test_the_doctor_looks_at_each_host_and_secret(workflow: Workflow, events: PolicyApi) -> None:
    """What is missing is named by itself, and the statements that are advised mend it."""
    variables = described(workflow, events)
    first, second = (f"{api.host}:{api.port}" for api in (workflow.api, events))
    make_secrets(workflow)
    open_way(workflow, [first], ["FIRST", "SECOND"])
    workflow.query(f"drop secret {workflow.place}.FIRST")
    pair = variables["policy_api"]["secrets"]["pair"]
    pair["type"] = "oauth2"
    found = findings(workflow, project_vars=variables)
    third, one, two = of(found, "secret")
    assert "is not allowed by the integrations" in third["says"]
    assert "is not there" in one["says"]
    assert two["level"] == "error"
    assert two["next"] == "set policy_api.secrets.pair.type to password"
    pair["type"] = "password"
    rules = of(found, "network rule")
    assert [finding["level"] for finding in rules] == ["ok", "error"]
    workflow.query(
        f"create secret {workflow.place}.FIRST type = generic_string secret_string = 'first-value'"
    )
    workflow.query(third["next"])
    assert f"value_list = ('{first}', '{second}')" in rules[1]["next"]
    workflow.query(rules[1]["next"])
    assert workflow.run("deploy_policy_workflow", project_vars=variables).success
    found = findings(workflow, project_vars=variables, check_api=True)
    for check, number in (("secret", 3), ("network rule", 2), ("API", 2)):
        assert [finding["level"] for finding in of(found, check)] == ["ok"] * number, found
    assert f"{events.port}/ answers HTTP" in of(found, "API")[1]["says"]


def test_the_doctor_looks_at_what_an_integration_allows(
    workflow: Workflow, events: PolicyApi
) -> None:
    """Where none, or one, of the secrets is allowed, the statement advised allows all of them.

    The statement keeps what was allowed; what another integration allows is not known.
    """
    variables, place = described(workflow, events), workflow.place
    (way,) = variables["policy_external_access_integrations"]
    open_whole_way(workflow, events)
    assert workflow.run("deploy_policy_workflow", project_vars=variables).success
    workflow.query(f"create secret {place}.OTHER type = generic_string secret_string = 'other'")
    for allowed in ("", f"{place}.OTHER, {place}.SECOND"):
        workflow.query(
            f"alter external access integration {way} "
            f"set allowed_authentication_secrets = ({allowed})"
        )
        found = of(findings(workflow, project_vars=variables), "secret")
        closed = [finding for finding in found if finding["level"] == "error"]
        assert len(closed) == (2 if allowed else 3)
        assert {finding["next"] for finding in closed} == {closed[0]["next"]}
        many = variables | {"policy_external_access_integrations": [way, "NOT_THERE"]}
        hidden = of(findings(workflow, project_vars=many), "secret")
        assert [finding["level"] for finding in hidden].count("skipped") == len(closed)
        assert any("cannot see whether NOT_THERE allows it" in one["says"] for one in hidden)
        ran = workflow.run("run_policy_workflow", policy_data=SAMPLE, project_vars=many)
        assert not ran.success
        workflow.query(closed[0]["next"])
        found = of(findings(workflow, project_vars=variables), "secret")
        assert [finding["level"] for finding in found] == ["ok"] * 3
    assert f"{place}.OTHER" in closed[0]["next"]


def test_a_secret_that_cannot_be_used(workflow: Workflow, events: PolicyApi) -> None:
    """Nothing is sent or recorded; the lines name the secret, what is wrong, and what to type."""
    open_whole_way(workflow, events)
    events.order(endpoint="circuit", http_status=200, body={"status": "triggered"})
    variables, place = described(workflow, events), workflow.place
    for value, problem in (
        ("", "is empty"),
        ("a\nb", "holds a line break or a control character, which no HTTP header carries"),
        ("k\u00fcl", "holds a character that is not ASCII, which no HTTP header carries"),
    ):
        workflow.query(f"alter secret {place}.FIRST set secret_string = '{value}'")
        ran = workflow.run(policy_data=SAMPLE, execution_id="e", project_vars=variables)
        assert not ran.success
        for line in (
            f"the secret {place}.FIRST (policy_api.secrets.key) {problem}. Nothing was sent.",
            f"  To mend it: alter secret {place}.FIRST set secret_string = '...'",
            "  Then: run the same command again",
        ):
            assert line in ran.output, ran.output
        assert "Python Interpreter Error" not in ran.output
    assert workflow.rows() == workflow.events() == []
    assert workflow.api.journal() == events.journal() == []
    (found,) = of(findings(workflow, project_vars=variables, check_api=True), "API")
    assert found["next"] == f"alter secret {place}.FIRST set secret_string = '...'"
    variables["policy_api"]["secrets"]["pair"]["type"] = "generic_string"
    workflow.query(f"alter secret {place}.FIRST set secret_string = 'first-value'")
    ran = workflow.run(policy_data=SAMPLE, execution_id="e", project_vars=variables)
    assert "is of type password, and the settings say generic_string" in ran.output
    assert "  To mend it: set policy_api.secrets.pair.type to password" in ran.output
    (found,) = of(findings(workflow, project_vars=variables, check_api=True), "API")
    assert found["next"] == "set policy_api.secrets.pair.type to password"
    variables["policy_api"]["secrets"]["pair"]["type"] = "password"
    workflow.query(f"alter secret {place}.SECOND set username = '' password = ''")
    ran = workflow.run(policy_data=SAMPLE, execution_id="e", project_vars=variables)
    assert f"alter secret {place}.SECOND set username = '...' password = '...'" in ran.output
    workflow.query(f"alter secret {place}.SECOND set username = 'ann' password = 'second-value'")
    ran = workflow.run(policy_data=SAMPLE, execution_id="e", project_vars=variables)
    assert ran.success, ran.output


def test_a_secret_that_breaks_on_the_way(workflow: Workflow, events: PolicyApi) -> None:
    """Each step sends nothing more, holds no lease, and goes on when the secret is mended."""
    open_whole_way(workflow, events)
    events.order(endpoint="circuit", http_status=200, body={"status": "triggered"})
    workflow.api.order(statuses=["pending", "ready"])
    variables, place = described(workflow, events), workflow.place
    begun = workflow.run(policy_data=SAMPLE, execution_id="e", wait=False, project_vars=variables)
    assert begun.success, begun.output
    run = workflow.row()["invocation_id"]
    sent = len(workflow.api.journal())
    workflow.query(f"alter secret {place}.THIRD set secret_string = ''")
    for name, more in (
        ("create_policy", {"go_on": True}),
        ("poll_policy_status", {}),
        ("trigger_circuit_breaker", {}),
    ):
        workflow.query(
            'update policy_execution_state set "lease_expires_at" = dateadd(hour, 1, sysdate())'
        )
        answer = workflow.call(name, {"invocation_id": run, **more})
        assert answer["secret_problem"]["alias"] == "body"
        assert workflow.row()["lease_expires_at"] is None
    for macro in ("advance_policy_workflow", "retry_policy_workflow"):
        ran = workflow.run(macro, project_vars=variables)
        assert f"the secret {place}.THIRD (policy_api.secrets.body) is empty" in ran.output
        assert "Python Interpreter Error" not in ran.output
    with pytest.raises(Exception, match="SecretError: the secret body is empty"):
        workflow.call("advance_policy_workflow", {"invocation_id": "task-*"})
    assert len(workflow.api.journal()) == sent
    assert workflow.row()["status"] == "policy_created"
    workflow.query(f"alter secret {place}.THIRD set secret_string = 'third-value'")
    ran = workflow.run("retry_policy_workflow", project_vars=variables, run=run)
    assert ran.success, ran.output
    assert workflow.row()["status"] == "completed"


def test_secrets_arrive_where_they_are_named(workflow: Workflow, events: PolicyApi) -> None:
    """Headers at both hosts, one secret in a body, and none of them in a line or a row.

    The access token of an oauth2 secret is in each request.
    """
    token = f"{workflow.place}.TOKEN"
    workflow.query(f"create secret {token} type = oauth2 oauth_refresh_token = 'token-value'")
    open_whole_way(workflow, events, "TOKEN")
    # This API knows only what was created here.
    events.order(endpoint="circuit", http_status=200, body={"status": "triggered"})
    workflow.api.order(statuses=["ready"])
    variables = described(workflow, events)
    variables["policy_api"]["secrets"]["token"] = {"name": token, "type": "oauth2"}
    variables["policy_api"]["headers"]["X-Session"] = "Bearer {secret.token}"
    ran = workflow.run(policy_data=SAMPLE, execution_id="e", project_vars=variables)
    assert ran.success, ran.output
    (created,) = (entry for entry in workflow.api.journal() if entry.method == "POST")
    headers = {name.lower(): value for name, value in created.headers.items()}
    assert headers["x-access-key"] == "first-value"
    assert headers["authorization"].startswith("Basic ")
    (triggered,) = events.journal()
    assert json.loads(triggered.body)["routing_key"] == "third-value"
    requests = [*workflow.api.journal(), triggered]
    sent = [{name.lower(): value for name, value in entry.headers.items()} for entry in requests]
    assert [headers["x-session"] for headers in sent] == ["Bearer token-value"] * 3
    kept = str(workflow.query("select * from policy_execution_events")) + ran.output
    for value in ("first-value", "second-value", "third-value", "token-value"):
        assert value not in kept


def test_what_is_explained(workflow: Workflow, events: PolicyApi) -> None:
    """Requests step by step with masked secrets, then what an answer means; nothing is sent."""
    open_whole_way(workflow, events)
    variables = described(workflow, events)
    variables["policy_api"]["create"] = {"id": "/data/id", "path": "/c/{policy.rule.id}"}
    ran = workflow.run(
        "explain_policy_api", policy_data=SAMPLE, execution_id="e", project_vars=variables
    )
    assert ran.success, ran.output
    for line in (
        "--- create",
        f"    POST {workflow.api.base_url}/c/17",
        "    X-Access-Key: [secret.key]",
        '      "policy_name": "p",',
        "--- trigger",
        f"    POST {events.base_url}/circuit",
        '      "routing_key": "[secret.body]"',
        "✅ policy_workflow: nothing was sent to the API",
    ):
        assert line in ran.output, ran.output
    read = workflow.run(
        "explain_policy_api",
        policy_data=SAMPLE,
        step="create",
        answer={"data": {"id": 42}},
        http_status=201,
        project_vars=variables,
    )
    assert "    is read as: created" in read.output, read.output
    assert "    policy_id: 42" in read.output
    assert "--- trigger" not in read.output
    assert workflow.api.journal() == events.journal() == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"step": "created"}, "step must be find, create, poll or trigger"),
        ({"step": "create", "http_status": 99}, "http_status must be a whole number from 100"),
        ({"step": "create", "headers": {"a": 1}}, "headers must be a mapping of names to texts"),
        ({"step": "create", "answer": 17}, "answer must be the body of an answer"),
        ({"step": "find", "answer": "{}"}, "the var policy_api describes no find"),
    ],
)
def test_what_cannot_be_explained(
    shared_workflow: Workflow, arguments: dict[str, Any], says: str
) -> None:
    """Arguments that are none, and a step that is not described, are refused first."""
    ran = shared_workflow.run("explain_policy_api", **arguments)
    assert not ran.success
    assert says in ran.output
    assert ran.statements == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"create": "again"}, "create decides about one execution. Give its execution_id"),
        ({"run": "r", "policy_id": "p"}, "policy_id decides about one execution"),
        (
            {"execution_id": "e", "create": "again", "trigger": "again"},
            "create and trigger, not more",
        ),
        ({"execution_id": "e", "create": True}, "create must be again"),
        ({"execution_id": "e", "trigger": "twice"}, "trigger must be again"),
        ({"execution_id": "e", "policy_id": 17}, "put a number in quotes. Got: 17"),
        ({"execution_id": "e", "policy_id": " "}, "policy_id must be a text of 1 to 1024"),
        ({"execution_id": "e", "policy_id": "a\x1bb"}, "policy_id must be a text of 1 to 1024"),
        ({"execution_id": "e", "policy_id": "x" * 1025}, "policy_id must be a text of 1 to 1024"),
    ],
)
def test_what_decides_nothing(
    shared_workflow: Workflow, arguments: dict[str, Any], says: str
) -> None:
    """A decision is one, of a legal kind, about one execution; others send nothing."""
    ran = shared_workflow.run("retry_policy_workflow", **arguments)
    assert not ran.success
    assert says in ran.output
    assert ran.statements == []


def test_what_is_decided_already(workflow: Workflow) -> None:
    """Where there is nothing to decide, the command says why, and sends nothing."""
    assert workflow.run(execution_id="e").success
    sent = len(workflow.api.journal())
    ran = workflow.run("retry_policy_workflow", execution_id="e", policy_id="pol-2")
    assert not ran.success
    assert "execution e cannot be decided so: the execution is completed" in ran.output
    for decision in ({"create": "again"}, {"trigger": "again"}):
        request = {"invocation_id": "r", "executions": [{"execution_id": "e"}], **decision}
        (problem,) = workflow.call("create_policy", request)["undecidable"]
        assert "the execution is completed" in problem["why"]
    assert len(workflow.api.journal()) == sent


def test_an_api_without_a_circuit_breaker(workflow: Workflow) -> None:
    """It is completed with flags that are false, the views agree, and the gate lets it pass."""
    variables = {"policy_api": {"trigger": "none"}}
    ran = workflow.run(
        policy_data={"policy_name": "bare"}, execution_id="e", project_vars=variables
    )
    assert ran.success, ran.output
    assert "✅ Step 2: Policy status confirmed as success/ready" in ran.output
    assert " Step 3: No circuit breaker asked for (policy_api: trigger is none)" in ran.output
    assert "✅ Final status: completed with circuit_breaker_completed = FALSE" in ran.output
    (row,) = workflow.rows()
    assert row["status"] == "completed"
    for flag in ("requires_circuit_breaker", "circuit_breaker_initiated"):
        assert row[flag] is False
    assert not row["circuit_breaker_completed"]
    settings = ["--vars", json.dumps(variables)]
    built = workflow.dbt("build", *settings)
    assert built.success, built.output
    (seen,) = workflow.query(
        "select requires_circuit_breaker, circuit_breaker_completed, is_finished "
        "from policy_executions"
    )
    assert list(seen.values()) == [False, False, True]
    steps = workflow.query("select step, result from policy_execution_steps order by step")
    assert [list(step.values()) for step in steps] == [[1, "succeeded"], [2, "succeeded"]]
    gate = workflow.run("require_policy_completed", policy_name="bare", project_vars=variables)
    assert gate.success, gate.output

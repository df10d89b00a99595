"""What commands do, and say, about the breaker towards the API and about its table."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.integration.test_last_lines import seen
from tests.integration.workflow import Ran, Workflow

VARS = {
    "policy_api_connections": 1,
    "policy_api_breaker_failures": 2,
    "policy_api_breaker_open_seconds": 600,
    "policy_api_max_retries": 0,
    "policy_max_poll_attempts": 1,
    "policy_wait_seconds": 0,
}
RETRY = "dbt run-operation retry_policy_workflow"


def _policies(count: int, prefix: str = "p") -> list[dict[str, Any]]:
    return [
        {"execution_id": f"{prefix}{n:04}", "policy_data": {"policy_name": f"{prefix}{n:04}"}}
        for n in range(count)
    ]


def _open(workflow: Workflow, count: int, endpoint: str = "create") -> None:
    """Let a run of so many policies open the breaker of an endpoint; then the API works again."""
    workflow.api.order(statuses=["ready"])
    workflow.api.order(endpoint=endpoint, http_status=503)
    assert not workflow.run(policies=_policies(count), project_vars=VARS).success
    workflow.api.forget_orders()
    workflow.api.order(statuses=["ready"])


def _counts(workflow: Workflow) -> dict[str, int]:
    rows = workflow.query('select "status", count(*) as n from policy_execution_state group by 1')
    return {row["status"]: row["N"] for row in rows}


# --- A run waits for nobody


@pytest.mark.parametrize("ready", [0, 1])
def test_a_run_does_not_wait_for_polls_that_never_come(workflow: Workflow, ready: int) -> None:
    """When the breaker of poll opens, the run ends at once, and triggers what is ready."""
    workflow.api.order(endpoint="status", http_status=503)
    workflow.api.order(endpoint="status", times=2, body={"status": "pending"})
    if ready:
        workflow.api.order(endpoint="status", policy_name="p0000", statuses=["ready"])
    vars_ = VARS | {"policy_poll_interval_seconds": 30, "policy_max_poll_attempts": 5}
    ran = workflow.run(policies=_policies(8), project_vars=vars_)
    assert not ran.success
    assert [sql for sql in ran.statements if "system$wait" in sql] == []
    assert _counts(workflow).get("completed", 0) == ready
    assert {row["lease_expires_at"] for row in workflow.rows()} == {None}


def test_polls_go_on_where_another_breaker_is_open(workflow: Workflow) -> None:
    """An open breaker of trigger ends no polls: what is not ready yet is polled to its end."""
    workflow.api.order(statuses=["ready"])
    workflow.api.order(policy_name="p0005", endpoint="status", statuses=["pending", "ready"])
    workflow.api.order(endpoint="circuit", http_status=503)
    vars_ = VARS | {"policy_max_poll_attempts": 3}
    assert not workflow.run(policies=_policies(6), project_vars=vars_).success
    (late,) = (row for row in workflow.rows() if row["execution_id"] == "p0005")
    assert (late["status"], late["poll_count"]) == ("policy_ready", 2)


# --- The last lines


TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
SENTENCE = (
    rf"The breaker towards the API is open for ENDPOINT since {TIME}, seen last: HTTP 503 from the "
    rf"API; the next run asks the API again at {TIME}, or at once after "
    r"dbt run-operation reset_policy_api_breaker[.]"
)


@pytest.mark.parametrize("count", [1, 4, 30])
@pytest.mark.parametrize("endpoint", ["create", "circuit"])
def test_last_lines_name_the_breaker(workflow: Workflow, endpoint: str, count: int) -> None:
    """One sentence says where, since when and why nothing is sent, and what ends the wait."""
    _open(workflow, 3, endpoint)
    new = _policies(count, "new")
    success, lines = seen(workflow, policies=new, project_vars=VARS)
    assert not success
    step = {"create": "create", "circuit": "trigger"}[endpoint]
    shown = "\n".join(lines[-10:])
    assert len(re.findall(SENTENCE.replace("ENDPOINT", step), shown)) == 1, shown
    assert "circuit breaker" not in shown.replace("trigger_circuit_breaker", "")
    assert max(len(line) for line in lines[-10:] if "All of them: " not in line) < 420


def test_last_lines_name_each_breaker(workflow: Workflow) -> None:
    """Where two breakers hold executions of one run back, each has its sentence."""
    workflow.api.order(statuses=["ready"])
    workflow.api.order(endpoint="status", http_status=503)
    workflow.api.order(endpoint="create", http_status=503)
    workflow.api.order(endpoint="create", times=10, http_status=201)
    success, lines = seen(workflow, policies=_policies(30), project_vars=VARS)
    assert not success
    shown = "\n".join(lines[-10:])
    for endpoint in ("create", "poll"):
        assert len(re.findall(SENTENCE.replace("ENDPOINT", endpoint), shown)) == 1, shown


# --- The doctor


def _warned(workflow: Workflow, **more: Any) -> list[str]:
    findings = workflow.diagnose(project_vars=VARS | more)["findings"]
    return [f["check"] for f in findings if "breaker of" in f["check"] and f["level"] != "ok"]


def test_the_doctor_warns_of_breakers_that_count(workflow: Workflow) -> None:
    """A breaker of an address of the past, or while breakers are off, stops no run: no warning."""
    _open(workflow, 4)
    assert _warned(workflow) == ["breaker of create"]
    assert _warned(workflow, policy_api_breaker_failures=0) == []
    elsewhere = {"create": {"path": "/elsewhere"}}
    assert _warned(workflow, policy_api=elsewhere) == []
    assert _warned(workflow, policy_api={"create": {"path": "/createpolicy"}}) != []
    assert (
        _warned(workflow, policy_api={"create": {"path": "/createpolicy", "method": "PUT"}}) == []
    )


# --- What goes on after a reset


def _typed(workflow: Workflow, line: str) -> Ran:
    """Run the retry that a line says to type."""
    found = re.search(rf"{RETRY}(?: --args '(.*?)')?(?=$|[ ,.;])", line)
    assert found, line
    arguments = yaml.safe_load(found[1]) if found[1] else {}
    return workflow.run("retry_policy_workflow", project_vars=VARS, **arguments)


@pytest.mark.parametrize("hours", [0, 100])
def test_a_reset_says_what_goes_on_with_all(workflow: Workflow, hours: int) -> None:
    """The command of the last line takes up all that was held back: more than 100, or old ones."""
    count = 110 if not hours else 5
    _open(workflow, count)
    workflow.query(
        f'update policy_execution_events set "event_time" = dateadd(hour, -{hours}, "event_time")'
    )
    success, lines = seen(workflow, macro="reset_policy_api_breaker", project_vars=VARS)
    assert success, lines
    retried = _typed(workflow, lines[-1])
    assert retried.success, retried.output
    assert _counts(workflow) == {"completed": count}


def test_a_reset_says_the_plain_command_where_it_is_enough(workflow: Workflow) -> None:
    """A few that were held back now need no arguments."""
    _open(workflow, 5)
    _, lines = seen(workflow, macro="reset_policy_api_breaker", project_vars=VARS)
    assert lines[-1].endswith(RETRY)


def test_a_retry_says_that_its_limit_holds(workflow: Workflow) -> None:
    """What the limit leaves is counted in the last line, with the command that goes on."""
    _open(workflow, 6)
    assert workflow.run("reset_policy_api_breaker", project_vars=VARS).success
    success, lines = seen(workflow, macro="retry_policy_workflow", limit=4, project_vars=VARS)
    assert success, lines
    assert "taking up 4 of 6 execution(s), the oldest: limit is 4" in "\n".join(lines)
    assert "2 execution(s) are left, because limit is 4" in lines[-1]
    assert _typed(workflow, lines[-1]).success
    assert _counts(workflow) == {"completed": 6}

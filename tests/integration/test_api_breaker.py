"""The breaker towards the API: bounded damage when the API is down, and a way back."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.integration.workflow import Ran, Workflow

COUNT = 100
CONNECTIONS = 8
FAILURES = 5
TIMEOUT = 1
VARS = {
    "policy_api_connections": CONNECTIONS,
    "policy_api_breaker_failures": FAILURES,
    "policy_api_timeout_seconds": TIMEOUT,
    "policy_api_breaker_open_seconds": 2,
}
POLICIES = [
    {"execution_id": f"e{number:04}", "policy_data": {"policy_name": f"p{number:04}"}}
    for number in range(COUNT)
]
DOWN: dict[str, dict[str, Any]] = {
    "hangs": {"hang": True},
    "503": {"http_status": 503},
    "page": {"body": "<html>maintenance</html>", "content_type": "text/html", "effect": False},
}


def _run(workflow: Workflow, **arguments: Any) -> Ran:
    more = arguments.pop("project_vars", {})
    return workflow.run(policies=POLICIES, project_vars=VARS | more, **arguments)


def _retry(workflow: Workflow, **more: Any) -> Ran:
    run = workflow.query('select distinct "run_id" from policy_execution_runs order by 1')[0]
    return workflow.run("retry_policy_workflow", run=run["run_id"], project_vars=VARS | more)


def _breakers(workflow: Workflow) -> dict[str, str]:
    rows = workflow.query('select "endpoint", "state" from policy_api_breakers')
    return {row["endpoint"]: row["state"] for row in rows}


def _counts(workflow: Workflow) -> dict[str, int]:
    rows = workflow.query('select "status", count(*) as n from policy_execution_state group by 1')
    return {row["status"]: row["N"] for row in rows}


@contextmanager
def _black_hole() -> Iterator[int]:
    """A port on which a connection is never made: nobody accepts, and the queue is full."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]
        for one in waiting:
            one.close()


@pytest.mark.parametrize("fault", DOWN)
@pytest.mark.parametrize("endpoint", ["create", "status", "circuit"])
def test_an_api_that_is_down_gets_few_requests(
    workflow: Workflow, endpoint: str, fault: str
) -> None:
    """At each endpoint the run stops early, and a retry completes every policy, created once."""
    workflow.api.order(statuses=["ready"])
    workflow.api.order(endpoint=endpoint, **DOWN[fault])
    begun = time.monotonic()
    ran = _run(workflow)
    seconds = time.monotonic() - begun
    assert not ran.success
    assert len(workflow.api.journal(endpoint)) <= FAILURES + CONNECTIONS
    held = [event for event in workflow.events() if event["event"] == "held_back"]
    assert held
    assert len(workflow.rows()) == COUNT
    step = {"create": "create", "status": "poll", "circuit": "trigger"}[endpoint]
    assert all(
        f"the breaker of the API is open for {step} since" in event["message"] for event in held
    )
    assert {row["lease_expires_at"] for row in workflow.rows()} == {None}
    assert _counts(workflow).get("error", 0) <= FAILURES + CONNECTIONS
    assert _breakers(workflow) == {step: "open"}
    assert f"the breaker of the API is open for {step}" in ran.output
    assert seconds < 30
    workflow.api.forget_orders()
    workflow.api.order(statuses=["ready"])
    early = _retry(workflow, policy_api_breaker_open_seconds=2)
    while "is open for" in early.output and time.monotonic() - begun < 120:
        time.sleep(0.5)
        early = _retry(workflow)
    assert early.success, early.output
    assert _counts(workflow) == {"completed": COUNT}
    assert len(workflow.api.policies()) == COUNT
    assert _breakers(workflow) == {step: "closed"}
    assert all(len(policy["circuit_breakers"]) == 1 for policy in workflow.api.policies())

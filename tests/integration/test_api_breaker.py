"""The breaker towards the API: bounded damage when the API is down, and a way back.

By hand at scale: POLICY_TEST_POLICIES says how many policies a run has, POLICY_TEST_CONNECTIONS how
many connections; POLICY_TEST_RUNS how many runs want to probe, and POLICY_TEST_TRIES how often.
"""

from __future__ import annotations

import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from tests.integration.deployed_schemas import TABLES
from tests.integration.workflow import Ran, Workflow

RUNS = int(os.environ.get("POLICY_TEST_RUNS", "6"))
TRIES = int(os.environ.get("POLICY_TEST_TRIES", "1"))
COUNT = int(os.environ.get("POLICY_TEST_POLICIES", "40"))
CONNECTIONS = int(os.environ.get("POLICY_TEST_CONNECTIONS", "8"))
FAILURES = 5
TIMEOUT = 4
FIGURES = logging.getLogger("figures")
# How often requests are sent one after the other until the breaker opens, and once more.
ROUNDS = -(-(FAILURES + CONNECTIONS) // CONNECTIONS) + 1
# The bound of the local work after that, and no more than a bound: nothing here measures it.
LOCAL_SECONDS = 30 + COUNT / 20
VARS = {
    "policy_api_connections": CONNECTIONS,
    "policy_api_breaker_failures": FAILURES,
    "policy_api_timeout_seconds": TIMEOUT,
    "policy_api_breaker_open_seconds": 60,
    "policy_max_poll_attempts": 1,
    "policy_api_max_retries": 2,
    "policy_wait_seconds": 0,
}
POLICIES = [
    {"execution_id": f"e{number:04}", "policy_data": {"policy_name": f"p{number:04}"}}
    for number in range(COUNT)
]
STEPS = {"create": "create", "status": "poll", "circuit": "trigger"}
DOWN: dict[str, dict[str, Any]] = {
    "hangs": {"hang": True},
    "503": {"http_status": 503},
    "page": {"body": "<html>maintenance</html>", "content_type": "text/html", "effect": False},
}


@pytest.fixture(scope="module")
def deployed(shared_workflow: Workflow) -> Workflow:
    """Give a schema whose procedures have VARS, for all tests of this module."""
    assert shared_workflow.run("deploy_policy_workflow", project_vars=VARS).success
    return shared_workflow


@pytest.fixture
def breaking(deployed: Workflow) -> Workflow:
    """Give the schema without rows, and an API whose policies are ready at once."""
    for table in TABLES:
        deployed.query(f"truncate table {table}")
    deployed.api.reset()
    deployed.api.order(statuses=["ready"])
    return deployed


def _run(workflow: Workflow, **more: Any) -> Ran:
    return workflow.run(policies=POLICIES, project_vars=VARS | more)


def _retry(workflow: Workflow) -> Ran:
    run = workflow.query('select distinct "run_id" from policy_execution_runs order by 1')[0]
    return workflow.run("retry_policy_workflow", run=run["run_id"], project_vars=VARS)


def _let_the_pause_pass(workflow: Workflow) -> None:
    """As if the breakers had been open for so long that a probe is due."""
    past = "dateadd(second, -1, sysdate())"
    workflow.query(f'update policy_api_breakers set "retry_at" = {past}')


def _breakers(workflow: Workflow) -> dict[str, str]:
    rows = workflow.query('select "endpoint", "state" from policy_api_breakers')
    return {row["endpoint"]: row["state"] for row in rows}


def _counts(workflow: Workflow) -> dict[str, int]:
    rows = workflow.query('select "status", count(*) as n from policy_execution_state group by 1')
    return {row["status"]: row["N"] for row in rows}


@pytest.mark.parametrize("fault", DOWN)
@pytest.mark.parametrize("endpoint", ["create", "status", "circuit"])
def test_an_api_that_is_down_gets_few_requests(
    breaking: Workflow, endpoint: str, fault: str
) -> None:
    """At each endpoint the run stops early, and a retry completes every policy, created once."""
    api, step = breaking.api, STEPS[endpoint]
    api.order(endpoint=endpoint, **DOWN[fault])
    ran = _run(breaking)
    ended = time.time()
    assert not ran.success
    sent = api.journal(endpoint)
    assert FAILURES <= len(sent) <= FAILURES + CONNECTIONS
    seconds = ended - sent[0].received_at
    what = f"{COUNT} policies, {CONNECTIONS} connections, {endpoint} {fault}"
    FIGURES.info("%s: %d requests, end after %.1f s", what, len(sent), seconds)
    assert seconds <= ROUNDS * TIMEOUT + LOCAL_SECONDS
    held = [event for event in breaking.events() if event["error_class"] == "ApiBreakerOpen"]
    assert len(held) == COUNT - _counts(breaking).get("error", 0)
    assert {event["requests_sent"] for event in held} <= {None, 0}
    said = f"the breaker towards the API is open for {step} since"
    assert all(said in event["message"] for event in held)
    assert "api_breaker_open (" in ran.output
    assert len(breaking.rows()) == COUNT
    assert {row["lease_expires_at"] for row in breaking.rows()} == {None}
    errors = _counts(breaking).get("error", 0)
    assert errors <= FAILURES + CONNECTIONS
    assert _breakers(breaking) == {step: "open"}
    api.forget_orders()
    api.order(statuses=["ready"])
    _let_the_pause_pass(breaking)
    retried = _retry(breaking)
    assert retried.success, retried.output
    FIGURES.info("%s: %d unknown, retried %.1f s later", what, errors, time.time() - ended)
    assert _counts(breaking) == {"completed": COUNT}
    assert len(api.policies()) == COUNT
    assert all(len(policy["circuit_breakers"]) == 1 for policy in api.policies())
    assert _breakers(breaking) == {step: "closed"}


def _open(workflow: Workflow) -> None:
    """Let a run open the breaker of `create`; then the API works again."""
    workflow.api.order(endpoint="create", http_status=503)
    assert "api_breaker_open (" in _run(workflow).output
    workflow.api.reset()
    workflow.api.order(statuses=["ready"])


def test_an_open_breaker_lets_nothing_be_sent(breaking: Workflow) -> None:
    """While a breaker is open, a new run sends nothing, keeps what it was for, and fails."""
    _open(breaking)
    late = {"execution_id": "late", "policy_data": {"policy_name": "late"}}
    ran = breaking.run(policies=[late], project_vars=VARS)
    assert not ran.success
    assert breaking.api.journal() == []
    (row,) = (row for row in breaking.rows() if row["execution_id"] == "late")
    assert (row["status"], row["lease_expires_at"]) == ("pending", None)
    assert "the breaker towards the API is open for create since" in row["message"]
    assert "HTTP 503 from the API" in row["message"]


def test_a_breaker_is_closed_by_hand(breaking: Workflow) -> None:
    """`reset_policy_api_breaker` closes the breaker of one endpoint or of all, and says so."""

    def reset(**arguments: Any) -> Ran:
        return breaking.run("reset_policy_api_breaker", project_vars=VARS, **arguments)

    _open(breaking)
    assert "no breaker towards the API is open for trigger" in reset(endpoint="trigger").output
    assert not _retry(breaking).success
    assert breaking.api.journal() == []
    assert "closed the breaker towards the API for create" in reset().output
    assert "no breaker towards the API is open; nothing was changed" in reset().output
    retried = _retry(breaking)
    assert retried.success, retried.output
    assert _counts(breaking) == {"completed": COUNT}
    wrong = reset(endpoint="circuit")
    assert not wrong.success
    assert "endpoint must be find, create, poll or trigger" in wrong.output


def test_a_failed_probe_doubles_the_pause(breaking: Workflow) -> None:
    """One request probes; while the API is down each probe that fails doubles the pause."""
    _open(breaking)
    breaking.api.order(http_status=503)
    seen = []
    for number in range(1, 4):
        _let_the_pause_pass(breaking)
        assert not _retry(breaking).success
        assert len(breaking.api.journal("create")) == number
        row = breaking.query('select "open_seconds", "state" from policy_api_breakers')[0]
        seen.append((row["state"], row["open_seconds"]))
    assert seen == [("open", 120), ("open", 240), ("open", 480)]


def test_a_prober_that_was_killed_is_replaced(breaking: Workflow) -> None:
    """While a probe has a live lease nobody else probes; after its end another run does."""
    _open(breaking)
    lease = """update policy_api_breakers set "state" = 'half_open', "probe_run" = 'gone',
        "probe_expires_at" = dateadd(second, {}, sysdate())"""
    breaking.query(lease.format(60))
    assert not _retry(breaking).success
    assert breaking.api.journal("create") == []
    breaking.query(lease.format(-1))
    retried = _retry(breaking)
    assert retried.success, retried.output
    assert _breakers(breaking) == {"create": "closed"}


@pytest.mark.parametrize(
    "order",
    [
        {"http_status": 404},
        {"http_status": 429},
        {"endpoint": "status", "statuses": ["pending"]},
        {"http_status": 503, "headers": {"Retry-After": "0.1"}, "times": 20},
    ],
    ids=["404", "429", "pending", "Retry-After"],
)
def test_what_does_not_say_that_the_api_is_down(breaking: Workflow, order: dict[str, Any]) -> None:
    """Refusals, rate limits, 'pending' and Retry-After never open a breaker."""
    breaking.api.order(**order)
    few = POLICIES[: 2 * FAILURES]
    breaking.run(policies=few, project_vars=VARS)
    assert len(breaking.api.journal()) >= 2 * FAILURES
    assert _breakers(breaking) == {}


def test_the_breaker_can_be_switched_off(workflow: Workflow) -> None:
    """With 0 failures each policy is tried, as if there were no breaker."""
    workflow.api.order(endpoint="create", http_status=500)
    assert not _run(workflow, policy_api_breaker_failures=0).success
    assert len(workflow.api.journal("create")) == COUNT
    assert _breakers(workflow) == {}


def test_one_of_many_runs_probes(breaking: Workflow) -> None:
    """When a probe is due, one run of all sends one request; the others send nothing."""
    assert breaking.call("create_policy", {"invocation_id": "make", **_one("first")})
    _open(breaking)
    for number in range(TRIES):
        breaking.query('update policy_api_breakers set "state" = \'open\', "open_seconds" = 60')
        breaking.api.reset()
        # Some runs look while the probe is under way, others after it has failed.
        breaking.api.order(endpoint="create", http_status=503, latency_seconds=1)
        _let_the_pause_pass(breaking)
        requests = [
            {"invocation_id": f"run-{number}-{n}", **_one(f"e-{number}-{n}")} for n in range(RUNS)
        ]
        with ThreadPoolExecutor(RUNS) as pool:
            answers = list(pool.map(partial(breaking.call, "create_policy"), requests))
        assert len(breaking.api.journal("create")) == 1
        assert sum("api_breaker" not in answer for answer in answers) == 1
        (breaker,) = breaking.query('select "state", "open_seconds" from policy_api_breakers')
        assert (breaker["state"], breaker["open_seconds"]) == ("open", 120)
    FIGURES.info("%d runs, %d times: one probe each time", RUNS, TRIES)


def test_other_runs_send_nothing_before_a_probe_has_its_good_answer(breaking: Workflow) -> None:
    """While one run probes the others send nothing; its good answer closes the breaker."""
    assert breaking.call("create_policy", {"invocation_id": "make", **_one("first")})
    _open(breaking)
    # The probe lasts until all the others have looked.
    breaking.api.order(endpoint="create", latency_seconds=2.5)
    _let_the_pause_pass(breaking)
    requests = [{"invocation_id": f"run-{n}", **_one(f"e-{n}")} for n in range(6)]
    with ThreadPoolExecutor(len(requests)) as pool:
        answers = list(pool.map(partial(breaking.call, "create_policy"), requests))
    assert len(breaking.api.journal("create")) == 1
    assert sum("api_breaker" not in answer for answer in answers) == 1
    assert _breakers(breaking) == {"create": "closed"}


def _one(execution_id: str) -> dict[str, Any]:
    return {"executions": [{"execution_id": execution_id, "policy_data": {"policy_name": "p"}}]}

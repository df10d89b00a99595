"""Faults of the API in runs of many policies: what they cost, and that all are completed after.

By hand at scale: POLICY_TEST_POLICIES says how many policies a run has, POLICY_TEST_CONNECTIONS how
many connections, and POLICY_TEST_TRIES at how many seeds failures are scattered.
"""

from __future__ import annotations

import logging
import os
import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from local_snowflake.server import LocalSnowflake
from tests.integration.api_door import Door
from tests.integration.deployed_schemas import TABLES
from tests.integration.workflow import Ran, Workflow

FIGURES = logging.getLogger("figures")
COUNT = int(os.environ.get("POLICY_TEST_POLICIES", "40"))
CONNECTIONS = int(os.environ.get("POLICY_TEST_CONNECTIONS", "8"))
SEEDS = int(os.environ.get("POLICY_TEST_TRIES", "1"))
FAILURES = 5
IS_LARGE = COUNT >= 1000
TIMEOUT = 4 if IS_LARGE else 1
OPEN_SECONDS = 5
# The bound of the local work, and no more than a bound: nothing here measures it.
LOCAL_SECONDS = 30 + COUNT / 20
VARS = {
    "policy_api_connections": CONNECTIONS,
    "policy_api_breaker_failures": FAILURES,
    "policy_api_timeout_seconds": TIMEOUT,
    "policy_api_breaker_open_seconds": OPEN_SECONDS,
    "policy_max_poll_attempts": 1,
    "policy_wait_seconds": 0,
}
# Where a fault begins: after so many requests of each policy.
STEPS = {"create": 0, "poll": 1, "trigger": 2}
KINDS: dict[str, dict[str, Any]] = {
    "500": {"http_status": 500},
    "hang": {"hang": True, "times": 1},
    "page": {"body": "<p>down", "content_type": "text/html", "effect": False},
}
DOORS = [(step, fault) for step in STEPS for fault in ("refused", "black hole")]


@pytest.fixture(scope="module")
def behind_a_door(
    shared_workflow: Workflow, local_snowflake: LocalSnowflake
) -> Iterator[tuple[Workflow, Door]]:
    """Give a schema whose procedures have VARS and reach the API through a door."""
    door = Door(shared_workflow.api.port)
    local_snowflake.open_external_access("127.0.0.1", door.port)
    shared_workflow.environment["POLICY_API_BASE_URL"] = f"http://127.0.0.1:{door.port}"
    assert shared_workflow.run("deploy_policy_workflow", project_vars=VARS).success
    yield shared_workflow, door
    door.end()


@pytest.fixture
def workflow_and_door(behind_a_door: tuple[Workflow, Door]) -> tuple[Workflow, Door]:
    """Give the schema without rows, and an API whose policies are ready at once."""
    workflow, _ = behind_a_door
    for table in TABLES:
        workflow.query(f"truncate table {table}")
    _repair(workflow)
    return behind_a_door


def _repair(workflow: Workflow, *, forgets: bool = True) -> None:
    if forgets:
        workflow.api.reset()
    workflow.api.forget_orders()
    workflow.api.order(statuses=["ready"])


def _run(workflow: Workflow) -> Ran:
    policies = [
        {"execution_id": f"e{number:05}", "policy_data": {"policy_name": f"p{number:05}"}}
        for number in range(COUNT)
    ]
    return workflow.run(policies=policies, project_vars=VARS)


def _complete(workflow: Workflow) -> None:
    """Retry until all are completed, as a person would; each was created and triggered once."""
    run = workflow.query('select distinct "run_id" from policy_execution_runs order by 1')[0]
    workflow.query('update policy_api_breakers set "retry_at" = dateadd(second, -1, sysdate())')
    retried = workflow.run("retry_policy_workflow", run=run["run_id"], project_vars=VARS)
    assert retried.success, retried.output
    assert _counts(workflow) == {"completed": COUNT}
    policies = workflow.api.policies()
    assert len(policies) == COUNT
    assert {len(policy["circuit_breakers"]) for policy in policies} == {1}
    assert set(_breakers(workflow).values()) <= {"closed"}


def _counts(workflow: Workflow) -> dict[str, int]:
    rows = workflow.query('select "status", count(*) as n from policy_execution_state group by 1')
    return {row["status"]: row["N"] for row in rows}


def _breakers(workflow: Workflow) -> dict[str, str]:
    rows = workflow.query('select "endpoint", "state" from policy_api_breakers')
    return {row["endpoint"]: row["state"] for row in rows}


@pytest.mark.parametrize(("step", "fault"), DOORS if IS_LARGE else DOORS[1:5:3])
def test_a_port_that_takes_no_connection_costs_little(
    workflow_and_door: tuple[Workflow, Door], step: str, fault: str
) -> None:
    """No policy is lost or done twice, few requests are tried, and the run ends soon."""
    workflow, door = workflow_and_door
    door.close_after(STEPS[step] * COUNT, fault)
    try:
        ran = _run(workflow)
        seconds = time.time() - door.closed_at
    finally:
        door.open()
    assert not ran.success
    assert _breakers(workflow) == {step: "open"}
    errors = _counts(workflow).get("error", 0)
    assert errors <= FAILURES + CONNECTIONS
    tried = workflow.query(
        """select sum("requests_sent") as n from policy_execution_events
        where "error_class" is not null"""
    )[0]["N"]
    FIGURES.info(
        "%d policies, %d connections, %s %s: %d requests, %d errors, end after %.1f s",
        *(COUNT, CONNECTIONS, step, fault, tried, errors, seconds),
    )
    assert FAILURES <= tried <= FAILURES + CONNECTIONS
    rounds = -(-(FAILURES + CONNECTIONS) // CONNECTIONS) + 1
    assert seconds <= rounds * TIMEOUT + LOCAL_SECONDS
    _complete(workflow)


def _scatter(workflow: Workflow, seed: int) -> int:
    """Order failures of a tenth of the requests at each endpoint; returns how many there are.

    Five policies in a row would open the breaker rightly: such a row is broken up.
    """
    rng = random.Random(seed)
    alive = list(range(COUNT))
    count = 0
    for endpoint in ("create", "status", "circuit"):
        bad: list[int] = []
        # Of few connections fewer policies are enough, where each is repeated in vain.
        most = FAILURES - 1 if CONNECTIONS >= FAILURES - 1 or endpoint != "status" else 2
        row = 0
        for number in alive:
            row = row + 1 if rng.random() < 0.1 and row < most else 0
            if row:
                bad.append(number)
        for number in bad:
            kind = rng.choice(list(KINDS))
            workflow.api.order(policy_name=f"p{number:05}", endpoint=endpoint, **KINDS[kind])
            count += 1
            if endpoint != "status" or kind != "hang":
                alive.remove(number)
    return count


@pytest.mark.parametrize("seed", range(SEEDS))
def test_failures_that_are_scattered_open_no_breaker(
    workflow_and_door: tuple[Workflow, Door], seed: int
) -> None:
    """Of an API that works slowly and fails a tenth of the time, quickly or late, none opens."""
    workflow, _ = workflow_and_door
    workflow.api.order(statuses=["ready"], latency_seconds=0.2 if CONNECTIONS > 4 else 0.02)
    count = _scatter(workflow, seed)
    begun = time.time()
    ran = _run(workflow)
    counts = _counts(workflow)
    FIGURES.info(
        "%d policies, %d connections, seed %d: %d failures ordered, %s, breakers %s, %.1f s",
        *(COUNT, CONNECTIONS, seed, count, counts, _breakers(workflow), time.time() - begun),
    )
    assert not ran.success
    assert _breakers(workflow) == {}
    assert set(counts) == {"completed", "error"}
    _repair(workflow, forgets=False)
    _complete(workflow)


def test_an_api_that_is_down_for_two_seconds_costs_no_policy(
    workflow_and_door: tuple[Workflow, Door],
) -> None:
    """Of an API that fails for a moment in the middle of a run the rest is done by a retry."""
    workflow, _ = workflow_and_door
    workflow.api.order(statuses=["ready"], latency_seconds=0.05)
    failed = threading.Event()

    def fail() -> None:
        while len(workflow.api.journal("create")) < COUNT // 2:
            time.sleep(COUNT / 10_000)
        workflow.api.order(http_status=503, effect=False)
        failed.set()
        time.sleep(2)
        workflow.api.forget_orders()
        workflow.api.order(statuses=["ready"], latency_seconds=0.05)

    failing = threading.Thread(target=fail)
    failing.start()
    begun = time.time()
    ran = _run(workflow)
    ended = time.time()
    failing.join()
    assert failed.is_set()
    counts, breakers = _counts(workflow), _breakers(workflow)
    assert not ran.success
    assert "create" in breakers
    assert counts.get("error", 0) <= len(STEPS) * (FAILURES + CONNECTIONS)
    _complete(workflow)
    FIGURES.info(
        "%d policies, down for 2 s: %s, breakers %s, first run %.1f s, retry %.1f s",
        *(COUNT, counts, breakers, ended - begun, time.time() - ended),
    )

"""Calls of bounded time, progress, and policies that are triggered when they are ready.

POLICY_TEST_POLICIES says how many policies a long run has; from 1,000 on with default settings.
"""

from __future__ import annotations

import json
import logging
import os
import re
from typing import Any

import pytest

from tests.integration.deployed_schemas import TABLES
from tests.integration.workflow import Ran, Workflow

COUNT = int(os.environ.get("POLICY_TEST_POLICIES", "60"))
IS_LARGE = COUNT >= 1000
# 60 requests of 0.2 seconds, four at a time, take 3 seconds a step.
VARS = {"policy_call_seconds": 1, "policy_api_connections": 4} if not IS_LARGE else {}
CALL_SECONDS = 20 if IS_LARGE else 1
LATENCY = 0.05 if IS_LARGE else 0.2
STATEMENT_SECONDS = 60 if IS_LARGE else 600
# Of the large form only: a call of one second on a busy machine tells little of the rest. SLACK is
# what a busy machine may add to an estimate of few seconds, and to a call.
TOLERANCE = 0.3
SLACK = 5
FIGURES = logging.getLogger("figures")
LOGGED = re.compile(r"(\d\d):(\d\d):(\d\d[.]\d+) \[info[^]]*\][^:]*: (policy_workflow: Step .*)")
PROGRESS = re.compile(
    r"policy_workflow: (Step \d[^:]*: ?[a-z0-9 ]*): (\d+) of (\d+) [(]([^)]*)[)], "
    r"([\d.]+) a second, about (\d+) seconds left"
)


@pytest.fixture(scope="module")
def deployed(shared_workflow: Workflow) -> Workflow:
    """Give a schema whose procedures have VARS, for all tests of this module."""
    assert shared_workflow.run("deploy_policy_workflow", project_vars=VARS).success
    return shared_workflow


@pytest.fixture
def long(deployed: Workflow) -> Workflow:
    """Give the schema without rows, and an API that takes its time."""
    for table in TABLES:
        deployed.query(f"truncate table {table}")
    deployed.api.reset()
    deployed.api.order(statuses=["ready"], latency_seconds=LATENCY)
    return deployed


def _policies(count: int = COUNT) -> list[dict[str, Any]]:
    return [
        {"execution_id": f"e{number:03}", "policy_data": {"policy_name": f"p{number:03}"}}
        for number in range(count)
    ]


def _calls(ran: Ran, name: str) -> list[str]:
    return [sql for sql in ran.statements if re.match(rf"\s*call \S+\.{name}\(", sql)]


def _logged(workflow: Workflow) -> list[tuple[float, str]]:
    """The lines on steps of the last command, with their times in seconds; of a run in a day."""
    text = (workflow.folder / "logs" / "dbt.log").read_text(encoding="utf-8")
    found = LOGGED.findall(text.rpartition("Running with dbt")[2])
    assert found
    return [(60 * (60 * int(h) + int(m)) + float(s), line) for h, m, s, line in found]


@pytest.mark.parametrize("source", ["list", "relation"])
def test_a_long_step_is_called_until_it_is_done(long: Workflow, source: str) -> None:
    """However long a step is no CALL is, and the progress with its estimate is told in between."""
    given: dict[str, Any] = {"policies": _policies()}
    if source == "relation":
        columns = "execution_id varchar, policy_data variant"
        long.query(f"create or replace table wanted ({columns})")
        long.query(
            "insert into wanted select value:execution_id::varchar, value:policy_data "
            "from table(flatten(input => parse_json(?)))",
            [json.dumps(_policies())],
        )
        given = {"policies_from": "wanted"}
    long.query(f"alter account set statement_timeout_in_seconds = {STATEMENT_SECONDS}")
    try:
        ran = long.run(project_vars=VARS, **given)
    finally:
        long.query("alter account unset statement_timeout_in_seconds")
    assert ran.success, ran.output
    for name in ("create_policy", "poll_policy_status", "trigger_circuit_breaker"):
        assert len(_calls(ran, name)) >= 2, name
    assert long.query('select "status", count(*) as n from policy_execution_state group by 1') == [
        {"status": "completed", "N": COUNT}
    ]
    assert len(long.api.policies()) == COUNT
    for endpoint in ("create", "status", "circuit"):
        assert len(long.api.journal(endpoint)) == COUNT
    _hold_progress(_logged(long))


def _hold_progress(lines: list[tuple[float, str]]) -> None:
    """Compare the lines of each step with their times, and the estimates with the real rest."""
    for step in ("Step 1", "Step 2", "Step 3"):
        of_step = [(at, line) for at, line in lines if f" {step}: " in line]
        told = [(at, PROGRESS.search(line)) for at, line in of_step]
        end = of_step[-1][0]
        assert told[-1][1] is None
        assert len(told) >= 2
        # The first call of step 1 has also claimed the executions.
        assert ("no estimate yet" in of_step[0][1]) == (step == "Step 1")
        before = None
        for at, found in told:
            if IS_LARGE and before is not None:
                assert at - before <= CALL_SECONDS + LATENCY + SLACK
            before = at
            if not found:
                continue
            done, total, pace = int(found[2]), int(found[3]), float(found[5])
            estimate = int(found[6])
            assert 0 < done <= total == COUNT
            left = total - done
            assert left / (pace + 0.06) - 1 <= estimate <= left / max(pace - 0.06, 0.01) + 1
            rest = end - at
            FIGURES.info("%s: %d of %d, estimate %d, rest %.1f", step, done, total, estimate, rest)
            if IS_LARGE:
                assert abs(estimate - rest) <= TOLERANCE * rest + SLACK


def test_a_run_that_fits_into_one_call_sends_what_it_sent(long: Workflow) -> None:
    """One policy takes seven statements from dbt, however short a call is."""
    ran = long.run(policy_data={"policy_name": "p"}, execution_id="e", project_vars=VARS)
    assert ran.success, ran.output
    assert len(ran.statements) == 7
    assert not PROGRESS.search(ran.output)


def test_a_statement_timeout_does_not_bound_the_number_of_policies(long: Workflow) -> None:
    """With a timeout shorter than a step the run completes: no CALL takes that long."""
    long.query("alter account set statement_timeout_in_seconds = 6")
    try:
        long.api.order(statuses=["ready"], latency_seconds=0.5)
        ran = long.run(policies=_policies(60), project_vars=VARS)
    finally:
        long.query("alter account unset statement_timeout_in_seconds")
    assert ran.success, ran.output


def test_a_ready_policy_does_not_wait_for_a_slow_one(long: Workflow) -> None:
    """The fast policy is triggered before the slow one is polled again."""
    long.api.order(policy_name="slow", statuses=["pending", "pending", "ready"])
    policies = [{"policy_data": {"policy_name": name}} for name in ("fast", "slow")]
    ran = long.run(policies=policies, project_vars=VARS)
    assert ran.success, ran.output
    (fast,) = (row["policy_id"] for row in long.rows() if "fast" in row["policy_data"])
    requests = long.api.journal()
    triggered = next(
        number
        for number, entry in enumerate(requests)
        if entry.endpoint == "circuit" and entry.json["policy_id"] == fast
    )
    assert sum(entry.endpoint == "status" for entry in requests[:triggered]) == 2
    assert sum(entry.endpoint == "status" for entry in requests) == 4


def test_a_run_that_is_cut_goes_on_where_it_was(long: Workflow) -> None:
    """A call that ends before all are created leaves the others pending, with their policies."""
    request = {"invocation_id": "cut", "executions": _policies()}
    first = long.call("create_policy", request)
    assert first["more"]
    assert 0 < first["processed"] < COUNT
    seen = first["processed"]
    while first.get("more"):
        first = long.call("create_policy", {"invocation_id": "cut", "go_on": True})
        seen += first["processed"]
    assert seen == COUNT
    assert {row["status"] for row in long.rows()} == {"policy_created"}
    assert len(long.api.journal("create")) == COUNT
    names = [entry.json["policy_name"] for entry in long.api.journal("create")]
    assert sorted(names) == [f"p{number:03}" for number in range(COUNT)]


def test_one_connection_takes_every_policy_through(long: Workflow) -> None:
    """With one connection the requests of step 3 are announced one by one, and all are sent."""
    one = {"policy_api_connections": 1, "policy_call_seconds": 20}
    long.api.order(statuses=["ready"], latency_seconds=0)
    ran = long.run(policies=_policies(5), project_vars=one)
    assert ran.success, ran.output
    assert len(long.api.journal("circuit")) == 5

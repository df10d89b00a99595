"""Answers that real APIs give, in whole runs: each execution gets its own outcome, and no other's.

Many answers of an endpoint in one run, beside good policies; POLICY_FAULTS=full has all of them,
and each in a run of its own, too. POLICY_TEST_TRIES repeats the runs that look for crossed answers.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.workflow import Workflow
from tests.unit.procedures.answers.real_answers import CREATE, POLICY, POLL, TRIGGER, Given

FULL = os.environ.get("POLICY_FAULTS") == "full"
TRIES = int(os.environ.get("POLICY_TEST_TRIES", "1"))
GOOD = 39
VARS = {"policy_api_max_retries": 0, "policy_max_poll_attempts": 1}
CASES = {
    "create": [(c.kind == "created", c) for c in CREATE],
    # An answer with the id of the unit tests' policy is about no policy of this API.
    "status": [(c.kind == "ready" and "pol-1" not in c.body, c) for c in POLL],
    "circuit": [(c.kind == "triggered" and "pol-1" not in c.body, c) for c in TRIGGER],
}


def _order(workflow: Workflow, endpoint: str, name: str, case: Given) -> None:
    workflow.api.order(
        endpoint=endpoint,
        policy_name=name,
        http_status=case.status,
        body=case.body,
        headers=case.headers,
        content_type="application/json",
    )


def _policies(*names: str) -> list[dict[str, Any]]:
    return [{"policy_data": POLICY | {"policy_name": name}, "execution_id": name} for name in names]


def _owed(endpoint: str, *, good: bool) -> set[str]:
    """The statuses that an execution may end with; a creation ends where its policy is polled."""
    if not good:
        return {"error"}
    return {"completed"} if endpoint != "create" else {"error", "completed"}


@pytest.mark.parametrize("endpoint", list(CASES))
def test_each_answer_is_one_executions_outcome(workflow: Workflow, endpoint: str) -> None:
    """Whatever some are answered, the others complete; retry and advance then go on with all."""
    good = [f"good-{n}" for n in range(GOOD)]
    cases = CASES[endpoint] if FULL else CASES[endpoint][::3]
    names = {f"case-{n}": case for n, case in enumerate(cases)}
    workflow.api.order(statuses=["ready"])
    for name, (_, case) in names.items():
        _order(workflow, endpoint, name, case)
    ran = workflow.run(policies=_policies(*names, *good), project_vars=VARS)
    assert not ran.success, ran.output
    rows = {row["execution_id"]: row for row in workflow.rows()}
    assert {rows[name]["status"] for name in good} == {"completed"}
    for name, (yes, case) in names.items():
        row = rows[name]
        assert row["status"] in _owed(endpoint, good=yes), (case, row["error_message"])
        if endpoint == "create":
            assert row["policy_id"] == case.policy_id, case
        else:
            step = "Step 2" if endpoint == "status" else "Step 3"
            assert yes or row["error_message"].startswith(step), (case, row["error_message"])
    _check_requests(workflow, endpoint, rows)
    workflow.api.forget_orders()
    workflow.api.order(statuses=["ready"])
    again = workflow.run("retry_policy_workflow", limit=1000, project_vars=VARS)
    left = {row["execution_id"] for row in workflow.rows() if row["status"] != "completed"}
    # What the API knows under no id, or under one that it made up, cannot be mended by a retry.
    mended = endpoint != "create"
    assert again.success is mended, again.output
    assert bool(left) is not mended
    assert workflow.run("advance_policy_workflow", project_vars=VARS).success


def _check_requests(workflow: Workflow, endpoint: str, rows: dict[str, dict[str, Any]]) -> None:
    """One request an execution and step, all of them in the events."""
    journal = workflow.api.journal()
    keys = [e.headers["idempotency-key"] for e in journal if "idempotency-key" in e.headers]
    assert len(set(keys)) == len(keys)
    assert sum(key.endswith(":create_policy") for key in keys) == len(rows)
    sent = workflow.query(
        'select "event", sum("requests_sent") as n from policy_execution_events '
        'where "requests_sent" is not null group by "event"'
    )
    events = {row["event"]: int(row["N"]) for row in sent}
    assert events["create_policy"] == len(workflow.api.journal("create"))
    assert events["poll_policy_status"] == len(workflow.api.journal("status"))
    assert events["trigger_circuit_breaker"] == len(workflow.api.journal("circuit"))
    assert endpoint != "circuit" or events["trigger_circuit_breaker"] == len(rows)


@pytest.mark.skipif(not FULL, reason="each answer in a run of its own: POLICY_FAULTS=full")
@pytest.mark.parametrize("endpoint", list(CASES))
def test_each_answer_alone(workflow: Workflow, endpoint: str) -> None:
    """An answer is owed the same when it is the only one, and the exit code follows it."""
    workflow.api.order(statuses=["ready"])
    for number, (yes, case) in enumerate(CASES[endpoint]):
        name = f"case-{number}"
        _order(workflow, endpoint, name, case)
        ran = workflow.run(
            policy_data=POLICY | {"policy_name": name}, execution_id=name, project_vars=VARS
        )
        (row,) = (row for row in workflow.rows() if row["execution_id"] == name)
        assert row["status"] in _owed(endpoint, good=yes), (case, ran.output)
        assert ran.success is (row["status"] == "completed")


def _crossed(workflow: Workflow) -> list[str]:
    """Executions whose policy_id the API gave to another policy, or whose breaker another got."""
    made = {entry["policy_id"]: entry for entry in workflow.api.policies()}
    wrong = []
    for row in workflow.rows():
        policy = made.get(row["policy_id"], {})
        breakers = [b["policy_id"] for b in policy.get("circuit_breakers", [])]
        if policy.get("policy_name") != row["execution_id"] or breakers != [row["policy_id"]]:
            wrong.append(row["execution_id"])
    return wrong


def _interim(workflow: Workflow, endpoint: str) -> None:
    workflow.api.order(endpoint=endpoint, interim=[103], interim_seconds=0.05)


def _stray(workflow: Workflow, endpoint: str) -> None:
    body = json.dumps({"policy_id": "pol_stray", "status": "ready"})
    stray = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    workflow.api.order(endpoint=endpoint, stray=stray, stray_seconds=0.02)


@pytest.mark.parametrize("endpoint", ["create", "status", "circuit"])
@pytest.mark.parametrize("connections", [None, 1])
@pytest.mark.parametrize("order", [_interim, _stray], ids=["interim answers", "two answers"])
def test_answers_do_not_cross(
    workflow: Workflow,
    endpoint: str,
    connections: int | None,
    order: Callable[[Workflow, str], None],
    record_promise: Any,
) -> None:
    """Each of 40 policies has its own id and its own circuit breaker, by the API's own books."""
    if not FULL and (connections or (order is _stray and endpoint != "create")):
        pytest.skip("POLICY_FAULTS=full; test_transport has one connection and more strays, too")
    project_vars = {"policy_api_connections": connections} if connections else {}
    workflow.api.order(statuses=["ready"])
    order(workflow, endpoint)
    for number in range(TRIES):
        names = [f"t{number}-p{n}" for n in range(40)]
        ran = workflow.run(policies=_policies(*names), project_vars=project_vars)
        assert ran.success, ran.output
        assert len(workflow.rows()) == 40 * (number + 1)
        assert _crossed(workflow) == []
    shown = f"{order.__name__.strip('_')} at {endpoint}, connections {connections or 'default'}"
    record_promise(shown, "no answer is another policy's", TRIES)

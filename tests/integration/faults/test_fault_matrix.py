"""Each fault at each endpoint: never a success that is not one, never a request too many.

All faults of an endpoint in one run, and each way not to reach an API at one endpoint; with
POLICY_FAULTS=full each fault in a run of its own, with its own exit code, and each way at each
endpoint. The table is printed at the end.
"""

from __future__ import annotations

import os
import socket
import time
from collections import Counter
from itertools import product
from typing import Any
from urllib.parse import unquote

import pytest

from local_snowflake.server import LocalSnowflake
from tests.integration.faults.matrix import (
    ENDPOINTS,
    FAULTS,
    HOLDS_ALL,
    REMEDIES,
    cause_owed,
    completes,
    requests_owed,
)
from tests.integration.workflow import Workflow

FULL = os.environ.get("POLICY_FAULTS") == "full"
WAYS = ("refused", "DNS failure", "connect timeout")
RETRIES = 1
POLLS = 2
VARS = {
    "policy_api_max_retries": RETRIES,
    "policy_max_poll_attempts": POLLS,
    "policy_api_timeout_seconds": 2,
    "policy_api_step_deadline_seconds": 8,
    "policy_api_connections": 64,
    "policy_api_breaker_failures": 0,
}
# Three steps, the polls included, each over at its deadline; and dbt with its procedures.
BACK_WITHIN_SECONDS = 8 * (2 + POLLS) + 30


def _check(fault: str, endpoint: str, row: dict[str, Any]) -> None:
    """Hold one execution against what design promises."""
    expected = "completed" if completes(fault, endpoint) else "error"
    where = f"{fault} at {endpoint}: {row['error_message']}"
    assert row["status"] == expected, where
    assert row["completed"] is True, where
    assert row["circuit_breaker_completed"] is (expected == "completed"), where
    assert bool(row["error_message"]) is (expected == "error"), where
    if expected == "error":
        step = {"create": "Step 1", "status": "Step 2", "circuit": "Step 3"}[endpoint]
        unknown_policy = endpoint == "create" and row["policy_id"] is not None
        assert row["error_message"].startswith("Step 2" if unknown_policy else step), where
        assert row["circuit_breaker_initiated"] is (endpoint == "circuit"), where


def _requests(workflow: Workflow, endpoint: str, row: dict[str, Any]) -> int:
    """Count the requests of one execution: POSTs by their key, GETs by their policy."""
    journal = workflow.api.journal(endpoint)
    if endpoint == "status":
        wanted = f"/policy/{row['policy_id']}"
        return sum(unquote(entry.path) == wanted for entry in journal)
    return sum(
        entry.headers["idempotency-key"].startswith(f"{row['execution_id']}:") for entry in journal
    )


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_fault_matrix(
    workflow: Workflow, endpoint: str, record_fault: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever an endpoint answers, status, exit code and requests are the ones promised."""
    names = {f"fault-{number}": fault for number, fault in enumerate(FAULTS)}
    workflow.api.order(statuses=["ready"])
    for name, fault in names.items():
        workflow.api.order(endpoint=endpoint, policy_name=name, **FAULTS[fault])
    alone = [name for name, fault in names.items() if FULL or fault in HOLDS_ALL]
    groups = [[name] for name in alone]
    if together := [name for name in names if name not in alone]:
        groups.append(together)
    for group in groups:
        policies = [
            {"policy_data": {"policy_name": name}, "execution_id": f"{endpoint}-{name}"}
            for name in group
        ]
        started = time.monotonic()
        ran = workflow.run(policies=policies, project_vars=VARS)
        assert time.monotonic() - started < BACK_WITHIN_SECONDS
        assert ran.success is all(completes(names[name], endpoint) for name in group), ran.output
    rows = {row["execution_id"]: row for row in workflow.rows()}
    assert len(rows) == len(names)
    for name, fault in names.items():
        row = rows[f"{endpoint}-{name}"]
        _check(fault, endpoint, row)
        sent = _requests(workflow, endpoint, row)
        owed = requests_owed(fault, endpoint, retries=RETRIES, polls=POLLS)
        assert sent == owed, f"{fault} at {endpoint}: {sent} requests instead of {owed}"
        record_fault(fault, endpoint, row["status"], sent)
    circuits = {entry.json["policy_id"] for entry in workflow.api.journal("circuit")}
    ready = {row["policy_id"] for row in rows.values() if row["requires_circuit_breaker"]}
    assert circuits == ready
    _check_diagnosis(
        workflow,
        Counter(cause_owed(fault, endpoint) for fault in FAULTS if not completes(fault, endpoint)),
    )
    capsys.readouterr()


def _check_diagnosis(workflow: Workflow, owed: Counter[str]) -> None:
    """Hold the diagnosis against the causes that it must name, with counts and remedies."""
    named = {
        finding["check"]: finding
        for finding in workflow.diagnose()["findings"]
        if " execution(s): " in finding["says"]
    }
    counts = {cause: int(finding["says"].split()[0]) for cause, finding in named.items()}
    assert counts == dict(owed)
    for cause, finding in named.items():
        assert REMEDIES[cause] in finding["next"]


def _unreachable(server: LocalSnowflake, how: str) -> str:
    """Give a URL that fails: nobody listens, no name, or no way to the port."""
    if how == "DNS failure":
        return "https://api.example.com"
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    if how == "refused":
        server.open_external_access("127.0.0.1", port)
    return f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("how", "endpoint"),
    list(product(WAYS, ENDPOINTS) if FULL else zip(WAYS, ENDPOINTS, strict=True)),
)
def test_an_unreachable_api(
    workflow: Workflow,
    local_snowflake: LocalSnowflake,
    endpoint: str,
    how: str,
    record_fault: Any,
) -> None:
    """No connection at a step ends in an error there; the next run finishes the execution."""
    arguments: dict[str, Any] = {"execution_id": "e", "policy_data": {"policy_name": "p"}}
    if endpoint != "create":
        workflow.api.order(
            endpoint=endpoint, http_status=400, times=POLLS if endpoint == "status" else 1
        )
        assert not workflow.run(**arguments, project_vars=VARS).success
    reachable = workflow.environment["POLICY_API_BASE_URL"]
    workflow.environment["POLICY_API_BASE_URL"] = _unreachable(local_snowflake, how)
    sent = len(workflow.api.journal())
    ran = workflow.run(**arguments, project_vars=VARS)
    assert not ran.success
    row = workflow.row()
    assert row["status"] == "error"
    assert "cannot be reached" in row["error_message"]
    assert "network rule" in row["error_message"]
    assert len(workflow.api.journal()) == sent
    record_fault(how, endpoint, row["status"], 0)
    cause = "api_name_not_resolved" if how == "DNS failure" else "api_connection_failed"
    (finding,) = workflow.diagnose(execution_id="e")["findings"]
    assert finding["says"].startswith(cause)
    assert REMEDIES[cause] in finding["next"]
    workflow.environment["POLICY_API_BASE_URL"] = reachable
    again = workflow.run(**arguments, project_vars=VARS)
    assert again.success, again.output
    assert len(workflow.api.journal("create")) == 1

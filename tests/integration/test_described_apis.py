"""Each example of docs/apis/ against a server that answers as the API's documentation says."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from local_snowflake.server import LocalSnowflake
from tests.integration.described_apis.acceldata import Acceldata
from tests.integration.described_apis.described_api import DescribedApi
from tests.integration.described_apis.described_runs import DescribedRuns
from tests.integration.described_apis.examples import ALL, EXAMPLES, FOLDER, example_vars
from tests.integration.described_apis.monte_carlo import MonteCarlo
from tests.integration.described_apis.soda import Soda
from tests.integration.workflow import Ran, Workflow

GOOD, BAD = "1001", "1002"


def test_each_example_is_run() -> None:
    """No file under docs/apis/ is without a server here, and without a run against it."""
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(
        api.FACTS.example for api in EXAMPLES
    )


@pytest.mark.parametrize("api", ALL, ids=lambda api: api.FACTS.example or api.__name__)
def test_a_described_api_from_end_to_end(
    shared_workflow: Workflow,
    local_snowflake: LocalSnowflake,
    api: type[DescribedApi],
    record_promise: Any,
) -> None:
    """One create and one breaker a policy, exit codes that are right, secrets in 0 places."""
    with api() as described:
        runs = DescribedRuns(shared_workflow, described, local_snowflake)
        has_breaker = runs.vars["policy_api"].get("trigger") != "none"
        ran = runs.run(GOOD)
        assert ran.success, ran.output
        row = runs.row(GOOD)
        assert row["status"] == "completed"
        assert row["policy_id"] in described.things
        assert row["circuit_breaker_completed"] is has_breaker
        assert {asked.status for asked in described.journal} <= {200, 201, 202, 204}
        assert described.created == {GOOD: 1}
        assert described.tripped == ({GOOD: 1} if has_breaker else {})
        assert not _run_with_echoes(runs).success
        assert runs.row(BAD)["status"] == "error"
        assert runs.row(BAD)["error_message"].startswith("Step 2")
        assert set(described.created.values()) == {1}
        assert set(described.tripped.values()) <= {1}
        assert runs.secrets_found() == []
    record_promise(f"{api.__name__}: answers that echo headers and body", "0 secrets anywhere", 1)


@pytest.mark.parametrize(
    "api", [api for api in EXAMPLES if "find" in example_vars(api)["policy_api"]]
)
def test_an_older_policy_of_the_same_name(
    shared_workflow: Workflow, local_snowflake: LocalSnowflake, api: type[DescribedApi]
) -> None:
    """`find` takes the policy of its execution, and never one that has only the same name."""
    with api() as described:
        runs = DescribedRuns(shared_workflow, described, local_snowflake)
        assert runs.run(GOOD).success
        later = [runs.policy(GOOD, "never-created"), runs.policy(GOOD, "answer-lost")]
        for has_effect, policy in enumerate(later):
            described.forget_orders()
            described.order(endpoint="create", times=1, effect=bool(has_effect), reset="before")
            runs.operation("run_policy_workflow", policies=[policy])
        ran = runs.operation("run_policy_workflow", policies=later)
        assert ran.success, ran.output
        ids = {row["policy_id"] for row in runs.workflow.rows()}
        assert ids == set(described.things)
        assert len(ids) == 3


def test_a_value_does_not_change_a_document(
    shared_workflow: Workflow, local_snowflake: LocalSnowflake
) -> None:
    """What a policy holds goes beside a GraphQL document, and is no part of the document."""
    rule = '7") { jobExecutionUuids } } mutation { deleteMonitor(uuid: "8'
    with MonteCarlo() as described:
        runs = DescribedRuns(shared_workflow, described, local_snowflake)
        policy = {"policy_name": "p", "rule_uuid": rule}
        ran = runs.operation("run_policy_workflow", policy_data=policy, execution_id="e")
        assert ran.success, ran.output
        assert described.created == {rule: 1}
        documents = {asked.json["query"] for asked in described.journal}
        assert not [text for text in documents if "deleteMonitor" in text]


def _run_with_echoes(runs: DescribedRuns) -> Ran:
    """Run a policy that fails, beside some whose steps are answered with all that was sent."""
    api = runs.api
    api.order(policy_name=BAD, statuses=[api.FACTS.ready[0], *api.FACTS.failed])
    faults = [("create", 500), ("create", 400), ("status", 404), ("circuit", 422), ("circuit", 500)]
    names = [str(2000 + number) for number in range(len(faults))]
    for name, (step, status) in zip(names, faults, strict=True):
        api.order(endpoint=step, policy_name=name, http_status=status)
    api.echoes = True
    return runs.run(BAD, *names, "2100")


def test_an_api_without_a_circuit_breaker(
    shared_workflow: Workflow, local_snowflake: LocalSnowflake
) -> None:
    """`trigger: none`: completed with an event that says so; gate, models and doctor agree."""
    with Soda() as described:
        runs = DescribedRuns(shared_workflow, described, local_snowflake)
        assert runs.run(GOOD).success
        row = runs.row(GOOD)
        assert (row["status"], row["completed"]) == ("completed", True)
        flags = (
            "requires_circuit_breaker",
            "circuit_breaker_initiated",
            "circuit_breaker_completed",
        )
        assert [row[flag] for flag in flags] == [False] * 3
        assert runs.events(GOOD)[-1] == "no_circuit_breaker"
        gate = runs.operation("require_policy_completed", policy_name=GOOD)
        assert gate.success, gate.output
        built = shared_workflow.dbt("build", "--vars", json.dumps(runs.vars))
        assert built.success, built.output
        (found,) = shared_workflow.query("select * from policy_executions")
        assert found["STATUS"] == "completed"
        doctor = runs.operation("diagnose_policy_execution")
        assert doctor.success, doctor.output
        again = runs.run(GOOD)
        assert again.success, again.output
        assert described.created == {GOOD: 1}


def test_a_busy_api_is_waited_for(
    shared_workflow: Workflow, local_snowflake: LocalSnowflake
) -> None:
    """A status of `busy` is no failure and needs no retry; one request in two seconds is legal."""
    with Acceldata() as described:
        runs = DescribedRuns(shared_workflow, described, local_snowflake)
        described.open_elsewhere = 1
        started = time.monotonic()
        slow = {"policy_api_requests_per_second": 0.5, "policy_api_step_deadline_seconds": 4}
        ran = runs.run(GOOD, project_vars=slow)
        assert ran.success, ran.output
        assert time.monotonic() - started > 2
        assert [asked.status for asked in described.requests("create")] == [422, 200]
        assert described.created == {GOOD: 1}
        described.open_elsewhere = 10**6
        busy = runs.run(BAD, project_vars=slow)
        assert not busy.success
        assert runs.workflow.events()[-1]["error_class"] == "ApiBusy"
        assert described.created == {GOOD: 1}

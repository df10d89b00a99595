"""What a person decides after a look at the API: recorded with the person, sent once at most."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_snowflake.server import LocalSnowflake
from procedures.common.failpoints import FOLDER_VARIABLE
from tests.integration.described_apis.described_runs import DescribedRuns
from tests.integration.described_apis.examples import example_vars
from tests.integration.described_apis.jsend import JSend
from tests.integration.workflow import Ran, Workflow

KEPT = (
    "status", "completed", "policy_id", "poll_count", "message", "error_message",
    "requires_circuit_breaker", "circuit_breaker_initiated", "circuit_breaker_completed",
    "last_sequence",
)  # fmt: skip


@pytest.fixture
def orders(
    local_snowflake: LocalSnowflake,  # noqa: ARG001  # which passes the variable on
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Give the folder in which failpoints are ordered to do something."""
    folder = tmp_path / "orders"
    folder.mkdir()
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder


@pytest.fixture
def runs(shared_workflow: Workflow, local_snowflake: LocalSnowflake) -> Iterator[DescribedRuns]:
    """Run policies at an API without keys, of which nothing can be found."""
    described = example_vars(JSend)
    del described["policy_api"]["find"]
    with JSend() as api:
        yield DescribedRuns(shared_workflow, api, local_snowflake, described)


def _lose(runs: DescribedRuns, endpoint: str, *, effect: bool = True) -> None:
    """Let the next request to an endpoint be without an answer."""
    runs.api.order(endpoint=endpoint, times=1, effect=effect, reset="before")


def _decide(runs: DescribedRuns, name: str, **decision: str) -> Ran:
    return runs.operation("retry_policy_workflow", execution_id=name, **decision)


def _refused(runs: DescribedRuns, name: str, says: str, **decision: str) -> None:
    """Decide something that does not fit: nothing is sent, and no event is written."""
    sent, events = len(runs.api.journal), len(runs.workflow.events())
    ran = _decide(runs, name, **decision)
    assert not ran.success
    assert says in ran.output, ran.output
    assert (len(runs.api.journal), len(runs.workflow.events())) == (sent, events)


def _kept(runs: DescribedRuns, name: str) -> dict[str, Any]:
    return {column: runs.row(name)[column] for column in KEPT}


def _rebuilt(runs: DescribedRuns, name: str) -> dict[str, Any]:
    """The row as its events make it, after the retention has removed it."""
    runs.workflow.query("delete from policy_execution_state")
    runs.run(name)
    return _kept(runs, name)


def test_a_circuit_breaker_that_a_person_saw(runs: DescribedRuns) -> None:
    """It is completed without a request; row, events, models, gate and a rebuilt row agree."""
    _lose(runs, "circuit")
    assert not runs.run("e").success
    sent = len(runs.api.journal)
    ran = _decide(runs, "e", trigger="confirmed")
    assert ran.success, ran.output
    assert "1 of 1 execution(s) completed" in ran.output
    assert len(runs.api.journal) == sent
    row = runs.row("e")
    assert (row["status"], row["completed"], row["error_message"]) == ("completed", True, None)
    assert row["circuit_breaker_completed"] is True
    (event,) = (e for e in runs.workflow.events() if e["event"] == "trigger_confirmed")
    who = runs.workflow.query("select current_user() as u, current_role() as r")[0]
    assert f"by user {who['U']} with role {who['R']}" in event["message"]
    assert (event["status_after"], event["message"]) == ("completed", row["message"])
    assert event["event_time"]
    assert runs.operation("require_policy_completed", policy_name="e").success
    built = runs.workflow.dbt("build", "--vars", json.dumps(runs.vars))
    assert built.success, built.output
    (shown,) = runs.workflow.query("select * from policy_executions")
    assert (shown["STATUS"], shown["CIRCUIT_BREAKER_COMPLETED"]) == ("completed", True)
    kept = _kept(runs, "e")
    assert _rebuilt(runs, "e") == kept
    assert len(runs.api.journal) == sent
    _refused(runs, "e", "the execution is completed", trigger="confirmed")


def test_what_a_person_cannot_have_seen(runs: DescribedRuns) -> None:
    """Confirmed is refused where no breaker was announced, after a cancellation, and elsewhere."""
    runs.api.order(policy_name="e", statuses=["failed"])
    assert not runs.run("e").success
    _refused(runs, "e", "no request to the circuit breaker was sent", trigger="confirmed")
    _refused(runs, "e", "create must be again", create="confirmed")
    _refused(runs, "e", "give one of trigger and policy_id", trigger="confirmed", policy_id="x")
    _lose(runs, "circuit")
    assert not runs.run("gone").success
    runs.workflow.query("delete from policy_execution_state")
    _refused(runs, "nobody", "there is no execution nobody", trigger="confirmed")
    _refused(runs, "gone", "has the policy_id 43 already", policy_id="43")
    _refused(runs, "gone", "circuit breaker of that policy may have been sent", policy_id="44")
    assert _decide(runs, "gone", trigger="confirmed").success
    runs.workflow.query("delete from policy_execution_state")
    _refused(runs, "gone", "the execution is completed", trigger="again")
    assert runs.operation("cancel_policy_execution", execution_id="e", reason="r").success
    _refused(runs, "e", "the execution is cancelled", trigger="confirmed")


def test_a_wrong_policy_id_is_corrected(runs: DescribedRuns) -> None:
    """Before the breaker was announced a person gives the right id; polls begin anew."""
    _lose(runs, "create")
    assert not runs.run("e").success
    assert not _decide(runs, "e", policy_id="policies").success
    assert runs.row("e")["policy_id"] == "policies"
    assert runs.row("e")["poll_count"] == 3
    _refused(runs, "e", "has the policy_id policies already", policy_id="policies")
    _refused(runs, "e", "Where that id is wrong, give the right policy_id", create="again")
    _refused(runs, "e", "where no policy is there, cancel the execution", create="again")
    # Of the right policy nothing is ready yet, so its polls are seen.
    runs.api.things["42"].statuses = ["pending"] * 9
    assert not _decide(runs, "e", policy_id="42").success
    kept = _kept(runs, "e")
    assert (kept["policy_id"], kept["poll_count"]) == ("42", 3)
    assert "policy 42 takes the place of policy policies, as user" in str(runs.workflow.events())
    built = runs.workflow.dbt("build", "--vars", json.dumps(runs.vars))
    assert built.success, built.output
    (shown,) = runs.workflow.query("select * from policy_executions")
    assert (shown["POLICY_ID"], shown["POLL_COUNT"]) == ("42", 3)
    runs.api.things["42"].statuses = ["ready"]
    ran = runs.run("e")
    assert ran.success, ran.output
    kept = _kept(runs, "e")
    assert _rebuilt(runs, "e") == kept
    assert (runs.api.created, runs.api.tripped) == ({"e": 1}, {"e": 1})


def test_a_policy_id_is_corrected_after_polls_that_said_ready(
    runs: DescribedRuns, orders: Path
) -> None:
    """A run that died before it announced the breaker leaves a policy that was the wrong one."""
    assert runs.run("other").success
    _lose(runs, "create")
    assert not runs.run("e").success
    (orders / "before_write_of_circuit_breaker_initiated").write_text("kill")
    assert not _decide(runs, "e", policy_id="42").success
    runs.end_leases()
    assert runs.row("e")["status"] == "policy_ready"
    ran = _decide(runs, "e", policy_id="43")
    assert ran.success, ran.output
    kept = _kept(runs, "e")
    assert (kept["policy_id"], kept["circuit_breaker_completed"]) == ("43", True)
    assert runs.api.tripped == {"other": 1, "e": 1}
    assert _rebuilt(runs, "e") == kept


def test_two_decisions_at_once(runs: DescribedRuns, record_promise: Any) -> None:
    """Of two people who let a request be sent again at the same time, one does."""
    runs.api.order(latency_seconds=0.2)
    names = [f"e{number}" for number in range(5)]
    for name in names:
        runs.api.order(endpoint="create", policy_name=name, times=1, effect=False, reset="before")
    # So many answers in a row that are lost would open the breaker.
    assert not runs.run(*names, project_vars={"policy_api_breaker_failures": 0}).success
    for name in names:
        assert runs.row(name)["status"] == "error"
        _at_once([(runs, name), (runs, name)])
        assert runs.api.created[name] == 1
        assert runs.events(name).count("repeat_allowed") == 1
    record_promise("two people decide at once", "sent once", len(names))


def _at_once(decisions: list[tuple[DescribedRuns, str]]) -> None:
    threads = [
        threading.Thread(target=_call, args=decision, kwargs={"create": "again"})
        for decision in decisions
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _call(runs: DescribedRuns, name: str, **decision: str) -> Any:
    """Decide by a CALL, as several people do at once."""
    request = {"invocation_id": "person-*", "executions": [{"execution_id": name}], **decision}
    return runs.workflow.call("create_policy", request)


def test_a_decision_is_about_what_the_person_saw(runs: DescribedRuns, orders: Path) -> None:
    """A decision that waits while another is carried out meets another doubt, and sends nothing."""
    _lose(runs, "create", effect=False)
    assert not runs.run("e").success
    (orders / "before_claim").write_text("wait")
    late = threading.Thread(target=_at_once, args=([(runs, "e")],))
    late.start()
    _wait_for(orders / "before_claim.reached")
    _lose(runs, "create")
    assert not _decide(runs, "e", create="again").success
    assert runs.api.created == {"e": 1}
    (orders / "before_claim.go").touch()
    late.join()
    assert runs.api.created == {"e": 1}
    assert runs.events("e").count("repeat_allowed") == 1
    assert runs.row("e")["status"] == "error"
    assert "create: again" in runs.row("e")["error_message"]


def test_nothing_is_decided_while_a_run_is_at_work(runs: DescribedRuns, orders: Path) -> None:
    """The request of a run that holds the lease may still be under way."""
    _deploy(runs)
    (orders / "before_request_of_create_policy").write_text("wait")
    request = {"invocation_id": "first", "executions": [runs.policy("e")]}
    first = threading.Thread(target=runs.workflow.call, args=("create_policy", request))
    first.start()
    _wait_for(orders / "before_request_of_create_policy.reached")
    for decision in ({"create": "again"}, {"policy_id": "42"}):
        answer = _call(runs, "e", **decision)
        (problem,) = answer["undecidable"]
        assert "run first is at work on the execution, and holds its lease" in problem["why"]
    assert runs.events("e") == ["claimed", "create_initiated"]
    (orders / "before_request_of_create_policy.go").touch()
    first.join()
    assert runs.row("e")["status"] == "policy_created"
    assert runs.api.created == {"e": 1}


def _deploy(runs: DescribedRuns) -> None:
    deployed = runs.operation("deploy_policy_workflow")
    assert deployed.success, deployed.output


def _wait_for(path: Path) -> None:
    limit = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < limit
        time.sleep(0.02)

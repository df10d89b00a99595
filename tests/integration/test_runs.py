"""A run owns a fixed set of executions, and is judged by where each of them stands."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from local_snowflake.server import LocalSnowflake
from procedures.common.failpoints import FOLDER_VARIABLE
from tests.integration.deployed_schemas import TABLES
from tests.integration.workflow import Ran, Workflow

WANTED = "wanted_policies"
SHORT = {
    "policy_lease_seconds": 10,
    "policy_poll_interval_seconds": 1,
    "policy_wait_seconds": 30,
    "policy_api_requests_per_second": 5,
}


class Points:
    """Failpoints of this test's procedures: ordered, waited for, and released."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def order(self, point: str, what: str = "wait") -> None:
        """Have the next CALL that comes to a point wait there, raise or be killed."""
        (self._folder / point).write_text(what, encoding="utf-8")

    def is_reached(self, point: str) -> bool:
        """Whether a CALL came to a point."""
        return (self._folder / f"{point}.reached").exists()

    def release(self, point: str) -> None:
        """Let what waits at a point go on."""
        (self._folder / f"{point}.go").touch()


@pytest.fixture
def points(
    local_snowflake: LocalSnowflake,  # noqa: ARG001  # which passes the variable on
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Points:
    """Give the failpoints."""
    folder = tmp_path / "points"
    folder.mkdir()
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return Points(folder)


@pytest.fixture
def short(shared_workflow: Workflow) -> Iterator[Workflow]:
    """Give a schema whose procedures have the vars of SHORT, without rows, and a new API."""
    shared_workflow.api.reset()
    if not shared_workflow.names("procedures"):
        assert shared_workflow.run("deploy_policy_workflow", project_vars=SHORT).success
    yield shared_workflow
    shared_workflow.query("drop view if exists open_policies")
    shared_workflow.query(f"drop table if exists {WANTED}")
    for table in TABLES:
        shared_workflow.query(f"delete from {table}")


def while_held(
    points: Points, point: str, first: Callable[[], Ran], then: Callable[[], Any]
) -> Ran:
    """Run `first` up to a point, do something there, and let it go on; answers its end."""
    points.order(point)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(first)
        limit = time.monotonic() + 60
        while not points.is_reached(point) and not running.done() and time.monotonic() < limit:
            time.sleep(0.02)
        try:
            assert points.is_reached(point), running.result(timeout=60).output
            then()
        finally:
            points.release(point)
        return running.result(timeout=120)


def _insert(workflow: Workflow, execution_id: str, **columns: Any) -> None:
    """Write a row as another run would have it: open, with a lease of 100 seconds."""
    values: dict[str, str] = {
        "status": "'pending'",
        "policy_data": """parse_json('{"policy_name": "x"}')""",
        "invocation_id": "'another-run'",
        "lease_expires_at": "dateadd(second, 100, sysdate())",
        "completed": "false",
        "last_sequence": "1",
        "poll_count": "0",
    } | columns
    names = ", ".join(f'"{name}"' for name in values)
    workflow.query(
        f'insert into policy_execution_state ("execution_id", {names}) '
        f"select '{execution_id}', {', '.join(values.values())}"
    )


def _relation(workflow: Workflow, policies: dict[str | None, dict[str, Any]]) -> None:
    """Make a table with an execution_id and policy_data for each of some policies."""
    workflow.query(f"create table {WANTED} (execution_id varchar, policy_data variant)")
    for execution_id, policy in policies.items():
        workflow.query(
            f"insert into {WANTED} select nullif(?, ''), parse_json(?)",
            [execution_id or "", json.dumps(policy)],
        )


def _fail(workflow: Workflow, execution_id: str, policy: dict[str, Any]) -> None:
    """Create a policy as a run does, which the API refuses; it refuses no other."""
    workflow.api.order(endpoint="create", http_status=400, effect=False)
    executions = [{"execution_id": execution_id, "policy_data": policy}]
    request = {"invocation_id": "before", "executions": executions}
    assert workflow.call("create_policy", request)["counts"] == {"error": 1}
    workflow.api.forget_orders()


def _statuses(workflow: Workflow) -> dict[str, str]:
    return {row["execution_id"]: row["status"] for row in workflow.rows()}


def _command(ran: Ran) -> dict[str, Any]:
    """The arguments of the command that a failed run says goes on."""
    found = re.search(r"retry_policy_workflow --args '(\{[^']*\})'", ran.output)
    assert found, ran.output
    arguments: dict[str, Any] = yaml.safe_load(found[1])
    return arguments


def _created(workflow: Workflow) -> list[str]:
    return sorted(policy["policy_name"] for policy in workflow.sent("create"))


# 1. The verdict is about the run's own set.


def test_a_relation_that_becomes_shorter_hides_no_failure(short: Workflow) -> None:
    """What was wanted at the start is judged at the end, whatever the relation shows by then."""
    _relation(short, {name: {"policy_name": name} for name in ("a", "b", "x")})
    short.query(
        f"""create view open_policies as
        select w.execution_id, w.policy_data from {WANTED} w
        left join policy_execution_state t on w.execution_id = t."execution_id"
        where coalesce(t."completed", false) = false"""
    )
    _insert(short, "x")
    short.api.order(endpoint="create", policy_name="b", http_status=400)

    def finish_x() -> None:
        limit = time.monotonic() + 60
        with short.connect() as connection:
            cursor: Any = connection.cursor()
            while time.monotonic() < limit:
                cursor.execute(
                    "select count(*) from policy_execution_state where \"execution_id\" <> 'x'"
                    ' and "completed" = true'
                )
                if cursor.fetchone()[0] == 2:
                    break
                time.sleep(0.05)
            cursor.execute(
                """update policy_execution_state set "status" = 'completed', "completed" = true,
                "circuit_breaker_completed" = true, "lease_expires_at" = null
                where "execution_id" = 'x'"""
            )

    with ThreadPoolExecutor(1) as pool:
        finishing = pool.submit(finish_x)
        ran = short.run(policies_from="open_policies", project_vars=SHORT)
        finishing.result()
    assert not ran.success, ran.output
    assert "1 of 3 execution(s) did not complete" in ran.output
    assert "b): error:" in ran.output


def test_a_relation_is_read_once(short: Workflow, local_snowflake: LocalSnowflake) -> None:
    """A run that waits reads its policies at its start and never again."""
    _relation(short, {"a": {"policy_name": "a"}, "x": {"policy_name": "x"}})
    _insert(short, "x", lease_expires_at="dateadd(second, 2, sysdate())")
    before = len(local_snowflake.statements)
    ran = short.run(policies_from=WANTED, project_vars=SHORT)
    assert ran.success, ran.output
    sent = [statement.sql.lower() for statement in local_snowflake.statements[before:]]
    assert len([sql for sql in sent if "to_json(policy_data)" in sql and WANTED in sql]) == 1
    assert _statuses(short) == {"a": "completed", "x": "completed"}


# 2. What has events is not new.


def test_a_clean_up_between_look_and_claim_makes_nothing_new(
    workflow: Workflow, points: Points
) -> None:
    """A completed execution whose row goes away at that moment is completed still."""
    arguments: dict[str, Any] = {"execution_id": "e", "policy_data": {"policy_name": "p"}}
    assert workflow.run(**arguments).success
    ran = while_held(
        points,
        "before_claim",
        lambda: workflow.run(**arguments),
        lambda: workflow.query("delete from policy_execution_state"),
    )
    assert ran.success, ran.output
    assert _created(workflow) == ["p"]
    assert len(workflow.sent("circuit")) == 1


def test_a_clean_up_beside_a_resume_loses_no_policy(workflow: Workflow, points: Points) -> None:
    """A failed execution goes on with its own policy, however often its row is removed."""
    _fail(workflow, "e", {"policy_name": "p"})
    workflow.query("delete from policy_execution_state")
    ran = while_held(
        points,
        "before_claim",
        lambda: workflow.run("retry_policy_workflow", execution_id="e"),
        lambda: workflow.query('delete from policy_execution_state where "completed" = true'),
    )
    assert ran.success, ran.output
    assert workflow.sent("create") == [{"policy_name": "p"}] * 2
    assert _statuses(workflow) == {"e": "completed"}


def test_nothing_is_created_without_a_policy(workflow: Workflow) -> None:
    """A row to be taken up that is not there by then sends nothing, and is named."""
    ran = workflow.run("retry_policy_workflow", execution_id="never-there")
    assert not ran.success
    assert "there is no execution never-there" in ran.output
    assert workflow.sent("create") == []


def test_a_completed_execution_whose_row_is_gone_is_completed(
    workflow: Workflow, points: Points
) -> None:
    """The row leaves the table before the last look: the events say that the run succeeded.

    It cannot be cancelled, and the answer says why rather than that it was never there.
    """
    ran = while_held(
        points,
        "after_write_of_trigger_circuit_breaker",
        lambda: workflow.run(execution_id="e", policy_data={"policy_name": "p"}),
        lambda: workflow.query("delete from policy_execution_state"),
    )
    assert ran.success, ran.output
    assert "Final status: completed with circuit_breaker_completed = TRUE" in ran.output
    assert "policy_id pol_" in ran.output
    late = workflow.run("cancel_policy_execution", execution_id="e", reason="too late")
    assert not late.success
    assert "execution e is completed and cannot be cancelled" in late.output


# 3. Ownership is as fresh as the lease asks when a request leaves.


def test_a_list_that_others_took_while_it_was_claimed_is_not_sent(
    workflow: Workflow, points: Points
) -> None:
    """Leases ran out during a long claim and `advance` did the work: each is created once."""
    workflow.api.order(statuses=["ready"])
    # So much that it is claimed in parts.
    long = "x" * 150_000
    _relation(workflow, {f"e{n}": {"policy_name": f"p{n}", "why": long} for n in range(6)})
    most = {"policy_max_policy_characters": 200_000}

    def take_over() -> None:
        workflow.query(
            'update policy_execution_state set "lease_expires_at" = dateadd(second, -1, sysdate())'
        )
        answer = workflow.call("advance_policy_workflow", {"invocation_id": "advancing"})
        assert answer["counts"]["completed"] == 6

    ran = while_held(
        points,
        "after_claim",
        lambda: workflow.run(policies_from=WANTED, project_vars=most),
        take_over,
    )
    assert ran.success, ran.output
    assert _created(workflow) == [f"p{n}" for n in range(6)]
    assert len(workflow.sent("circuit")) == 6


# 4. One execution, one policy.


@pytest.mark.parametrize("others", [0, 2])
def test_the_second_policy_for_a_new_id_is_refused(
    workflow: Workflow, points: Points, others: int
) -> None:
    """Two runs begin one new id with two policies at once: the second fails and names the first."""
    policies = [{"execution_id": "shared", "policy_data": {"policy_name": "mine"}}] + [
        {"execution_id": f"o{n}", "policy_data": {"policy_name": f"o{n}"}} for n in range(others)
    ]
    theirs = [{"execution_id": "shared", "policy_data": {"policy_name": "theirs"}}]

    def be_first() -> None:
        request = {"invocation_id": "first", "executions": theirs}
        assert workflow.call("create_policy", request)["counts"] == {"policy_created": 1}
        for procedure in ("poll_policy_status", "trigger_circuit_breaker"):
            workflow.call(procedure, {"invocation_id": "first"})

    ran = while_held(points, "before_claim", lambda: workflow.run(policies=policies), be_first)
    assert not ran.success, ran.output
    assert f"1 of {others + 1} execution(s) did not complete" in ran.output
    assert "(shared): refused: the execution exists with another policy_data" in ran.output
    assert _created(workflow) == [*(f"o{n}" for n in range(others)), "theirs"]


# 5. Cancelled for good.


def test_a_queued_breaker_of_a_cancelled_execution_is_not_triggered(
    short: Workflow, points: Points
) -> None:
    """Cancelled after its announcement and before its request left: nothing is sent for it."""
    short.api.order(statuses=["ready"])
    policies = [
        {"execution_id": f"e{n}", "policy_data": {"policy_name": f"p{n}"}} for n in range(4)
    ]

    def cancel() -> None:
        request = {"invocation_id": "me", "execution_ids": ["e2"], "reason": "no longer wanted"}
        assert short.call("cancel_policy_execution", request)["cancelled"]
        confirmed.append(len(short.sent("circuit")))

    confirmed: list[int] = []
    ran = while_held(
        points,
        "after_write_of_circuit_breaker_initiated",
        lambda: short.run(policies=policies, project_vars=SHORT),
        cancel,
    )
    assert confirmed == [0]
    assert not ran.success
    assert "  p2 (e2): error: cancelled: no longer wanted" in ran.output
    ids = {row["policy_id"] for row in short.rows() if row["execution_id"] != "e2"}
    assert {sent["policy_id"] for sent in short.sent("circuit")} == ids
    withheld = [event for event in short.events() if event["event"] == "superseded"]
    assert [event["execution_id"] for event in withheld] == ["e2"]


def test_what_retention_removed_can_be_cancelled(short: Workflow) -> None:
    """Its row is gone and its events are there: it is cancelled for good, and no retry takes it."""
    policy = {"policy_name": "p"}
    _fail(short, "e", policy)
    short.query("delete from policy_execution_state")
    cancelled = short.run(
        "cancel_policy_execution", execution_id="e", reason="not wanted", project_vars=SHORT
    )
    assert cancelled.success, cancelled.output
    short.query("delete from policy_execution_state")
    for again in (
        short.run("retry_policy_workflow", execution_id="e", project_vars=SHORT),
        short.run(execution_id="e", policy_data=policy, project_vars=SHORT),
    ):
        assert not again.success
        assert "cancelled: not wanted" in again.output
    assert short.run("retry_policy_workflow", project_vars=SHORT).success
    assert len(short.sent("create")) == 1


# 6. Nobody's execution is waited for by nobody.


def test_a_released_execution_is_taken_over(short: Workflow, points: Points) -> None:
    """A lease that its owner gave up while this run waited is NULL, and so nobody's."""
    _insert(short, "x")
    ran = while_held(
        points,
        "after_claim",
        lambda: short.run(execution_id="x", policy_data={"policy_name": "x"}, project_vars=SHORT),
        lambda: short.query('update policy_execution_state set "lease_expires_at" = null'),
    )
    assert ran.success, ran.output
    assert _statuses(short) == {"x": "completed"}


# 8. Honest resume.


def test_the_command_takes_up_the_runs_own_executions(workflow: Workflow) -> None:
    """Of a list and of a relation alike: its failures, none of another run's, no completed one."""
    _fail(workflow, "other", {"policy_name": "bad"})
    for kind in ("list", "relation"):
        workflow.api.order(endpoint="create", policy_name="bad", http_status=400)
        named: dict[str | None, dict[str, Any]] = {
            f"{kind}-good": {"policy_name": "good"},
            f"{kind}-bad": {"n": 1, "policy_name": "bad"},
        }
        if kind == "relation":
            _relation(workflow, named)
            ran = workflow.run(policies_from=WANTED)
        else:
            listed = [{"execution_id": id_, "policy_data": policy} for id_, policy in named.items()]
            ran = workflow.run(policies=listed)
        assert not ran.success
        arguments = _command(ran)
        assert list(arguments) == ["run"]
        workflow.api.forget_orders()
        again = workflow.run("retry_policy_workflow", **arguments)
        assert again.success, again.output
        assert "1 of 1 execution(s) completed" in again.output
        statuses = _statuses(workflow)
        assert statuses["other"] == "error"
        assert statuses[f"{kind}-good"] == statuses[f"{kind}-bad"] == "completed"
    nothing = workflow.run("retry_policy_workflow", **arguments)  # all is completed by now
    assert nothing.success
    assert "nothing to take up; all executions of run" in nothing.output


def test_a_run_that_never_was_cannot_be_taken_up(workflow: Workflow) -> None:
    """An id that no run has is refused, and so is one given with an execution_id."""
    ran = workflow.run("retry_policy_workflow", run="no-such-run")
    assert not ran.success
    assert "there is no run no-such-run" in ran.output
    both = workflow.run("retry_policy_workflow", run="r", execution_id="e")
    assert not both.success
    assert "either run or execution_id" in both.output


def test_a_run_killed_before_its_claim_can_be_told(workflow: Workflow, points: Points) -> None:
    """What was recorded and never begun is named as such; nothing is made up for it."""
    points.order("before_claim", "kill")
    listed = [{"execution_id": "e", "policy_data": {"policy_name": "p"}}]
    assert not workflow.run(policies=listed).success
    run = workflow.query('select distinct "run_id" from policy_execution_runs')[0]["run_id"]
    ran = workflow.run("retry_policy_workflow", run=run)
    assert not ran.success
    assert "e: never begun, and no policy of it is stored" in ran.output
    assert workflow.sent("create") == []
    assert workflow.run(policies=listed).success


def test_the_gate_goes_by_the_worst_of_a_run(workflow: Workflow) -> None:
    """Executions of one policy in one list, one of them failed: the policy is not in force."""
    workflow.api.order(endpoint="circuit", times=1, http_status=400)
    policies = [{"policy_data": {"policy_name": "twice", "n": n}} for n in range(3)]
    assert not workflow.run(policies=policies).success
    failed = [id_ for id_, status in _statuses(workflow).items() if status == "error"]
    assert len(failed) == 1
    closed = workflow.run("require_policy_completed", policy_name="twice")
    assert not closed.success
    assert f"its latest execution {failed[0]} is error" in closed.output
    assert workflow.run("retry_policy_workflow", execution_id=failed[0]).success
    assert workflow.run("require_policy_completed", policy_name="twice").success


def test_a_repetition_sends_the_same_bytes(workflow: Workflow) -> None:
    """An API that compares the bodies under one Idempotency-Key gets the same one again.

    The run had no execution_id: the command that it names takes up its execution.
    """
    workflow.api.order(endpoint="create", reset="before", times=1)
    policy = {"z": 1.50, "policy_name": "p", "parameters": {"b": 90.0, "a": 1e-05}}
    ran = workflow.run(policy_data=policy)
    assert not ran.success
    assert "outcome is unknown" in ran.output
    again = workflow.run("retry_policy_workflow", **_command(ran))
    assert again.success, again.output
    first, second = workflow.api.journal("create")
    assert first.body == second.body
    assert len(workflow.api.policies()) == 1


def test_the_doctor_says_of_a_run_what_to_do_by_cause(workflow: Workflow) -> None:
    """A refused token is no case for a repetition, a failed policy another than a page of HTML."""
    workflow.api.order(endpoint="create", policy_name="a", http_status=401)
    workflow.api.order(endpoint="create", policy_name="b", http_status=500)
    workflow.api.order(endpoint="create", policy_name="c", http_status=401)
    ran = workflow.run(policies=[{"policy_data": {"policy_name": name}} for name in "abcd"])
    assert not ran.success
    answer = workflow.diagnose(**_command(ran))
    found = {finding["check"]: finding for finding in answer["findings"]}
    assert found["completed"]["says"] == "1 of 4 execution(s)"
    assert found["api_unauthorized"]["says"].startswith("2 execution(s): the API refuses the token")
    assert "Put a valid token" in found["api_unauthorized"]["next"]
    assert "same Idempotency-Key" in found["outcome_unknown"]["next"]
    assert answer["errors"] == 2
    nobody = workflow.diagnose(run="no-such-run")
    assert nobody["errors"] == 1


def test_a_cancelled_execution_of_a_run_fails_its_retry(short: Workflow) -> None:
    """Exit code 0 means that every policy is in force, and that of a cancelled one is not."""
    short.api.order(endpoint="create", policy_name="b", http_status=400, effect=False)
    listed = [{"execution_id": id_, "policy_data": {"policy_name": id_}} for id_ in "ab"]
    ran = short.run(policies=listed, project_vars=SHORT)
    assert not ran.success
    cancelled = short.run(
        "cancel_policy_execution", execution_id="b", reason="typo", project_vars=SHORT
    )
    assert cancelled.success
    again = short.run("retry_policy_workflow", **_command(ran), project_vars=SHORT)
    assert not again.success
    assert "  b (b): error: cancelled: typo" in again.output
    assert len(short.sent("create")) == 2


def test_a_cancellation_beside_a_restoring_claim_makes_no_second_row(
    short: Workflow, points: Points
) -> None:
    """Both bring the row back: one of them does, and what comes of it is one story."""
    _fail(short, "e", {"policy_name": "p"})
    short.query("delete from policy_execution_state")
    cancelling: list[Any] = []

    def cancel() -> None:
        request = {"invocation_id": "me", "execution_ids": ["e"], "reason": "no"}
        pool = ThreadPoolExecutor(1)
        cancelling.append(pool.submit(short.call, "cancel_policy_execution", request))
        # It waits for the lock that the held claim has.
        time.sleep(1.5)

    ran = while_held(
        points,
        "in_claim",
        lambda: short.run("retry_policy_workflow", execution_id="e", project_vars=SHORT),
        cancel,
    )
    was = cancelling[0].result(timeout=60)
    assert len(short.rows()) == 1
    assert ran.success is (short.row()["status"] == "completed")
    assert was["cancelled"] is (short.row()["cancelled_at"] is not None)
    sequences = [e["sequence"] for e in short.events() if e["event"] != "superseded"]
    assert sequences == list(range(1, len(sequences) + 1))


def test_a_call_that_arrives_twice_records_its_run_once(workflow: Workflow) -> None:
    """A client that lost the answer sends the same CALL again: one set, one policy each."""
    executions = [{"execution_id": id_, "policy_data": {"policy_name": id_}} for id_ in "ab"]
    request = {"invocation_id": "run", "executions": executions}
    for _ in range(2):
        workflow.call("create_policy", request)
    recorded = workflow.query('select "execution_id" from policy_execution_runs order by 1')
    assert [row["execution_id"] for row in recorded] == ["a", "b"]
    assert _created(workflow) == ["a", "b"]


def test_a_finished_row_that_retention_takes_is_not_begun_again(short: Workflow) -> None:
    """While a run waits, its finished row is cleaned away; its policy is created once."""
    # Another deployment; the tests above share one.
    zero = SHORT | {"policy_retention_minutes": 0}
    _relation(short, {None: {"policy_name": "made"}, "x": {"policy_name": "x"}})
    _insert(short, "x", lease_expires_at="dateadd(second, 2, sysdate())")
    ran = short.run(policies_from=WANTED, project_vars=zero)
    assert ran.success, ran.output
    assert "2 of 2 execution(s) completed" in ran.output
    assert _created(short) == ["made", "x"]
    assert len(short.sent("circuit")) == 2

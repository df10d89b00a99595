"""`policies_from`: policies come from a table, a view or a model, read inside the procedure."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from procedures.tables.database import PAGE_SIZE
from tests.integration.workflow import Ran, Workflow


def _table(workflow: Workflow, rows: list[tuple[Any, str | None]], name: str = "wanted") -> None:
    """Make a table of policies, each with its execution_id."""
    workflow.query(f"create table {name} (policy_data variant, execution_id varchar)")
    listed = json.dumps([{"policy": policy, "id": id_} for policy, id_ in rows])
    workflow.query(
        f"insert into {name} select f.value:policy, f.value:id::varchar "
        "from (select parse_json(?) as j) p, lateral flatten(input => p.j) f",
        [listed],
    )


def _numbered(count: int) -> list[tuple[Any, str | None]]:
    return [({"policy_name": f"p{n}", "n": n}, f"e-{n}") for n in range(count)]


def _completed(workflow: Workflow, execution_id: str, policy: dict[str, Any]) -> None:
    """Complete an execution as a run does, of a policy that is ready at the first poll."""
    executions = [{"execution_id": execution_id, "policy_data": policy}]
    run = {"invocation_id": f"run-of-{execution_id}"}
    workflow.call("create_policy", run | {"executions": executions})
    workflow.call("poll_policy_status", run)
    assert workflow.call("trigger_circuit_breaker", run)["counts"] == {"completed": 1}


def _run(workflow: Workflow, relation: str = "wanted", **arguments: Any) -> Ran:
    return workflow.run(policies_from=relation, **arguments)


def test_every_row_is_an_execution(workflow: Workflow) -> None:
    """The API gets each policy as it stands in the table; a second run sends nothing."""
    rows = _numbered(6)
    _table(workflow, rows)
    ran = _run(workflow)
    assert ran.success, ran.output
    assert "6 of 6 execution(s) completed" in ran.output
    assert sorted(p["n"] for p in workflow.sent("create")) == list(range(6))
    assert {row["execution_id"]: row["status"] for row in workflow.rows()} == {
        id_: "completed" for _, id_ in rows
    }
    again = _run(workflow)
    assert again.success
    assert "6 execution(s) were completed before" in again.output
    assert len(workflow.sent("create")) == len(workflow.sent("circuit")) == 6


def test_statements_do_not_grow_with_rows(workflow: Workflow) -> None:
    """A warm run sends seven statements from dbt, whether of one row or of more than a page."""
    workflow.api.order(statuses=["ready"])
    _table(workflow, _numbered(1), "few")
    _table(workflow, [(policy, None) for policy, _ in _numbered(PAGE_SIZE + 3)], "many")
    one_call = {"policy_call_seconds": 3600}  # also on a busy machine
    assert _run(workflow, "few", project_vars=one_call).success
    few, many = (_run(workflow, name, project_vars=one_call) for name in ("few", "many"))
    assert many.success, many.output
    assert f"{PAGE_SIZE + 3} of {PAGE_SIZE + 3} execution(s) completed" in many.output
    assert len(many.statements) == 7
    assert len(few.statements) < 7
    assert sum(map(len, many.statements)) < 6_000
    assert len(workflow.sent("circuit")) == PAGE_SIZE + 4


@pytest.mark.parametrize(
    "definition",
    [
        "create view wanted as select null as execution_id, to_json(policy_data) as policy_data,"
        " 1 as other from plain",
        'create table wanted ("policy_data" variant) as select policy_data from plain',
    ],
)
def test_text_quoted_names_and_missing_ids(workflow: Workflow, definition: str) -> None:
    """JSON as text, lower-case columns and rows without an id do as well; ids are made."""
    _table(workflow, _numbered(2), "plain")
    workflow.query(definition)
    ran = _run(workflow)
    assert ran.success, ran.output
    assert sorted(p["n"] for p in workflow.sent("create")) == [0, 1]
    first = workflow.rows()[0]
    assert first["execution_id"] == f"{first['invocation_id']}-1"


def test_bad_rows_are_reported_and_nothing_is_sent(workflow: Workflow) -> None:
    """Each row that is no policy is named, with what is wrong; the good ones are not begun."""
    workflow.query("create table wanted (policy_data varchar, execution_id varchar)")
    rows = [
        ('{"a": 1}', "good"),
        ("[1]", "list"),
        ("{}", "empty"),
        ('{"a": NaN}', "nan"),
        ('{"a": 1, "a": 2}', "twice"),
        ("{", "broken"),
        ('{"a": 1}', "bad id"),
        ('{"a": 1}', "good"),
        (json.dumps({"a": "x" * 1000}), "long"),
        (json.dumps({"a": json.loads("[" * 60 + "]" * 60)}), "deep"),
        ('{"a": ' + "[" * 450 + "]" * 450 + "}", "deeper"),
        ('{"a": 1e400}', "infinite"),
        ('{"a": ' + "9" * 400 + "}", "long-number"),
        ('{"a": "\\ud800"}', "half"),
        ('::error::hunter2 {"password": "hunter2"', "::error::x\nhunter2"),
    ]
    for row in rows:
        workflow.query("insert into wanted values (?, ?)", list(row))
    workflow.query("insert into wanted values (null, 'null')")
    ran = _run(workflow, project_vars={"policy_max_policy_characters": 1000})
    assert not ran.success
    assert "15 of 16 rows of" in ran.output
    assert "Nothing was sent." in ran.output
    for says in (
        "row 2 (execution list): policy_data must be a JSON object",
        "row 3 (execution empty): policy_data must be a JSON object",
        "row 4 (execution nan): policy_data is not JSON: NaN is not JSON",
        "row 5 (execution twice): policy_data is not JSON: a key stands twice in one object",
        "row 6 (execution broken): policy_data is not JSON: Expecting",
        "row 7: execution_id must have",
        "row 8 (execution good): its execution_id stands twice",
        "row 9 (execution long): policy_data has 1009 characters",
        "row 10 (execution deep): policy_data is nested over 50 levels deep",
        "row 11 (execution deeper): policy_data is nested over 50 levels deep",
        "row 12 (execution infinite): policy_data is not JSON: a number is larger",
        "row 13 (execution long-number): policy_data is not JSON: a number has over 300 digits",
        "row 14 (execution half): policy_data is not JSON: a text holds half of a surrogate pair",
        "row 15: execution_id must have",
        "row 16 (execution null): policy_data is NULL",
    ):
        assert says in ran.output
    assert "hunter2" not in ran.output
    assert workflow.api.journal() == []
    assert workflow.rows() == []


def test_a_policy_is_sent_to_the_letter(workflow: Workflow) -> None:
    """Long decimals, exponents and the order of keys reach the API as the row has them."""
    text = '{"z": 0.12345678901234567890123456789, "a": 1.10, "n": 90.00, "e": 1E-5}'
    workflow.query("create table wanted (policy_data varchar, execution_id varchar)")
    workflow.query("insert into wanted values (?, 'e')", [text])
    assert _run(workflow).success
    (sent,) = workflow.api.journal("create")
    assert sent.body == text
    again = _run(workflow)
    assert again.success, again.output
    assert len(workflow.api.journal("create")) == 1


@pytest.mark.parametrize(
    ("definition", "says"),
    [
        ("create table other (a int)", "does not exist or not authorized"),
        ("create table wanted (a int)", "it has no column policy_data"),
        ("create table wanted (policy_data int)", "its column policy_data is a LONG"),
    ],
)
def test_a_relation_that_cannot_be_read(workflow: Workflow, definition: str, says: str) -> None:
    """What is missing is said, with the grant that the procedures' owner needs."""
    workflow.query(definition)
    ran = _run(workflow)
    assert not ran.success
    assert says in ran.output
    assert "grant select on it" in ran.output
    assert workflow.api.journal() == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"policies_from": "a b"}, "policies_from must name a model"),
        ({"policies_from": "t; drop table x"}, "policies_from must name a model"),
        ({"policies_from": ["t"]}, "policies_from must name a model"),
        ({"policies_from": "t", "execution_id": "e"}, "give policies_from alone"),
        ({"policies_from": "t", "policies": []}, "give policies_from alone"),
    ],
)
def test_bad_arguments_are_refused(
    workflow: Workflow, arguments: dict[str, Any], says: str
) -> None:
    """Before any statement is sent."""
    ran = workflow.run(**arguments)
    assert not ran.success
    assert says in ran.output
    assert ran.statements == []


def test_no_rows_are_a_success(workflow: Workflow) -> None:
    """A job whose model has nothing today does not fail."""
    _table(workflow, [])
    ran = _run(workflow)
    assert ran.success, ran.output
    assert "0 of 0 execution(s) completed" in ran.output


def test_one_failure_fails_the_run_after_the_others(workflow: Workflow) -> None:
    """The others complete, the failure is named, and the same command takes it up again."""
    _table(workflow, _numbered(5))
    workflow.api.order(policy_name="p3", endpoint="create", http_status=400, times=1, effect=False)
    ran = _run(workflow)
    assert not ran.success
    assert "1 of 5 execution(s) did not complete" in ran.output
    assert "(e-3): error: Step 1 (create policy) failed" in ran.output
    assert "retry_policy_workflow --args '{run: " in ran.output
    again = _run(workflow)
    assert again.success, again.output
    assert "5 of 5 execution(s) completed" in again.output


def test_without_ids_a_failure_is_for_retry(workflow: Workflow) -> None:
    """The same command would make new executions, so the verdict names another one."""
    _table(workflow, [({"policy_name": "p"}, None)])
    workflow.api.order(endpoint="create", http_status=400, times=1, effect=False)
    ran = _run(workflow)
    assert not ran.success
    assert "dbt run-operation retry_policy_workflow" in ran.output
    assert workflow.run("retry_policy_workflow").success
    assert workflow.row()["status"] == "completed"


def test_another_policy_under_the_same_id_is_refused(workflow: Workflow) -> None:
    """As in a list: nothing is sent for any row."""
    workflow.api.order(statuses=["ready"])
    _completed(workflow, "e-1", {"policy_name": "p1"})
    before = len(workflow.api.journal())
    _table(workflow, _numbered(3))
    ran = _run(workflow)
    assert not ran.success
    assert "execution e-1 exists with another policy_data (1 such). Nothing was sent" in ran.output
    assert len(workflow.api.journal()) == before


def _drive_elsewhere(workflow: Workflow, execution_id: str) -> None:
    """Make it look as if another run had polled an execution and were still driving it."""
    workflow.query(
        'update policy_execution_state set "status" = \'policy_created\', "completed" = false, '
        '"invocation_id" = \'other\', "circuit_breaker_completed" = false, "lease_expires_at" = '
        "dateadd(second, 600, sysdate()) "
        'where "execution_id" = ?',
        [execution_id],
    )


@contextlib.contextmanager
def _when_completed(
    workflow: Workflow, execution_id: str, changes: dict[str, str]
) -> Iterator[None]:
    """Change rows by their ids, once the run has completed another execution in its first round."""

    def watch() -> None:
        with workflow.connect() as connection:
            cursor: Any = connection.cursor()
            query = (
                "select * from policy_execution_state where \"status\" = 'completed' "
                'and "execution_id" = ?'
            )
            while not cursor.execute(query, [execution_id]).fetchall():
                time.sleep(0.2)
            for changed, change in changes.items():
                cursor.execute(
                    f'update policy_execution_state set {change} where "execution_id" = ?',
                    [changed],
                )

    watcher = threading.Thread(target=watch)
    watcher.start()
    yield
    watcher.join()


def test_what_another_run_leaves_is_taken_over_and_its_failure_reported(
    workflow: Workflow,
) -> None:
    """An execution of another run is waited for until its lease runs out.

    One that fails while it is waited for is not repeated by this run.
    """
    workflow.api.order(statuses=["ready"])
    rows = _numbered(4)
    for policy, execution_id in rows[:2]:
        _completed(workflow, str(execution_id), policy)
        _drive_elsewhere(workflow, str(execution_id))
    _table(workflow, rows)
    changes = {
        "e-0": "\"lease_expires_at\" = '2020-01-01'::timestamp_ntz",
        "e-1": '"status" = \'error\', "completed" = true, "lease_expires_at" = null',
    }
    with _when_completed(workflow, "e-3", changes):
        ran = _run(workflow, project_vars={"policy_wait_seconds": 60})
    assert not ran.success
    assert "1 of 4 execution(s) did not complete" in ran.output
    assert "(e-1): error, under run other" in ran.output
    statuses = {row["execution_id"]: row["status"] for row in workflow.rows()}
    assert statuses == {"e-0": "completed", "e-1": "error", "e-2": "completed", "e-3": "completed"}
    # e-0 by both runs, e-1 by the other one only.
    assert len(workflow.sent("circuit")) == 5


def test_what_is_driven_too_long_elsewhere_fails_the_run(workflow: Workflow) -> None:
    """The wait is bounded; the verdict names what is still with another run."""
    workflow.api.order(statuses=["ready"])
    ((policy, execution_id),) = _numbered(1)
    _table(workflow, [(policy, execution_id)])
    _completed(workflow, str(execution_id), policy)
    _drive_elsewhere(workflow, str(execution_id))
    ran = _run(workflow, project_vars={"policy_wait_seconds": 1})
    assert not ran.success
    assert "(e-0): lease still held by run other" in ran.output


def test_a_run_that_does_not_wait(workflow: Workflow) -> None:
    """`wait: false` creates and polls once; what is not ready is nobody's, for `advance`."""
    _table(workflow, _numbered(3))
    ran = _run(workflow, wait=False)
    assert ran.success, ran.output
    assert "3 execution(s) started, 0 of 3 completed" in ran.output
    stands = {(row["status"], row["lease_expires_at"]) for row in workflow.rows()}
    assert stands == {("policy_created", None)}

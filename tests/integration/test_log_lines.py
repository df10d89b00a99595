"""What data holds can neither begin a line of a command's output, nor hide or command anything.

A CI system obeys lines of a job's log: GitHub Actions those that begin with `::`, others what
begins with `##`, wherever it stands. A terminal obeys control characters.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from datetime import date
from typing import Any

import pytest

from tests.integration.workflow import Workflow

HOSTILE = (
    "p\n::error::boom \x1b[31m\x00\u2028##[error]x\r\n  ##vso[task.complete result=Failed;]y"
    "\x85::warning::\u202ez\ufeff\u200b"
)
# What is harmless in it, and is to be seen, on one line with the rest.
SHOWN = "boom"


def _printed(workflow: Workflow, macro: str = "run_policy_workflow", **arguments: Any) -> list[str]:
    """Run an operation; answers what it printed, without dbt's time, after a look at each line."""
    workflow.environment["DBT_USE_COLORS"] = "false"
    screen = io.StringIO()
    with contextlib.redirect_stdout(screen):
        workflow.run(macro, **arguments)
    lines = [
        re.sub(r"^(\x1b\[0m)?\d\d:\d\d:\d\d  ", "", line) for line in screen.getvalue().split("\n")
    ]
    for line in lines:
        assert not line.lstrip().startswith(("::", "##")), line
        assert not re.search(r"##(\[|vso)", line), line
        hidden = r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
        assert not re.search(hidden, line), repr(line)
    return lines


def _line(lines: list[str], words: str) -> str:
    """The only line with these words."""
    found = [line for line in lines if words in line]
    assert len(found) == 1, lines
    return found[0]


def _write(workflow: Workflow, table: str, **columns: Any) -> None:
    """Put values straight into a table, as somebody else or an older version might have."""
    columns_sql = ", ".join(f'"{name}" = ?' for name in columns)
    workflow.query(f"update {table} set {columns_sql}", list(columns.values()))


def _refused(workflow: Workflow, policy: dict[str, Any]) -> None:
    """Create e as a run does; the API refuses it."""
    workflow.api.order(endpoint="create", http_status=422)
    executions = [{"execution_id": "e", "policy_data": policy}]
    request = {"invocation_id": "before", "executions": executions}
    assert workflow.call("create_policy", request)["counts"] == {"error": 1}


def test_a_policy_id_of_the_api(workflow: Workflow) -> None:
    """Whatever the API calls a policy, a run and those who look at it say how it went."""
    workflow.api.order(endpoint="create", policy_name="e0", extra={"policy_id": HOSTILE})
    workflow.api.order(endpoint="create", policy_name="e1", extra={"policy_id": "p", "id": HOSTILE})
    ids = ["e0", "e1"]
    ran = _printed(
        workflow,
        policies=[{"execution_id": id_, "policy_data": {"policy_name": id_}} for id_ in ids],
    )
    assert any("execution(s) completed" in line or "did not complete" in line for line in ran)
    shown = _printed(workflow, "get_policy_execution_state")
    for row in workflow.rows():
        id_, status = row["execution_id"], row["status"]
        line = _line(shown, f"  {id_}  ")
        assert line.startswith(f"{id_}  {id_}  {status}  policy_id=")
    for id_ in ids:
        diagnosis = _printed(workflow, "diagnose_policy_execution", execution_id=id_)
        assert _line(diagnosis, "error(s), ")
        again = _printed(workflow, "retry_policy_workflow", execution_id=id_)
        assert any("execution(s) completed" in line or "did not complete" in line for line in again)


def test_other_answers_of_the_api(workflow: Workflow) -> None:
    """Statuses, messages and error texts of the API stay within the lines that tell of them."""
    behaviours: list[dict[str, Any]] = [
        {"extra": {"status": HOSTILE, "success": False, "error": HOSTILE, "message": HOSTILE}},
        {"http_status": 422, "body": HOSTILE},
        {"http_status": 302, "headers": {"Location": "https://elsewhere/\x1b[31m##[error]x"}},
    ]
    policies = []
    for endpoint in ("create", "status", "circuit"):
        for number, behaviour in enumerate(behaviours):
            name = f"{endpoint}-{number}"
            workflow.api.order(endpoint=endpoint, policy_name=name, **behaviour)
            policies.append({"execution_id": name, "policy_data": {"policy_name": name}})
    _printed(workflow, policies=policies)
    _printed(workflow, "get_policy_execution_state")
    # The story of each endpoint, and of each behaviour.
    for name in ("create-0", "status-1", "circuit-2"):
        _printed(workflow, "diagnose_policy_execution", execution_id=name)
    _printed(workflow, "diagnose_policy_execution")
    _printed(workflow, "advance_policy_workflow")


def test_texts_in_a_row(workflow: Workflow) -> None:
    """A row is shown and reported in the lines that it always has, whatever stands in it.

    A lease owner is named in one line, whatever characters its name has.
    """
    assert workflow.run(execution_id="e").success
    columns = dict.fromkeys(("policy_id", "message", "error_message", "invocation_id"), HOSTILE)
    _write(workflow, "policy_execution_state", **columns)
    shown = _line(_printed(workflow, "get_policy_execution_state"), "policy_id=p")
    assert shown.startswith(
        "sample_policy  e  completed  policy_id=p\\n::error::boom \\u001b[31m\\u0000\\u2028#"
    )
    assert shown.count(SHOWN) == 2
    reported = _printed(workflow, execution_id="e")
    assert SHOWN in _line(
        reported, "✅ Step 1: Policy created and stored in state table (policy_id"
    )
    assert _line(reported, "✅ policy_workflow: 1 of 1 execution(s) completed")
    _write(
        workflow,
        "policy_execution_state",
        status="policy_ready",
        completed=False,
        circuit_breaker_completed=False,
        lease_expires_at="2999-01-01",
    )
    ran = _printed(workflow, execution_id="e", project_vars={"policy_wait_seconds": 1})
    assert SHOWN in _line(ran, "waiting for 1 execution(s): run")
    assert SHOWN in _line(ran, "  sample_policy (e): lease still held by run p\\n::error::boom")
    assert _line(ran, "1 of 1 execution(s) did not complete.")


def test_a_reason_of_whoever_cancelled(workflow: Workflow) -> None:
    """Every command that names a cancelled execution's reason does so in one line."""
    policy = {"policy_name": "p"}
    _refused(workflow, policy)
    _printed(workflow, "cancel_policy_execution", execution_id="e", reason=HOSTILE)
    assert SHOWN in _line(
        _printed(workflow, execution_id="e", policy_data=policy), "  p (e): error: cancelled: "
    )
    diagnosis = _printed(workflow, "diagnose_policy_execution", execution_id="e")
    assert SHOWN in _line(diagnosis, "✅ p (e): ")


def test_texts_in_events(workflow: Workflow) -> None:
    """Story, diagnosis and gate tell of events in their own lines, the JSON of it unchanged."""
    _refused(workflow, {"policy_name": HOSTILE})
    for column in ("message", "url", "invocation_id"):
        _write(workflow, "policy_execution_events", **{column: HOSTILE})
    diagnosis = _printed(workflow, "diagnose_policy_execution", execution_id="e")
    # The name of the policy is in the lines around the story.
    story = [line for line in diagnosis if SHOWN in line and "(e)" not in line]
    assert len(story) == len(workflow.events()) > 1
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", line) for line in story)
    printed = _printed(workflow, "diagnose_policy_execution", execution_id="e", output="json")
    (answer,) = (json.loads(line) for line in printed if line.startswith("{"))
    assert {event["message"] for event in answer["story"]} == {HOSTILE}
    causes = _printed(workflow, "diagnose_policy_execution")
    assert SHOWN in _line(causes, "(e): p")
    for severity in ("error", "warn"):
        gate = {"policy_name": HOSTILE, "severity": severity}
        closed = _printed(workflow, "require_policy_completed", **gate)
        assert _line(closed, "is not in force: its latest execution e is error").count(SHOWN) == 2


def test_a_policy_that_differs(workflow: Workflow) -> None:
    """Stored and given policy stand in a line each, behind our words."""
    policy: dict[str, Any] = {"policy_name": HOSTILE, "a": 1}
    _refused(workflow, policy)
    refused = _printed(workflow, policy_data=policy | {"a": 2}, execution_id="e")
    assert _line(refused, "execution e exists with another policy_data (1 such). Nothing was sent.")
    assert SHOWN in _line(refused, "Stored: {")
    assert SHOWN in _line(refused, "Given: {")


def test_rows_that_are_no_policies(workflow: Workflow) -> None:
    """A row is named by its number, and by its execution_id where that is legal."""
    workflow.query("create table policies (execution_id varchar, policy_data varchar)")
    for execution_id, policy in (
        ("e-1", '{"a": 1}'),
        ("e-1", '{"a": 1}'),
        ("e-3", f"{{password: {HOSTILE}"),
        (HOSTILE, '{"a": 1}'),
    ):
        workflow.query("insert into policies values (?, ?)", [execution_id, policy])
    refused = _printed(workflow, policies_from="policies")
    assert _line(refused, "3 of 4 rows of ")
    assert _line(refused, "  row 2 (execution e-1): its execution_id stands twice")
    assert SHOWN not in _line(refused, "  row 3 (execution e-3): ")
    assert _line(refused, "  row 4: execution_id must ")
    assert workflow.api.journal() == []


@pytest.mark.parametrize(
    ("macro", "arguments"),
    [
        ("run_policy_workflow", {"policies_from": f'"{HOSTILE}"'}),
        ("run_policy_workflow", {"policies_from": HOSTILE}),
        ("run_policy_workflow", {"execution_id": HOSTILE}),
        ("run_policy_workflow", {"wait": HOSTILE}),
        ("run_policy_workflow", {"policy_data": {HOSTILE: {"a": date(2026, 11, 24)}}}),
        ("run_policy_workflow", {"policy_data": {HOSTILE: "a", 1: "a", "1": "a"}}),
        ("run_policy_workflow", {"policies": [{HOSTILE: "a"}]}),
        ("run_policy_workflow", {"project_vars": {"policy_workflow_schema": HOSTILE}}),
        ("advance_policy_workflow", {"limit": HOSTILE}),
        ("retry_policy_workflow", {"limit": HOSTILE}),
        ("get_policy_execution_state", {"execution_id": HOSTILE}),
        ("cancel_policy_execution", {"execution_id": HOSTILE, "reason": "a"}),
        ("diagnose_policy_execution", {"output": HOSTILE}),
        ("policy_workflow_task_sql", {"warehouse": HOSTILE}),
        (
            "policy_workflow_setup_sql",
            {"project_vars": {"policy_external_access_integrations": [HOSTILE]}},
        ),
    ],
)
def test_arguments_and_vars(workflow: Workflow, macro: str, arguments: dict[str, Any]) -> None:
    """An argument or a var is quoted within the line that refuses it."""
    refused = _printed(workflow, macro, **arguments)
    words = [line for line in refused if "❌ policy_workflow: " in line]
    assert len(words) == 1, refused

"""`run_policy_workflow`, end to end: the real dbt, connector and Snowpark, and HTTP."""

from __future__ import annotations

import json
from typing import Any

from tests.integration.workflow import Workflow

AWKWARD = (
    'it\'s "quoted" \\ back\\nslash\n$$ {{ x }} {% y %} 100% %s 🙂\u2028 `end` \\u0041 --/* c */'
)


def _named(name: str) -> dict[str, Any]:
    """An execution and its policy of the same name, for a list."""
    return {"execution_id": name, "policy_data": {"policy_name": name}}


def test_the_sample_policy_runs_to_its_end(workflow: Workflow) -> None:
    """One command creates, polls and triggers, and the row says so."""
    ran = workflow.run()
    assert ran.success, ran.output
    row = workflow.row()
    assert row["status"] == "completed"
    assert row["completed"] is True
    assert row["requires_circuit_breaker"] is True
    assert row["circuit_breaker_initiated"] is True
    assert row["circuit_breaker_completed"] is True
    assert row["error_message"] is None
    assert 1 <= row["poll_count"] <= 3
    assert ran.output.count("✅") == 5
    assert "Final status: completed with circuit_breaker_completed = TRUE" in ran.output


def test_the_api_receives_exactly_what_is_owed(workflow: Workflow) -> None:
    """One create with the policy as given, polls, and one circuit request with three fields."""
    policy = {"policy_name": "mine", "parameters": {"retention_days": 30, "ratio": 0.5}}
    assert workflow.run(policy_data=policy, execution_id="order-1").success
    row = workflow.row()
    created = json.loads(row["api_response"])
    assert workflow.sent("create") == [policy]
    assert [e.path for e in workflow.api.journal("status")] == [f"/policy/{row['policy_id']}"] * 2
    assert workflow.sent("circuit") == [
        {
            "policy_id": row["policy_id"],
            "execution_id": created["execution_id"],
            "trigger_reason": "The policy was executed successfully",
        }
    ]
    keys = [e.headers["idempotency-key"] for e in workflow.api.journal() if e.method == "POST"]
    assert keys == ["order-1:create_policy", "order-1:trigger_circuit_breaker"]
    assert row["execution_id"] == "order-1"


def test_ready_at_each_poll(workflow: Workflow) -> None:
    """A policy that becomes ready at the first, second or third poll completes."""
    ready = {"1": ["ready"], "2": ["pending", "ACTIVE"], "3": ["pending", "pending", "success"]}
    for polls, statuses in ready.items():
        workflow.api.order(policy_name=polls, statuses=statuses)
    assert workflow.run(policies=[_named(name) for name in ready]).success
    for row in workflow.rows():
        polls = row["execution_id"]
        assert row["poll_count"] == int(polls)
        paths = [entry.path for entry in workflow.api.journal("status")]
        assert paths.count(f"/policy/{row['policy_id']}") == int(polls)


def test_never_ready_is_an_error_after_three_polls(workflow: Workflow) -> None:
    """Three polls, status error, a failing command, and no circuit request."""
    workflow.api.order(statuses=["pending"])
    ran = workflow.run()
    assert not ran.success
    row = workflow.row()
    assert row["status"] == "error"
    assert row["completed"] is True
    assert row["poll_count"] == 3
    assert row["circuit_breaker_initiated"] is False
    assert "not ready after 3 of 3 attempts" in row["error_message"]
    assert workflow.api.journal("circuit") == []
    assert row["execution_id"] in ran.output


def test_failed_stops_at_once(workflow: Workflow) -> None:
    """The API's 'failed' ends the execution at that poll."""
    workflow.api.order(statuses=["pending", "failed", "ready"])
    ran = workflow.run()
    assert not ran.success
    assert workflow.row()["poll_count"] == 2
    assert len(workflow.api.journal("status")) == 2
    assert workflow.api.journal("circuit") == []


def test_step_three_failing_keeps_the_first_two(workflow: Workflow) -> None:
    """Steps 1 and 2 stay marked as done when the circuit breaker is not confirmed."""
    workflow.api.order(endpoint="circuit", http_status=200, body="<html>OK</html>")
    ran = workflow.run()
    assert not ran.success
    row = workflow.row()
    assert row["status"] == "error"
    assert row["policy_id"]
    assert row["requires_circuit_breaker"] is True
    assert row["circuit_breaker_initiated"] is True
    assert row["circuit_breaker_completed"] is False
    assert "<html>" in json.loads(row["circuit_breaker_response"])["body"]
    assert "✅ Step 1" in ran.output
    assert "✅ Step 2" in ran.output
    assert "❌ Step 3" in ran.output


def test_a_failed_create_is_recorded_and_nothing_follows(workflow: Workflow) -> None:
    """An HTML page is no policy: no id is made up, nothing is polled or triggered.

    A body that is not JSON is kept as text, as it was sent.
    """
    workflow.api.order(
        endpoint="create", policy_name="page", http_status=200, body="<html>hello</html>"
    )
    workflow.api.order(endpoint="create", policy_name="text", http_status=500, body=AWKWARD)
    assert not workflow.run(policies=[_named("page"), _named("text")]).success
    page, text = workflow.rows()
    for row in (page, text):
        assert row["status"] == "error"
        assert row["policy_id"] is None
    assert json.loads(text["api_response"])["body"] == AWKWARD
    assert workflow.api.journal("status") == []
    assert workflow.api.journal("circuit") == []


def test_awkward_texts_arrive_as_they_were_sent(workflow: Workflow) -> None:
    """Quotes, backslashes, newlines, $$, Jinja, %, emoji and U+2028 are data, everywhere.

    What looks like a template in --args is not rendered, in names, ids of the API and values.
    """
    policies: list[dict[str, Any]] = [
        {"policy_name": AWKWARD, AWKWARD: [AWKWARD, {"deep": AWKWARD}], "number": 1e-7},
        {"policy_name": "{{ 1 + 1 }}", "{% set x = 1 %}": "{{ target.password }}{# c #}"},
    ]
    workflow.api.order(endpoint="create", extra={"note": AWKWARD, "list": [AWKWARD]})
    workflow.api.order(endpoint="status", extra={"note": AWKWARD}, statuses=["ready"])
    workflow.api.order(endpoint="circuit", extra={"note": AWKWARD})
    ran = workflow.run(policies=[{"policy_data": policy} for policy in policies])
    assert ran.success, ran.output
    rows = workflow.rows()
    assert [json.loads(row["policy_data"]) for row in rows] == policies
    assert sorted(workflow.sent("create"), key=len) == sorted(policies, key=len)
    for row in rows:
        for column in ("api_response", "policy_status_response", "circuit_breaker_response"):
            assert json.loads(row[column])["note"] == AWKWARD
    responses = [json.loads(event["response"]) for event in workflow.events() if event["response"]]
    assert [response["note"] for response in responses] == [AWKWARD] * 6


def test_the_events_tell_the_whole_story(workflow: Workflow) -> None:
    """Every request and change of status is an event, in order."""
    assert workflow.run().success
    too_early = workflow.row()["poll_count"] - 1
    assert [(e["event"], e["status_before"], e["status_after"]) for e in workflow.events()] == [
        ("claimed", None, "pending"),
        ("create_policy", "pending", "policy_created"),
        *[("poll_policy_status", "policy_created", "policy_created")] * too_early,
        ("poll_policy_status", "policy_created", "policy_ready"),
        ("circuit_breaker_initiated", "policy_ready", "policy_ready"),
        ("trigger_circuit_breaker", "policy_ready", "completed"),
    ]


def test_a_completed_execution_is_reported_and_not_repeated(workflow: Workflow) -> None:
    """Running a completed execution_id again sends nothing and succeeds.

    An execution_id stands for one policy_data; another is refused, showing both.
    """
    assert workflow.run(execution_id="e", policy_data={"policy_name": "first"}).success
    requests = len(workflow.api.journal())
    assert workflow.run(execution_id="e", policy_data={"policy_name": "first"}).success
    ran = workflow.run(execution_id="e", policy_data={"policy_name": "second"})
    assert not ran.success
    assert "first" in ran.output
    assert "second" in ran.output
    assert len(workflow.api.journal()) == requests
    assert workflow.sent("create") == [{"policy_name": "first"}]


def test_a_failed_execution_goes_on_where_it_failed(workflow: Workflow) -> None:
    """A retry of the same execution_id does not create a second policy."""
    workflow.api.order(endpoint="circuit", http_status=500, times=1)
    assert not workflow.run(execution_id="retry").success
    assert workflow.run(execution_id="retry").success
    assert len(workflow.api.journal("create")) == 1
    assert len(workflow.api.journal("circuit")) == 2


def _policies(count: int) -> list[dict[str, Any]]:
    return [{"policy_data": {"policy_name": f"p{n}", "n": n}} for n in range(count)]


def test_a_list_of_twenty_with_failures(workflow: Workflow) -> None:
    """Each policy of a list has its own outcome; the failures are named, the others complete."""
    workflow.api.order(policy_name="p3", endpoint="create", http_status=400)
    workflow.api.order(policy_name="p7", statuses=["failed"])
    policies = _policies(20)
    policies[5]["execution_id"] = "named"
    ran = workflow.run(policies=policies)
    assert not ran.success
    counts = workflow.query('select "status", count(*) as n from policy_execution_state group by 1')
    assert {row["status"]: row["N"] for row in counts} == {"completed": 18, "error": 2}
    assert "2 of 20 execution(s) did not complete" in ran.output
    assert len({row["policy_id"] for row in workflow.rows() if row["policy_id"]}) == 19


def test_a_warm_run_sends_seven_statements_and_no_ddl(workflow: Workflow) -> None:
    """A warm run of one policy sends at most 7 statements; 300 policies send no more."""
    workflow.api.order(statuses=["ready"])
    one_call = {"policy_call_seconds": 3600}  # also on a busy machine
    assert workflow.run("deploy_policy_workflow", project_vars=one_call).success
    one = workflow.run(project_vars=one_call)
    assert one.success
    assert len(one.statements) <= 7, one.statements
    many = workflow.run(policies=_policies(300), project_vars=one_call)
    assert many.success, many.output[-2000:]
    assert len(many.statements) == len(one.statements)
    for statement in [*one.statements, *many.statements]:
        assert statement.split()[0].lower() in {"show", "call", "select"}
    assert len(workflow.api.journal("create")) == 301
    completed = workflow.query(
        """select count(*) as n from policy_execution_state where "status" = 'completed'"""
    )
    assert completed == [{"N": 301}]


def test_only_a_changed_registration_is_made_again(workflow: Workflow) -> None:
    """A var that is baked into the body registers anew; one that is not, does not."""
    unchanged = workflow.run(project_vars={"policy_wait_seconds": 10})
    assert not any("create or replace procedure" in sql for sql in unchanged.statements)
    changed = workflow.run(project_vars={"policy_trigger_reason": "another reason"})
    assert sum("create or replace procedure" in sql for sql in changed.statements) == 6
    why = f"{workflow.place} (tables, 6 procedures): the var policy_trigger_reason changed"
    assert why in changed.output
    several = {"policy_trigger_reason": "a third", "policy_api_connections": 7}
    diagnosed = workflow.run("diagnose_policy_execution", project_vars=several)
    assert "not current: the vars policy_api_connections, policy_trigger_reason" in diagnosed.output
    workflow.query("drop procedure explain_policy_api(varchar)")
    again = workflow.run("deploy_policy_workflow", project_vars=several)
    assert "policy_trigger_reason changed (create_policy, poll_policy_status" in again.output
    assert "; missing (explain_policy_api)" in again.output
    assert workflow.sent("circuit")[-1]["trigger_reason"] == "another reason"


def test_the_state_is_shown_and_cleaned_up(workflow: Workflow) -> None:
    """get_policy_execution_state shows each execution in a line, or the one that is asked for.

    clean_up_policy_executions empties the working set; the history stays.
    """
    assert workflow.run(policies=[_named(name) for name in ("a", "b", "c")]).success
    every = workflow.run("get_policy_execution_state", limit=2)
    assert every.success, every.output
    assert "2 execution(s) shown" in every.output
    one = workflow.run("get_policy_execution_state", execution_id="b")
    assert "b  completed  policy_id=" in one.output
    assert "1 execution(s) shown" in one.output
    events = len(workflow.events())
    ran = workflow.run("clean_up_policy_executions", retention_minutes=0)
    assert ran.success
    assert "removed 3 finished" in ran.output
    assert workflow.rows() == []
    assert len(workflow.events()) == events
    shown = workflow.run("get_policy_execution_state")
    assert "0 execution(s) shown" in shown.output


def test_retention_is_applied_at_each_start(workflow: Workflow) -> None:
    """A run removes finished rows past their retention, and no open or fresh ones."""
    assert workflow.run(policies=[_named("old"), _named("fresh")]).success
    workflow.query(
        """update policy_execution_state
        set "finished_at" = dateadd(hour, -2, sysdate())
        where "execution_id" = 'old'"""
    )
    assert workflow.run(execution_id="new").success
    assert [row["execution_id"] for row in workflow.rows()] == ["fresh", "new"]

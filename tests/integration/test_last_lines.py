"""The last ten lines of a run that failed say which policies failed, why, and what to type."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Mapping
from typing import Any

from tests.integration.described_apis.default_description import described_default
from tests.integration.workflow import Workflow

NO_REPEATS = {"policy_max_poll_attempts": 1, "policy_api_max_retries": 0}
# Twelve causes: the behaviour of the API that makes them.
CAUSES: dict[str, dict[str, Any]] = {
    "api_rejected": {"endpoint": "create", "http_status": 422},
    "policy_not_ready": {"endpoint": "status", "statuses": ["pending"]},
    "policy_failed": {"endpoint": "status", "statuses": ["failed"]},
    "api_unauthorized": {"endpoint": "create", "http_status": 401},
    "answer_unreadable": {"endpoint": "create", "http_status": 200, "body": "<html>"},
    "api_not_found": {"endpoint": "status", "http_status": 404},
    "api_redirect": {"endpoint": "create", "http_status": 302, "headers": {"Location": "/x"}},
    "circuit_accepted": {"endpoint": "circuit", "http_status": 202},
    "circuit_not_confirmed": {"endpoint": "circuit", "body": {"status": "maybe"}},
    "policy_id_missing": {"endpoint": "create", "body": {"status": "ok"}},
    "status_missing": {"endpoint": "status", "body": {"a": 1}},
    "outcome_unknown": {"endpoint": "create", "reset": "before"},
}
# How many policies meet each of them.
COUNTS = (14, 13, 12, 11, 10, 9, 8, 7, 5, 4, 2, 1)


def seen(workflow: Workflow, *flags: str, **arguments: Any) -> tuple[bool, list[str]]:
    """Run the workflow; answers whether it succeeded, and the lines of the terminal."""
    overrides = arguments.pop("project_vars", {})
    macro = arguments.pop("macro", "run_policy_workflow")
    screen = io.StringIO()
    with contextlib.redirect_stdout(screen):
        ran = workflow.run(macro, project_vars=overrides, flags=flags, **arguments)
    clock = re.compile(r"^(\x1b\[0m)?\d\d:\d\d:\d\d ")
    lines = [clock.sub("", line).strip() for line in screen.getvalue().splitlines()]
    return ran.success, [line for line in lines if line]


def _failing(workflow: Workflow, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Policies that fail, so many for each cause, which stands in their names backwards."""
    policies = []
    for cause, count in counts.items():
        for number in range(count):
            name = f"{cause[::-1]}-{number}"
            workflow.api.order(policy_name=name, **CAUSES[cause])
            policies.append({"policy_data": {"policy_name": name}})
    return policies


def test_twelve_causes_in_a_thousand(workflow: Workflow) -> None:
    """The last ten lines have every cause, three of its policies, its remedy and the command."""
    counts = dict(zip(CAUSES, COUNTS, strict=True))
    failing = _failing(workflow, counts)
    healthy = [{"policy_data": {"policy_name": f"h{n}"}} for n in range(1000 - len(failing))]
    # So many failures in a row would open the breaker, and hide the causes after them.
    vars_ = NO_REPEATS | {"policy_max_poll_attempts": 2, "policy_api_breaker_failures": 0}
    success, lines = seen(workflow, policies=[*failing, *healthy], project_vars=vars_)
    assert not success
    last = lines[-10:]
    assert "96 of 1000 execution(s) did not complete" in last[0]
    shown = "\n".join(last)
    assert list(re.findall(r"\d+ (\w+) [(]", shown)) == list(CAUSES)
    run = re.search(r"retry_policy_workflow --args '{run: (\S+)}'$", last[-1])
    assert run, last[-1]
    findings = workflow.diagnose(run=run[1], project_vars=vars_)["findings"]
    remedies = {finding["check"]: finding["next"] for finding in findings if finding["next"]}
    for cause, count in counts.items():
        assert f"{count} {cause} (" in shown
        assert len(re.findall(rf"{cause[::-1]}-\d", shown)) == min(3, count), cause
        sentence = re.split(r"(?<=[^. ])[.](?: |$)", remedies[cause])[0]
        assert sentence in shown, cause
    query = next(line for line in last if line.startswith("All of them: "))
    rows = workflow.query(query.removeprefix("All of them: "))
    assert len(rows) == 96
    assert {row["POLICY_NAME"] for row in rows} == {
        p["policy_data"]["policy_name"] for p in failing
    }
    assert max(len(line) for line in last if line != query) < 400


DOUBT = "without an idempotency key"
OF_CREATE = ["policy_id: ...", "create: again"]
OF_CIRCUIT = ["trigger: confirmed", "trigger: again"]


def _keyless() -> dict[str, Any]:
    """The vars of the workflow's API as one that knows no idempotency keys."""
    described = described_default({})
    del described["idempotency"]
    return NO_REPEATS | {"policy_api": described}


# What leaves a request in doubt, and the two decisions that end the doubt.
IN_DOUBT: dict[str, tuple[dict[str, Any], list[str]]] = {
    "create-lost": ({"endpoint": "create", "reset": "before"}, OF_CREATE),
    "create-moved": ({"endpoint": "create", "http_status": 302}, OF_CREATE),
    "circuit-lost": ({"endpoint": "circuit", "reset": "before"}, OF_CIRCUIT),
    "circuit-moved": ({"endpoint": "circuit", "http_status": 302}, OF_CIRCUIT),
}


def _assert_a_decision_is_asked_for(lines: list[str], execution_id: str) -> None:
    """The last line is the decision of a person, and no retry, which would do nothing."""
    assert lines[-1].startswith("Look at the API, then: dbt run-operation retry_policy_workflow")
    commands = re.findall(rf"{{execution_id: {execution_id}, (.+?)}}'", lines[-1])
    assert commands == IN_DOUBT[execution_id][1]
    is_of_create = IN_DOUBT[execution_id][1] is OF_CREATE
    sees = "the policy is there" if is_of_create else "the circuit breaker is triggered"
    assert f" if {sees}, else " in lines[-1]
    retries = f"'{{execution_id: {execution_id}}}'"
    assert not any(line.endswith(retries) for line in lines if "to go on" in line)
    assert DOUBT in "\n".join(lines)


def test_doubts_alone_and_among_others(workflow: Workflow) -> None:
    """Those that a retry takes up have its command, those in doubt have theirs, and it is last.

    One that is retried alone is told with each decision, and the one to repeat ends its doubt.
    """
    vars_ = _keyless()
    workflow.api.order(statuses=["ready"])
    for name, (order, _) in IN_DOUBT.items():
        workflow.api.order(policy_name=name, times=1, **order)
    workflow.api.order(endpoint="create", policy_name="lost", reset="before")
    workflow.api.order(endpoint="create", policy_name="bad", http_status=422)
    first, *others = [
        {"execution_id": name, "policy_data": {"policy_name": name}} for name in IN_DOUBT
    ]
    success, lines = seen(workflow, project_vars=vars_, **first)
    assert not success
    _assert_a_decision_is_asked_for(lines, "create-lost")
    assert not seen(workflow, policies=others, project_vars=vars_)[0]
    names = ["lost"] * 4 + ["bad"] * 3
    policies = [{"policy_data": {"policy_name": name}} for name in names]
    success, lines = seen(workflow, policies=policies, project_vars=vars_)
    assert not success
    assert re.search(r"retry_policy_workflow --args '{run: \S+}'$", lines[-2])
    assert "for each in doubt, such as: dbt run-operation retry_policy_workflow" in lines[-1]
    assert "create: again" in lines[-1]
    shown = "\n".join(lines[-10:])
    assert "4 create_in_doubt (lost, lost, lost, ...)" in shown
    assert "3 api_rejected (bad, bad, bad)" in shown
    assert "7 of 7 execution(s) did not complete" in shown
    for name, (_, commands) in IN_DOUBT.items():
        retry = {"macro": "retry_policy_workflow", "execution_id": name, "project_vars": vars_}
        success, lines = seen(workflow, **retry)
        assert not success
        _assert_a_decision_is_asked_for(lines, name)
        word, value = commands[-1].split(": ")
        assert seen(workflow, **retry, **{word: value})[0]


def test_an_open_breaker_is_a_cause_of_what_is_not_done(workflow: Workflow) -> None:
    """What stays where it is has its cause, with when the API is asked again."""
    workflow.api.order(endpoint="create", http_status=503)
    policies = [{"policy_data": {"policy_name": f"p{n}"}} for n in range(12)]
    one = {"policy_api_connections": 1, "policy_api_breaker_failures": 2}
    success, lines = seen(workflow, policies=policies, project_vars=one)
    assert not success
    shown = "\n".join(lines[-10:])
    assert "10 api_breaker_open (p" in shown
    assert "2 api_unavailable" in shown or "2 outcome_unknown" in shown
    assert re.search(r"asks the API again at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", shown)
    run = workflow.query('select max("run_id") as run from policy_execution_runs')[0]["RUN"]
    findings = workflow.diagnose(run=run, project_vars=one)["findings"]
    (finding,) = (f for f in findings if f["check"] == "api_breaker_open")
    assert finding["level"] == "warn"
    assert finding["says"].startswith("10 execution(s): ")
    assert "dbt run-operation reset_policy_api_breaker" in finding["next"]


def test_the_verdict_without_log_lines(workflow: Workflow) -> None:
    """With --quiet the lines of a verdict are all that is seen, and nothing stands below them."""
    workflow.api.order(endpoint="create", http_status=422)
    success, lines = seen(workflow, "--quiet", execution_id="e")
    assert not success
    assert [line.split(": ")[0] for line in lines[1:]] == [
        "❌ policy_workflow",
        "sample_policy (e)",
        "api_rejected",
        "Why, and what to do",
        "When the cause is mended, to go on where it stopped",
    ]
    assert lines[-1].endswith("dbt run-operation retry_policy_workflow --args '{execution_id: e}'")


def test_one_line_for_each_step_and_attempt(workflow: Workflow) -> None:
    """A run says each thing once, by the policy's name, and a later one says what was done."""
    workflow.api.order(statuses=["pending", "pending", "ready"])
    workflow.api.order(endpoint="circuit", http_status=422, times=1)
    policy = {"policy_name": "pii"}
    success, lines = seen(workflow, policy_data=policy, execution_id="e")
    assert not success
    steps = [line for line in lines if re.match(r"(policy_workflow: |✅ |❌ )Step ", line)]
    assert [re.sub(r"pol_\w+", "P", line) for line in steps] == [
        "✅ Step 1: Policy created and stored in state table (policy_id P): pii (e)",
        "policy_workflow: Step 2: poll 1 of at most 3: pii (e): policy_created (not ready at "
        "attempt 1 of 3: the API reports status 'pending')",
        "policy_workflow: Step 2: poll 2 of at most 3: pii (e): policy_created (not ready at "
        "attempt 2 of 3: the API reports status 'pending')",
        "✅ Step 2: Policy status confirmed as success/ready (3 poll(s)): pii (e)",
        "❌ Step 3: Circuit breaker not triggered (a request was started): pii (e)",
    ]
    success, lines = seen(workflow, macro="retry_policy_workflow", execution_id="e")
    assert success
    for step in ("✅ Step 1: ", "✅ Step 2: ", "✅ Step 3: ", "✅ Final status: completed with"):
        assert sum(step in line for line in lines) == 1, lines

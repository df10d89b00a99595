"""What explain_policy_api says of a draft, while another description is in use."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.workflow import Workflow

DRAFT: dict[str, Any] = {
    "secrets": {
        "key": "NOWHERE.NOTHING.KEY",
        "pair": {"name": "NOWHERE.NOTHING.PAIR", "type": "oauth2"},
    },
    "headers": {"X-Key": "{secret.key}", "Authorization": "Bearer {secret.pair}"},
    "idempotency": "none",
    "create": {"path": "/a/../things[1]|?", "id": "/id"},
}


def _explained(workflow: Workflow, described: Any = None, **arguments: Any) -> str:
    variables = {"policy_api": described} if described else {}
    ran = workflow.run("explain_policy_api", project_vars=variables, **arguments)
    assert ran.success, ran.output
    assert workflow.api.journal() == []
    return ran.output


def _registered(workflow: Workflow) -> dict[str, Any]:
    return {row["name"]: row["description"] for row in workflow.query("show procedures in schema")}


def test_a_draft_replaces_nothing(workflow: Workflow) -> None:
    """Procedures in use stay as they are, nothing is registered, and no secret is asked for."""
    assert workflow.run("deploy_policy_workflow").success
    before = _registered(workflow)
    ran = workflow.run("explain_policy_api", project_vars={"policy_api": DRAFT})
    assert ran.success, ran.output
    assert "    X-Key: [secret.key]" in ran.output
    assert "    Authorization: Bearer [secret.pair]" in ran.output
    assert f"    POST {workflow.api.base_url}/things%5B1%5D%7C\n" in ran.output
    assert not [text for text in ran.statements if text.lstrip().startswith("create")]
    assert _registered(workflow) == before
    assert workflow.run(execution_id="e").success
    assert _registered(workflow) == before


@pytest.mark.empty_schema
def test_an_empty_schema_gets_one_procedure(workflow: Workflow) -> None:
    """Where nothing is deployed, the command registers its own procedure, and makes no table."""
    _explained(workflow, DRAFT)
    _explained(workflow, DRAFT)
    assert workflow.names("procedures") == ["explain_policy_api"]
    assert workflow.names("tables") == []
    assert workflow.run("deploy_policy_workflow").success
    assert len(workflow.names("procedures")) == 7


def test_an_answer_is_about_the_policy_that_it_names(workflow: Workflow) -> None:
    """Without policy_id no answer is about another policy; with it, the ids are compared."""
    answer = {"policy_id": "42", "status": "triggered"}
    said = _explained(workflow, step="trigger", answer=answer)
    assert "    is read as: triggered" in said
    assert "note: Read as the answer about policy 42, which it names" in said
    assert "is read as: triggered" in _explained(
        workflow, step="trigger", answer=answer, policy_id="42"
    )
    for step in ("trigger", "poll"):
        other = _explained(workflow, step=step, answer=answer, policy_id="43")
        assert "(AnotherPolicy)" in other
        assert f"{workflow.api.base_url}/policy/43" in other or step == "trigger"
    said = _explained(workflow, step="poll", answer={"id": 7, "status": "active"})
    assert "    is read as: ready" in said
    assert "    is read as: triggered" in _explained(
        workflow, step="trigger", answer={"status": "triggered"}
    )


def test_a_part_of_an_answer_is_none(workflow: Workflow) -> None:
    """206 carries a part of an answer, which says nothing, also when the part looks whole."""
    answer = {"policy_id": "42", "status": "active"}
    said = _explained(workflow, answer=answer, policy_id="42", http_status=206)
    assert said.count("(IncompleteAnswer)") == 3
    assert "is read as: created" not in said


@pytest.mark.parametrize("step", ["create", "trigger"])
def test_a_conflict_is_read_as_both_requests_would(workflow: Workflow, step: str) -> None:
    """409 says no to the first request, and something else to a repeated one: both are printed."""
    said = _explained(workflow, step=step, answer={"error": "exists"}, http_status=409)
    first, _, again = said.partition(f"--- the answer to {step} (a repeated request)")
    assert f"--- the answer to {step} (the first request)" in first
    assert "    is read as: rejected (HTTP409)" in first
    assert "    is read as: unknown (RepeatedConflict)" in again
    both = _explained(workflow, step=step, answer={"error": "no"}, http_status=400)
    assert f"--- the answer to {step}\n" in both
    # Without a key nothing is repeated by itself, so there is no repeated request.
    keyless = _explained(workflow, DRAFT, step=step, answer={"error": "exists"}, http_status=409)
    assert "a repeated request" not in keyless

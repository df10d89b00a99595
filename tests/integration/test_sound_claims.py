"""The event of a claim is written only where the claim is sound, execution by execution."""

from __future__ import annotations

import json

from procedures.tables.claim_statements import claimed_events_sql
from tests.integration.workflow import Workflow, literal


def test_one_unsound_claim_does_not_hide_another(workflow: Workflow) -> None:
    """A row that stands twice and an execution with events get no event, and do not add up."""
    workflow.query(
        """insert into policy_execution_state ("execution_id") values
        ('twice'), ('twice'), ('known'), ('sound')"""
    )
    workflow.query("""insert into policy_execution_events ("execution_id") values ('known')""")
    events = [
        {"execution_id": execution_id, "event": "claimed", "event_id": execution_id}
        for execution_id in ("twice", "known", "sound")
    ]
    statement = claimed_events_sql("policy_execution_state", "policy_execution_events")
    workflow.query(statement.replace("?", literal(json.dumps(events))))
    written = workflow.query(
        """select "execution_id" from policy_execution_events where "event" = 'claimed'"""
    )
    assert [row["execution_id"] for row in written] == ["sound"]

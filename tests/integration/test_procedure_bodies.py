"""The bodies as they are registered: each procedure answers, in a module as Snowflake has it."""

from __future__ import annotations

import re

from tests.integration.workflow import Workflow


def test_each_procedure_answers(workflow: Workflow) -> None:
    """The commands CALL all seven, whose body is in an unregistered module, and succeed."""
    commands = (
        workflow.run(execution_id="done"),
        workflow.run(execution_id="open", wait=False),
        workflow.run("advance_policy_workflow"),
        workflow.run("cancel_policy_execution", execution_id="new", reason="test"),
        workflow.run("diagnose_policy_execution", check_api=True),
        workflow.run("explain_policy_api"),
    )
    called = set()
    for ran in commands[:3] + commands[4:]:
        assert ran.success, ran.output
    for ran in commands:
        assert "Python Interpreter Error" not in ran.output
        for statement in ran.statements:
            called |= set(re.findall(rf"call {workflow.place}[.](\w+)[(]", statement))
    assert sorted(called) == workflow.names("procedures")
    assert len(called) == 7

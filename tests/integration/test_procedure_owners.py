"""A procedure is called only when it belongs to the role that the tables belong to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_stack.snowflake.server import LocalSnowflake
from tests.integration.workflow import Workflow

pytestmark = pytest.mark.empty_schema

POLICY = {"policy_name": "p"}


@pytest.fixture(params=[False, True], ids=["shown", "hidden"])
def others_are(request: pytest.FixtureRequest, local_snowflake: LocalSnowflake) -> Iterator[None]:
    """Have INFORMATION_SCHEMA show procedures of other roles, or hide them."""
    local_snowflake.hides_procedures_of_others = request.param
    yield
    local_snowflake.hides_procedures_of_others = False


@pytest.mark.usefixtures("others_are")
def test_a_procedure_of_another_role_is_not_called(workflow: Workflow, new_role: str) -> None:
    """Same name, same COMMENT, another owner: no command calls it, and all say whose it is."""
    assert workflow.run("deploy_policy_workflow").success
    for name in ("create_policy", "cancel_policy_execution", "advance_policy_workflow"):
        workflow.query(
            f"grant ownership on procedure {workflow.place}.{name}(varchar) to role {new_role}"
            " copy current grants"
        )
    for macro, arguments in (
        ("run_policy_workflow", {"policy_data": POLICY}),
        ("retry_policy_workflow", {"execution_id": "e"}),
        ("advance_policy_workflow", {}),
        ("cancel_policy_execution", {"execution_id": "e", "reason": "x"}),
        ("clean_up_policy_executions", {}),
    ):
        ran = workflow.run(macro, **arguments)
        assert not ran.success, macro
        assert f"belongs to role {new_role}" in ran.output
        assert "Nothing was called" in ran.output
    assert workflow.rows() == []
    assert workflow.api.journal() == []


def test_the_doctor_says_whose_it_is(workflow: Workflow, new_role: str) -> None:
    """A finding of its own, and the procedure that checks the API is not called either."""
    assert workflow.run("deploy_policy_workflow").success
    workflow.query(
        f"grant ownership on procedure {workflow.place}.check_policy_api(varchar) "
        f"to role {new_role} copy current grants"
    )
    found = workflow.diagnose(check_api=True)
    about = [f for f in found["findings"] if f["check"] == "check_policy_api"]
    assert any(f["level"] == "error" and f"role {new_role}" in f["says"] for f in about)
    assert workflow.api.journal() == []

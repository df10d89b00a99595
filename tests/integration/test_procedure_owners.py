"""A procedure is called only when it belongs to the role that the tables belong to."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from local_snowflake.server import LocalSnowflake
from tests.integration.workflow import Workflow

pytestmark = pytest.mark.empty_schema

POLICY = {"policy_name": "p"}


FORMS = ("", "hides_procedures_of_others", "empties_definitions_of_others")


@pytest.fixture(params=FORMS, ids=["without definition", "hidden", "empty definition"])
def others_are(request: pytest.FixtureRequest, local_snowflake: LocalSnowflake) -> Iterator[None]:
    """Have INFORMATION_SCHEMA show procedures of other roles in each form that was seen."""
    if request.param:
        setattr(local_snowflake.account, request.param, True)
    yield
    if request.param:
        setattr(local_snowflake.account, request.param, False)


@pytest.fixture
def runner(workflow: Workflow, new_role: str) -> str:
    """Deploy, and give a role that owns nothing what a runner needs."""
    assert workflow.run("deploy_policy_workflow").success
    for name in workflow.names("procedures"):
        workflow.query(f"grant usage on procedure {name}(varchar) to role {new_role}")
    for name in workflow.names("tables"):
        workflow.query(f"grant select on table {name} to role {new_role}")
    workflow.environment["SNOWFLAKE_ROLE"] = new_role
    return new_role


@pytest.mark.usefixtures("others_are")
def test_a_runner_gets_a_true_diagnosis(workflow: Workflow, runner: str) -> None:
    """Registered, current, stale and withheld are distinguished, and the API is asked."""
    names = workflow.names("procedures")
    about = {f["check"]: f for f in workflow.diagnose(check_api=True)["findings"]}
    for name in names:
        assert about[name]["level"] == "ok", about[name]
        assert about[name]["says"].startswith("current; Python 3.11, owner ")
    assert about["API"]["level"] == "ok"
    assert re.search(r"Python 3[.]\S+, requests \d\S+, urllib3 \d", about["API"]["says"])
    stale = {"policy_trigger_reason": "another"}
    about = {f["check"]: f for f in workflow.diagnose(project_vars=stale)["findings"]}
    # The procedure that explains holds no settings.
    baked = [name for name in names if name != "explain_policy_api"]
    assert {about[name]["level"] for name in baked} == {"warn"}
    assert all("not current" in about[name]["says"] for name in baked)
    assert about["explain_policy_api"]["level"] == "ok"
    workflow.query(f"revoke usage on procedure check_policy_api(varchar) from role {runner}")
    about = {f["check"]: f for f in workflow.diagnose(check_api=True)["findings"]}
    for name in names:
        assert about[name]["level"] == ("error" if name == "check_policy_api" else "ok")
    assert about["API"]["says"].startswith("not checked")


@pytest.mark.usefixtures("others_are")
def test_an_older_procedure_of_another_role_is_left(workflow: Workflow, new_role: str) -> None:
    """What this role may not drop stays, and it is said whose it is to drop."""
    head = "language python runtime_version = '3.11' packages = ('snowflake-snowpark-python')"
    body = "$$\ndef f(session, *a):\n    pass # policy_execution_state\n$$"
    for types, comment in (
        ("varchar, varchar", ""),
        ("varchar, number", f"comment = 'policy_workflow {'0' * 32}'"),
    ):
        named = ", ".join(f"a{n} {kind}" for n, kind in enumerate(types.split(", ")))
        workflow.query(
            f"create procedure create_policy({named}) returns variant {head} handler = 'f' "
            f"{comment} as {body}"
        )
        workflow.query(f"grant usage on procedure create_policy({types}) to role {new_role}")
    for right in ("create table", "create procedure"):
        workflow.query(f"grant {right} on schema {workflow.place} to role {new_role}")
    for name in workflow.integrations:
        workflow.query(f"grant usage on integration {name} to role {new_role}")
    workflow.environment["SNOWFLAKE_ROLE"] = new_role
    ran = workflow.run("deploy_policy_workflow")
    assert ran.success, ran.output
    assert ran.output.count("another role owns it") == 2
    shown = workflow.query("show procedures like 'CREATE_POLICY' in schema " + workflow.place)
    assert len(shown) == 3


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

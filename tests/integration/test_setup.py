"""The set-up script makes an account in which three roles can do their work, and no more."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from snowflake.connector.errors import ProgrammingError
from sqlfluff.core import FluffConfig, Linter

from local_snowflake.server import LocalSnowflake
from local_stack.account import EMPTY_ACCOUNT
from local_stack.policy_api import PolicyApi
from tests.account.account import Account as LocalAccount
from tests.account.policy_api import ReachedApi
from tests.integration.parsed_project import parsed_project
from tests.integration.workflow import Ran, Workflow

pytestmark = pytest.mark.empty_schema

SECRET = "POLICY_DB.POLICY_WORKFLOW.API_TOKEN"
VARS = {"policy_api_secret": SECRET}
ADMIN, DEPLOYER, RUNNER, READER = (
    "ACCOUNTADMIN",
    "POLICY_DEPLOYER",
    "POLICY_RUNNER",
    "POLICY_READER",
)
VIEWS = (
    "policy_api_requests",
    "policy_execution_health",
    "policy_execution_history",
    "policy_execution_steps",
    "policy_executions",
)
TEST_OF_A_VIEW = "not_null_policy_executions_execution_id"
# Documented by Snowflake, and not in this version of sqlfluff's dialect.
NOT_IN_THE_DIALECT = (
    "alter network rule",
    "create external access integration",
    "alter external access integration",
)


@dataclass
class Account:
    """An account, and what people in it do, each with a role."""

    workflow: Workflow
    server: LocalSnowflake

    def run(
        self, role: str, macro: str, variables: dict[str, Any] | None = None, **more: Any
    ) -> Ran:
        """Run an operation with a role."""
        self.workflow.environment["SNOWFLAKE_ROLE"] = role
        return self.workflow.run(macro, project_vars=VARS | (variables or {}), **more)

    def build(self, role: str, *command: str) -> Ran:
        """Run a dbt command that makes models, with a role."""
        self.workflow.environment["SNOWFLAKE_ROLE"] = role
        return self.workflow.dbt(*command)

    def script(self, part: str | None = None, **variables: str) -> list[str]:
        """Print the script; answers its statements, as a worksheet would cut them."""
        self.workflow.environment["SNOWFLAKE_ROLE"] = ADMIN
        command = [
            "--quiet",
            "run-operation",
            "policy_workflow_setup_sql",
            "--vars",
            json.dumps(VARS | variables),
            "--args",
            json.dumps({"part": part}),
        ]
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            ran = self.workflow.dbt(*command, manifest=parsed_project())
        assert ran.success, ran.output
        assert ran.statements == []
        code = [line for line in printed.getvalue().splitlines() if not line.startswith("--")]
        *statements, rest = "\n".join(code).split(";\n")
        assert not rest.strip()
        return [statement.strip() for statement in statements]

    def paste(self, role: str, statements: list[str]) -> None:
        """Execute statements one after the other, as a worksheet does."""
        with self.workflow.connect(role=role) as connection:
            for statement in statements:
                connection.cursor().execute(statement)

    def read(self, role: str, sql: str) -> list[Any]:
        """Read something with a role."""
        with self.workflow.connect(role=role) as connection:
            found: Any = connection.cursor().execute(sql)
            return list(found.fetchall())

    def undeploy(self) -> None:
        """Remove what a deployment made."""
        ran = self.run(DEPLOYER, "undeploy_policy_workflow", drop_data=True)
        assert ran.success, ran.output

    def deploy(self) -> None:
        """Deploy as the deployer, which then grants what it made."""
        deployed = self.run(DEPLOYER, "deploy_policy_workflow")
        assert deployed.success, deployed.output
        self.paste(DEPLOYER, self.script("deployer"))


@pytest.fixture(scope="module")
def account(
    local_only: None,  # noqa: ARG001
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Account]:
    """Give an empty account that an administrator has set up with the printed script."""
    with PolicyApi() as api, LocalSnowflake(setup=EMPTY_ACCOUNT, threads=1) as server:
        reached = LocalAccount.local(server.environment())
        folder = tmp_path_factory.mktemp("account")
        workflow = Workflow(reached, ReachedApi(api.base_url), folder, "POLICY_WORKFLOW")
        found = Account(workflow, server)
        found.paste(ADMIN, [*found.script("account"), *found.script("schema")])
        found.deploy()
        built = found.build(DEPLOYER, "build")
        assert built.success, built.output
        yield found
        workflow.connection.close()


def everything(account: Account) -> dict[str, Any]:
    """What the account keeps besides data."""
    catalog = account.server.account.catalog
    kept = {key: value for key, value in vars(catalog).items() if not key.startswith("_")}
    return copy.deepcopy(kept)


def test_the_script_is_sql(account: Account) -> None:
    """Statement by statement, sqlfluff's Snowflake dialect can parse all that it knows."""
    linter = Linter(config=FluffConfig(overrides={"dialect": "snowflake"}))
    unparsed = []
    for statement in account.script():
        tree = linter.parse_string(statement + ";\n").tree
        if tree is None or "unparsable" in tree.type_set():
            unparsed.append(" ".join(statement.split()))
    assert len(unparsed) == len(NOT_IN_THE_DIALECT)
    assert all(text.startswith(NOT_IN_THE_DIALECT) for text in unparsed), unparsed


def test_the_script_holds_no_token(account: Account) -> None:
    """The secret gets a placeholder, and it and the rule are never replaced."""
    script = "\n".join(account.script())
    assert "secret_string = 'placeholder'" in script
    assert "replace" not in script
    assert "secret" not in "\n".join(
        statement for statement in account.script("deployer") if "policy_" not in statement
    )
    address = f"{account.workflow.api.host}:{account.workflow.api.port}"
    assert script.count("value_list") == script.count(f"value_list = ('{address}')") == 2


def test_names_come_from_vars(account: Account) -> None:
    """Roles, warehouse, rule, secret and schema are the vars'; what lies elsewhere gets USAGE."""
    script = account.script(
        policy_workflow_schema="other",
        policy_workflow_deployer_role="d",
        policy_workflow_warehouse="wh",
        policy_workflow_network_rule="net.rules.r",
        policy_api_secret="sec.keys.token",
        policy_api_secret_type="oauth2",
        policy_api_base_url="https://api.example.com/v1",
    )
    assert {
        "create schema if not exists net.rules",
        "create database if not exists sec",
        "grant usage on warehouse wh to role d",
        "grant usage on database sec to role d",
        "grant usage on schema sec.keys to role d",
        "grant usage on schema POLICY_DB.POLICY_WORKFLOW to role d",
        "grant create view on schema POLICY_DB.POLICY_WORKFLOW to role d",
        "grant create table on schema POLICY_DB.other to role d",
        "grant read on secret sec.keys.token to role d",
        f"grant select on table POLICY_DB.other.policy_execution_state to role {READER}",
    } <= set(script)
    # A secret of this type needs what only its owner has.
    assert not [text for text in script if text.startswith("create secret")]
    assert not [text for text in script if RUNNER in text and "sec" in text]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"part": "all"}, "part must be account, schema or deployer"),
        ({"apply": "yes"}, "apply must be true or false"),
        ({"variables": {"policy_workflow_runner_role": "a b"}}, "the var policy_workflow_runner"),
    ],
)
def test_a_bad_argument_is_refused(account: Account, arguments: dict[str, Any], says: str) -> None:
    """Before anything is printed or sent."""
    ran = account.run(ADMIN, "policy_workflow_setup_sql", **arguments)
    assert not ran.success
    assert says in ran.output
    assert ran.statements == []


def test_the_three_roles_do_their_work(account: Account) -> None:
    """Deploying, running, reading and diagnosing work with the script's grants alone."""
    again = account.run(DEPLOYER, "deploy_policy_workflow")
    assert "nothing was changed" in again.output
    ran = account.run(RUNNER, "run_policy_workflow", execution_id="e")
    assert ran.success, ran.output
    for role in (DEPLOYER, RUNNER, READER):
        diagnosed = account.run(role, "diagnose_policy_execution", execution_id="e", fail_on="warn")
        assert diagnosed.success, diagnosed.output
    for role in (DEPLOYER, RUNNER):
        diagnosed = account.run(role, "diagnose_policy_execution", fail_on="warn")
        assert diagnosed.success, diagnosed.output
    assert account.run(READER, "get_policy_execution_state").success
    for view in VIEWS:
        assert account.read(READER, f"select * from policy_db.policy_workflow.{view}")


def test_again_changes_nothing(account: Account) -> None:
    """Applying the script once more leaves every object, grant, owner and time as it was."""
    before = everything(account)
    ran = account.run(ADMIN, "policy_workflow_setup_sql", apply=True)
    assert ran.success, ran.output
    assert len(ran.statements) == len(account.script("account") + account.script("schema"))
    applied = account.run(DEPLOYER, "policy_workflow_setup_sql", part="deployer", apply=True)
    assert applied.success, applied.output
    assert everything(account) == before


def test_a_schema_with_managed_access(account: Account) -> None:
    """The script and the command say who runs the part of the deployer there, and it works so."""
    place = "policy_db.policy_workflow"
    account.paste(ADMIN, [f"alter schema {place} enable managed access"])
    try:
        ran = account.run(DEPLOYER, "policy_workflow_setup_sql", part="deployer", apply=True)
        assert not ran.success
        assert f"has managed access: only role {ADMIN}, which owns it" in ran.output
        assert "Insufficient privileges" in ran.output
        ran = account.run(ADMIN, "policy_workflow_setup_sql", part="deployer", apply=True)
        assert ran.success, ran.output
        assert "has managed access" in ran.output
    finally:
        account.paste(ADMIN, [f"alter schema {place} disable managed access"])


def test_what_was_there_is_altered(account: Account) -> None:
    """An integration keeps its grants, a secret its value; rule and integration are put right."""
    before = everything(account)
    address = before["network_rules"]["POLICY_DB.POLICY_WORKFLOW.POLICY_API_RULE"]
    changes = [
        f"alter secret {SECRET} set secret_string = 'real'",
        "alter network rule policy_db.policy_workflow.policy_api_rule "
        "set value_list = ('0.0.0.0:443')",
        "alter external access integration api_external_access set enabled = false",
        "create role if not exists other",
        "grant usage on integration api_external_access to role other",
    ]
    account.paste(ADMIN, changes)
    assert everything(account) != before
    assert account.run(ADMIN, "policy_workflow_setup_sql", part="account", apply=True).success
    after = everything(account)
    assert after["network_rules"] == before["network_rules"]
    assert after["integrations"] == before["integrations"]
    assert after["grants"]["OTHER"] == ["USAGE INTEGRATION API_EXTERNAL_ACCESS"]
    assert after["secrets"][SECRET]["value"] == "real"
    assert address == [f"{account.workflow.api.host}:{account.workflow.api.port}"]


GRANT = re.compile(
    r"grant (?P<right>[\w ]+) on (?P<kind>[\w ]+?) (?P<name>\S+) to role (?P<role>\w+)"
)


def is_named(grant: re.Match[str], output: str) -> bool:
    """Whether a command's output has the grant, or says that the role needs it."""
    if grant[0] in output:
        return True
    said = re.search(rf"role {grant['role']} needs (.*)", output)
    needed: list[str] = []
    for right in said[1].split("; ") if said else []:
        first, *others = right.split(", ")
        verb = first.partition(" on ")[0]
        needed += [first, *(f"{verb} on {other}" for other in others)]
    # A table of the workflow is named without the schema that the line has already.
    names = (grant["name"], grant["name"].split(".")[-1])
    return any(f"{grant['right']} on {grant['kind']} {name}" in needed for name in names)


def matching_command(account: Account, grant: re.Match[str]) -> Callable[[], Ran]:
    """The command of the grant's role that needs it."""
    role, number = grant["role"], len(account.server.statements)
    of_the_runner: dict[str, dict[str, Any]] = {
        "cancel_policy_execution": {"execution_id": "e", "reason": "test"},
        "advance_policy_workflow": {},
        "explain_policy_api": {},
        "check_policy_api": {"macro": "diagnose_policy_execution", "check_api": True},
        "policy_execution_events": {"macro": "retry_policy_workflow"},
        "policy_api_breakers": {"macro": "diagnose_policy_execution"},
    }
    object_name = grant["name"].split(".")[-1].split("(")[0]
    if grant["right"] == "create view":
        return lambda: account.build(role, "run", "--select", "policy_execution_history")
    if role == DEPLOYER:
        return lambda: account.run(role, "deploy_policy_workflow")
    if role == RUNNER:
        given = of_the_runner.get(object_name)
        if given is None:
            given = {"macro": "run_policy_workflow", "execution_id": f"e-{number}"}
        arguments: dict[str, Any] = {"macro": object_name, **given}
        if arguments["macro"] == "diagnose_policy_execution":
            arguments["fail_on"] = "error"
        return lambda: account.run(role, **arguments)
    if object_name == "policy_execution_events":
        story: dict[str, Any] = {"execution_id": "e", "fail_on": "error"}
        return lambda: account.run(role, "diagnose_policy_execution", **story)
    if object_name == "policy_execution_runs":
        return lambda: account.run(role, "diagnose_policy_execution", run="none")
    if object_name == "policy_api_breakers":
        return lambda: account.run(role, "diagnose_policy_execution", fail_on="error")
    return lambda: account.run(role, "get_policy_execution_state")


def test_every_role_has_grants_in_the_script(account: Account) -> None:
    """The tests of single grants below see all grants, and each is one statement of the script."""
    grants = [text for text in account.script() if text.startswith("grant")]
    found = [GRANT.fullmatch(text) for text in grants]
    assert all(found)
    assert {match["role"] for match in found if match} == {DEPLOYER, RUNNER, READER}
    assert len(set(grants)) == len(grants) > 20


@pytest.mark.parametrize("role", [DEPLOYER, RUNNER, READER])
def test_every_grant_is_needed_and_named(
    account: Account, role: str, subtests: pytest.Subtests
) -> None:
    """Without one of the script's grants its command fails, and that and the doctor name it."""
    found = [GRANT.fullmatch(statement) for statement in account.script()]
    # A view needs the tables, which the tests of a deployment remove.
    grants = sorted(
        (grant for grant in found if grant and grant["role"] == role),
        key=lambda grant: grant["right"] != "create view",
    )
    for grant in grants:
        statement = grant[0]
        if role == DEPLOYER and grant["right"] != "create view":
            account.undeploy()
        revoke = f"revoke {statement[6:]}".replace(" to role ", " from role ")
        account.paste(ADMIN, [revoke])
        with subtests.test(statement):
            if grant["kind"].startswith("future"):
                _check_future_views(account, grant)
            else:
                ran = matching_command(account, grant)()
                assert not ran.success, ran.output
                assert is_named(grant, ran.output), ran.output
                _check_doctor(account, statement, role)
        account.paste(ADMIN, [statement])
    if role == DEPLOYER:
        account.deploy()


def _check_doctor(account: Account, statement: str, role: str) -> None:
    diagnosed = account.run(role, "diagnose_policy_execution", fail_on="warn")
    assert not diagnosed.success
    assert statement in diagnosed.output, diagnosed.output


def _check_future_views(account: Account, grant: re.Match[str]) -> None:
    """The grants on today's views go with them at the next build."""
    statement = grant[0]
    assert account.build(DEPLOYER, "run").success
    with pytest.raises(ProgrammingError, match="does not exist or not authorized"):
        account.read(READER, "select * from policy_db.policy_workflow.policy_executions")
    ran = account.build(READER, "test", "--select", TEST_OF_A_VIEW)
    assert not ran.success
    _check_doctor(account, statement, READER)
    account.paste(ADMIN, [statement])
    assert account.build(DEPLOYER, "run").success
    account.read(READER, "select * from policy_db.policy_workflow.policy_executions")
    tested = account.build(READER, "test", "--select", TEST_OF_A_VIEW)
    assert tested.success, tested.output

"""One account and one policy API for the whole session; a schema of its own for each test.

Both are made on this machine, unless `--account` is given: then they are the ones that SNOWFLAKE_*
and POLICY_API_BASE_URL lead to. A test that is about the local Snowflake asks for it, by the
fixture `local_snowflake`, or `local_only` where it starts one of its own, and is skipped there.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from snowflake.connector.errors import ProgrammingError

from local_snowflake.server import LocalSnowflake
from local_stack.account import ACCOUNT
from local_stack.cli import CONTROL_VARIABLE
from local_stack.policy_api import PolicyApi
from tests.account.account import Account, OwnSchemas
from tests.account.policy_api import ReachedApi
from tests.integration.deployed_schemas import DeployedSchemas
from tests.integration.parsed_project import FOLDER
from tests.integration.workflow import Workflow
from tests.sql_audit.recording import VARIABLE as RECORDED
from tests.sql_audit.recording import write

_FAULT = "a fault that was held"
_PROMISE = "a promise that was held"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the account of SNOWFLAKE_* be asked for, which nobody's shell is to do by accident."""
    parser.addoption(
        "--account",
        action="store_true",
        help="run on the account of SNOWFLAKE_*, with the API at POLICY_API_BASE_URL",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Give the processes of these tests a folder for what they have parsed of the project."""
    if FOLDER not in os.environ:
        folder = tempfile.TemporaryDirectory()
        os.environ[FOLDER] = folder.name
        config.add_cleanup(folder.cleanup)


def pytest_report_header() -> str:
    """Print the versions in use."""
    names = ("dbt-core", "dbt-snowflake", "fakesnow", "snowflake-snowpark-python")
    return ", ".join(f"{name} {version(name)}" for name in names)


@pytest.fixture(scope="session")
def on_account(pytestconfig: pytest.Config) -> bool:
    """Tell the fixtures, and no test, whether this is not the stack of this machine."""
    return bool(pytestconfig.getoption("--account", default=False))


@pytest.fixture(scope="session")
def local_only(on_account: bool) -> None:
    """Skip, on an account, what starts a local stack of its own."""
    if on_account:
        pytest.skip("is about the local stack")


@pytest.fixture(scope="session")
def policy_api(on_account: bool) -> Iterator[ReachedApi]:
    """Give one policy API."""
    if not on_account:
        with PolicyApi() as running:
            yield ReachedApi(running.base_url)
        return
    api = ReachedApi(os.environ["POLICY_API_BASE_URL"], os.environ.get(CONTROL_VARIABLE))
    if api.controllable and "PYTEST_XDIST_WORKER" in os.environ:
        pytest.fail("one process would forget what another one ordered of the API: -n 0")
    yield api


@pytest.fixture(scope="session")
def local_snowflake(
    local_only: None,  # noqa: ARG001
    policy_api: ReachedApi,
) -> Iterator[LocalSnowflake]:
    """Run one local Snowflake whose procedures may reach the API."""
    with LocalSnowflake(setup=ACCOUNT, threads=1) as server:
        server.open_external_access(policy_api.host, policy_api.port)
        yield server
        if folder := os.environ.get(RECORDED):
            worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
            write(server.statements, Path(folder) / f"{worker}.jsonl")


@pytest.fixture(scope="session")
def account(request: pytest.FixtureRequest, on_account: bool) -> Account:
    """Give the account that everything runs on."""
    if on_account:
        return Account.from_environment(os.environ)
    return Account.local(request.getfixturevalue("local_snowflake").environment())


@pytest.fixture(scope="session")
def own_schemas(account: Account) -> Iterator[OwnSchemas]:
    """Give schemas of this process's own, and leave none."""
    with OwnSchemas(account) as schemas:
        yield schemas


@pytest.fixture(scope="session")
def deployed_schemas(
    request: pytest.FixtureRequest,
    account: Account,
    own_schemas: OwnSchemas,
    policy_api: ReachedApi,
    on_account: bool,
) -> Iterator[DeployedSchemas]:
    """Give schemas in which the workflow is deployed and has not run."""
    local = None if on_account else request.getfixturevalue("local_snowflake")
    sent = local.statements if local else None
    with DeployedSchemas(account, own_schemas, policy_api, sent) as schemas:
        yield schemas


@pytest.fixture
def workflow(
    request: pytest.FixtureRequest,
    account: Account,
    own_schemas: OwnSchemas,
    deployed_schemas: DeployedSchemas,
    policy_api: ReachedApi,
    tmp_path: Path,
) -> Iterator[Workflow]:
    """Give a schema that is this test's alone, and an API without history.

    The workflow is deployed in it, and nothing has run; marked `empty_schema`, it has nothing.
    """
    policy_api.reset()
    is_empty = request.node.get_closest_marker("empty_schema")
    with own_schemas.one() if is_empty else deployed_schemas.one() as schema:
        found = Workflow(account, policy_api, tmp_path, schema)
        yield found
        found.connection.close()


@pytest.fixture(scope="module")
def shared_workflow(
    account: Account,
    own_schemas: OwnSchemas,
    policy_api: ReachedApi,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Workflow]:
    """Give a schema to all tests of a module, each of which empties it as far as it needs."""
    with own_schemas.one() as schema:
        found = Workflow(account, policy_api, tmp_path_factory.mktemp("shared"), schema)
        yield found
        found.connection.close()


@pytest.fixture
def new_role(workflow: Workflow, on_account: bool) -> Iterator[str]:
    """Give a role that may enter the test's schema, and do nothing there."""
    role, account = f"{workflow.schema}_ROLE", workflow.account
    user = workflow.query("select current_user() as name")[0]["NAME"]
    try:
        workflow.query(f"create role {role}")
        for grant in (
            f'role {role} to user "{user}"',
            f"usage on database {account.database} to role {role}",
            f"usage on schema {workflow.place} to role {role}",
            f"usage on warehouse {account.warehouse} to role {role}",
        ):
            workflow.query(f"grant {grant}")
    except ProgrammingError as error:
        if not on_account:
            raise
        pytest.skip(f"needs a role that may make roles and share what it may do: {error.msg}")
    else:
        yield role
    finally:
        with suppress(ProgrammingError):
            workflow.query(f"drop role if exists {role}")


@pytest.fixture
def record_fault(request: pytest.FixtureRequest) -> Callable[[str, str, str, int], None]:
    """Give a function that notes fault, endpoint, status and requests of one that was held."""
    return lambda *entry: request.node.user_properties.append((_FAULT, entry))


@pytest.fixture
def record_promise(request: pytest.FixtureRequest) -> Callable[[str, str, int], None]:
    """Give a function that notes a fault, the promise that was held under it, and the tries."""
    return lambda *entry: request.node.user_properties.append((_PROMISE, entry))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what the fault suite held; what it did not hold has failed its test."""
    seen = [
        item
        for report in terminalreporter.stats.get("passed", ())
        for item in report.user_properties
    ]
    faults = [entry for name, entry in seen if name == _FAULT]
    promises = [entry for name, entry in seen if name == _PROMISE]
    if faults:
        terminalreporter.section("faults at an endpoint: status (requests); every one was held")
        table: dict[str, dict[str, str]] = {}
        for fault, endpoint, status, requests in faults:
            table.setdefault(fault, {})[endpoint] = f"{status} ({requests})"
        terminalreporter.write_line(f"{'fault':34}{'create':16}{'status':16}{'circuit':16}")
        for fault, row in table.items():
            cells = "".join(f"{row.get(name, '-'):16}" for name in ("create", "status", "circuit"))
            terminalreporter.write_line(f"{fault:34}{cells}")
    if promises:
        terminalreporter.section("promises held under a fault")
        terminalreporter.write_line(f"{'fault':58}{'promise':48}{'tries':>6}{'held':>6}")
        for fault, promise, tries in promises:
            terminalreporter.write_line(f"{fault:58}{promise:48}{tries:6}{tries:6}")

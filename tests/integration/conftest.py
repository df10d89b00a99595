"""One local stack for the whole session; a schema of its own, and an API reset, for each test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from local_stack.policy_api import PolicyApi
from local_stack.snowflake.server import LocalSnowflake
from tests.integration.workflow import Workflow
from tests.sql_audit.recording import VARIABLE as RECORDED
from tests.sql_audit.recording import write

_FAULT = "a fault that was held"
_PROMISE = "a promise that was held"


def pytest_report_header() -> str:
    """Print the versions in use."""
    names = ("dbt-core", "dbt-snowflake", "fakesnow", "snowflake-snowpark-python")
    return ", ".join(f"{name} {version(name)}" for name in names)


@pytest.fixture(scope="session")
def policy_api() -> Iterator[PolicyApi]:
    """Run one policy API."""
    with PolicyApi() as api:
        yield api


@pytest.fixture(scope="session")
def local_snowflake(policy_api: PolicyApi) -> Iterator[LocalSnowflake]:
    """Run one local Snowflake whose procedures may reach the API."""
    with LocalSnowflake() as server:
        server.open_external_access(policy_api.host, policy_api.port)
        yield server
        if folder := os.environ.get(RECORDED):
            worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
            write(server.statements, Path(folder) / f"{worker}.jsonl")


@pytest.fixture
def workflow(
    local_snowflake: LocalSnowflake, policy_api: PolicyApi, tmp_path: Path
) -> Iterator[Workflow]:
    """Give a schema of its own and an API without history."""
    policy_api.reset()
    found = Workflow(local_snowflake, policy_api, tmp_path)
    yield found
    found.connection.close()


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

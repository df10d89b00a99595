"""One local stack for the whole session; a schema of its own, and an API reset, for each test."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from local_stack.policy_api import PolicyApi
from local_stack.snowflake.server import LocalSnowflake
from tests.integration.workflow import Workflow


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


@pytest.fixture
def workflow(
    local_snowflake: LocalSnowflake, policy_api: PolicyApi, tmp_path: Path
) -> Iterator[Workflow]:
    """Give a schema of its own and an API without history."""
    policy_api.reset()
    found = Workflow(local_snowflake, policy_api, tmp_path)
    yield found
    found.connection.close()

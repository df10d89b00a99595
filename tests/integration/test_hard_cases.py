"""A project that installs this one is not hurt; `make matrix` has all cases on every dbt."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.integration.workflow import Workflow
from tests.matrix import hard_cases
from tests.matrix.hard_cases import Built, Host
from tests.repository import ROOT

pytestmark = pytest.mark.empty_schema


@pytest.fixture
def host(workflow: Workflow, tmp_path: Path) -> Host:
    """Give a host whose dbt runs in this process."""
    folder = tmp_path / "consumer"
    shutil.copytree(ROOT / "tests" / "integration" / "consumer_project", folder)
    # As `dbt deps` does for a local package, without a start of dbt.
    (folder / "dbt_packages").mkdir()
    (folder / "dbt_packages" / "policy_workflow").symlink_to(ROOT)
    packages = folder / "packages.yml"
    text = packages.read_text(encoding="utf-8").replace("POLICY_WORKFLOW", str(ROOT))
    packages.write_text(text, encoding="utf-8")
    workflow.query("create table raw_customers (customer_id number)")

    def dbt(command: list[str], environment: dict[str, str]) -> Built:
        kept = dict(workflow.environment)
        workflow.environment.update(environment)
        try:
            ran = workflow.dbt(*command, project=folder)
        finally:
            workflow.environment = kept
        return Built(ran.success, ran.output, "\n".join(ran.statements))

    def query(sql: str) -> list[dict[str, Any]]:
        return workflow.query(sql)

    target = Path(workflow.environment["DBT_TARGET_PATH"])
    return Host(folder, target, workflow.account.database, workflow.schema, dbt, query)


def test_a_host_that_only_installs_it(host: Host) -> None:
    """Nothing of ours is in its build, nothing is sent, nothing fails."""
    hard_cases.installed_only(host)


def test_a_host_without_the_schema(host: Host) -> None:
    """Its own nodes are built, ours says what to run, and the first operation makes the schema."""
    hard_cases.schema_missing(host)


def test_a_host_that_switches_it_off(host: Host) -> None:
    """One var takes all of ours out, and opens the gates."""
    hard_cases.switched_off(host)


def test_two_projects_in_one_schema(host: Host) -> None:
    """Neither views nor procedures of the other one are replaced before somebody says so."""
    hard_cases.deploy(host)
    hard_cases.two_projects(host)


@pytest.mark.skipif("POLICY_HARD_CASES" not in os.environ, reason="make matrix runs these")
@pytest.mark.parametrize("case", hard_cases.DEPLOYED, ids=lambda case: case.__name__)
def test_a_host_where_it_is_deployed(host: Host, case: Any) -> None:
    """The other cases, for those who change them."""
    hard_cases.deploy(host)
    case(host)

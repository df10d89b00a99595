"""The project as a package: installed into another project, and used from there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.workflow import Ran, Workflow
from tests.repository import ROOT

pytestmark = pytest.mark.empty_schema

MODELS = {
    "policy_api_requests",
    "policy_execution_health",
    "policy_execution_history",
    "policy_execution_steps",
    "policy_executions",
}
TABLES = [
    "policy_api_breakers",
    "policy_execution_events",
    "policy_execution_runs",
    "policy_execution_state",
]


class Installed:
    """A copy of the consumer project, with this project installed and its tables elsewhere."""

    def __init__(self, workflow: Workflow, folder: Path) -> None:
        self.workflow = workflow
        self.folder = folder / "consumer"
        self.schema = f"{workflow.schema}_POLICIES"
        shutil.copytree(ROOT / "tests" / "integration" / "consumer_project", self.folder)
        packages = self.folder / "packages.yml"
        text = packages.read_text(encoding="utf-8").replace("POLICY_WORKFLOW", str(ROOT))
        packages.write_text(text, encoding="utf-8")
        workflow.query("create table raw_customers (customer_id number)")
        self._create_schema(self.schema)
        project = yaml.safe_load((self.folder / "dbt_project.yml").read_text(encoding="utf-8"))
        project["vars"]["policy_workflow"]["policy_workflow_schema"] = self.schema
        self.write_project(project)
        assert self.dbt("deps").success

    def _create_schema(self, name: str) -> None:
        # A session of its own: it moves into the schema that it creates.
        with self.workflow.connect() as session:
            session.cursor().execute(f"create schema {self.workflow.account.database}.{name}")

    def write_project(self, project: dict[str, Any]) -> None:
        """Write dbt_project.yml."""
        text = yaml.safe_dump(project)
        (self.folder / "dbt_project.yml").write_text(text, encoding="utf-8")

    def project(self) -> dict[str, Any]:
        """Read dbt_project.yml."""
        text = (self.folder / "dbt_project.yml").read_text(encoding="utf-8")
        found: dict[str, Any] = yaml.safe_load(text)
        return found

    def dbt(self, *command: str) -> Ran:
        """Run a dbt command in the consumer."""
        return self.workflow.dbt(*command, project=self.folder)

    def there(self, kind: str, schema: str) -> list[str]:
        """The names of the tables, views or procedures of a schema; none when it is not there."""
        shown = self.workflow.query(f"show {kind} in account")
        return sorted(r["name"].lower() for r in shown if r["schema_name"] == schema)

    def executions(self, schema: str) -> list[tuple[str, str]]:
        """Ids and statuses in a schema's state table."""
        place = f"{self.workflow.account.database}.{schema}"
        rows = self.workflow.query(
            f'select "execution_id", "status" from {place}.policy_execution_state'
        )
        return sorted((row["execution_id"], row["status"]) for row in rows)


@pytest.fixture
def installed(workflow: Workflow, tmp_path: Path) -> Installed:
    """Give a consumer that has this project installed as a local package."""
    return Installed(workflow, tmp_path)


def test_an_installing_project(installed: Installed) -> None:
    """A build makes nothing of ours until a var asks for it; operations work by every name.

    What is made is where the consumer says, with its vars and its way to make ids. Commands with
    the same vars follow each other: only the first of them has to read the projects.
    """
    ours = ("build", "--select", "package:policy_workflow", "executions")
    alone = installed.dbt(*ours)
    assert alone.success, alone.output
    assert not any("policy_execution" in sql for sql in alone.statements)
    assert {*installed.workflow.names("views")} == {"executions"}
    assert installed.there("tables", installed.schema) == []
    _run_with_its_vars(installed)
    # The command line comes before the project.
    elsewhere = {"policy_workflow_schema": installed.workflow.schema, "batch": "b2"}
    wanted = {"policy_workflow_models": True, "policy_workflow_create_tables": True}
    given = ("--vars", json.dumps(elsewhere | wanted))
    built = installed.dbt(*ours, *given)
    assert built.success, built.output
    assert " unit tests" not in built.output
    monitoring = f"{installed.workflow.schema}_MONITORING"
    assert {*installed.there("views", monitoring)} == MODELS
    tables = installed.there("tables", installed.workflow.schema)
    assert tables == [*TABLES, "raw_customers"]
    own = {"customers", "executions", "retained_customers"}
    assert {*installed.workflow.names("views")} == own
    qualified = installed.dbt(
        *("run-operation", "policy_workflow.run_policy_workflow"),
        *("--args", "{policy_data: {policy_name: qualified}}", *given),
    )
    assert qualified.success, qualified.output
    assert installed.executions(installed.workflow.schema) == [("qualified-b2", "completed")]


def _run_with_its_vars(installed: Installed) -> None:
    """Run by bare and wrapped name: with the consumer's vars, its schema, and its ids."""
    bare = installed.dbt(
        "run-operation", "run_policy_workflow", "--args", "{policy_data: {policy_name: bare}}"
    )
    assert bare.success, bare.output
    wrapped = installed.dbt(
        "run-operation", "run_nightly_policy", "--args", "{policy_name: pii_retention}"
    )
    assert wrapped.success, wrapped.output
    assert "the schema_name of the consumer, the _schema_name of the consumer" in wrapped.output
    # The macro of another project reads the same vars: nothing is registered anew, or elsewhere.
    assert not any(sql.startswith("create") for sql in wrapped.statements)
    # The batch of the dispatched macro makes the ids.
    both = [("bare-none", "completed"), ("pii_retention-none", "completed")]
    assert installed.executions(installed.schema) == both
    reasons = [body["trigger_reason"] for body in installed.workflow.sent("circuit")]
    assert reasons == ["reason for the package"] * 2
    assert installed.there("tables", installed.workflow.schema) == ["raw_customers"]
    # The gate of the consumer's own models finds the package's tables.
    gate = installed.dbt("build", "--select", "package:consumer")
    assert gate.success, gate.output


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Give a bare git repository that holds the project as it stands."""
    made, bare = tmp_path / "working", tmp_path / "policy_workflow.git"
    listed = _run(["git", "ls-files", "-z", "-co", "--exclude-standard"], ROOT)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, made / name)
    who = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    _run(["git", "init", "-q", "-b", "main"], made)
    _run(["git", "add", "-A"], made)
    _run(["git", *who, "commit", "-q", "-m", "The project as it stands"], made)
    _run(["git", "clone", "-q", "--bare", str(made), str(bare)], tmp_path)
    return bare


def _run(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> str:
    ran = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_a_fresh_project_runs_the_workflow(workflow: Workflow, repository: Path) -> None:
    """Five lines of packages.yml and vars, dbt's own command line, and the package from git."""
    fresh = repository.parent / "fresh"
    fresh.mkdir()
    (fresh / "dbt_project.yml").write_text(
        "name: fresh\nprofile: test_sf\n"
        "vars:\n  policy_workflow:\n    policy_trigger_reason: from a fresh project\n",
        encoding="utf-8",
    )
    (fresh / "packages.yml").write_text(
        f"packages:\n  - git: {repository}\n    revision: main\n", encoding="utf-8"
    )
    environment = {**os.environ, **workflow.environment}
    dbt = [str(Path(sys.executable).with_name("dbt")), "--no-use-colors"]
    assert workflow.dbt("deps", project=fresh).success
    assert (fresh / "dbt_packages" / "policy_workflow" / "dbt_project.yml").is_file()
    command = workflow.with_vars("run-operation", "run_policy_workflow")
    said = _run([*dbt, *command], fresh, environment)
    assert "1 of 1 execution(s) completed" in said
    assert workflow.row()["status"] == "completed"
    assert [body["trigger_reason"] for body in workflow.sent("circuit")] == ["from a fresh project"]


def test_docs_and_grants_of_an_installing_project(installed: Installed, new_role: str) -> None:
    """Comments with apostrophes are written on the models, and their grants are given."""
    project = installed.project()
    project["models"]["policy_workflow"] |= {
        "+persist_docs": {"relation": True, "columns": True},
        "+grants": {"select": [new_role]},
    }
    wanted = {"policy_workflow_models": True, "policy_workflow_create_tables": True}
    project["vars"]["policy_workflow"] |= wanted
    installed.write_project(project)
    ran = installed.dbt("run", "--select", "+policy_executions")
    assert ran.success, ran.output
    place = f"{installed.workflow.place}_MONITORING.POLICY_EXECUTIONS"
    described = installed.workflow.query(f"describe view {place}")
    assert any("'s" in (row["comment"] or "") for row in described)
    granted = installed.workflow.query(f"show grants on view {place}")
    assert ("SELECT", new_role) in {(row["privilege"], row["grantee_name"]) for row in granted}

"""A project that installs this one, through what must not hurt it: its own nodes are built."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

OWN = "executions"
# What only we send: SHOW ... LIKE, and the names of our tables.
OF_OURS = re.compile(
    r"\bshow (tables|views|schemas) like|show procedures|policy_execution_(state|ev)"
)
MISSING = "does not exist, or role"
REMEDY = "dbt run-operation deploy_policy_workflow"


@dataclass
class Built:
    """What a command of the host came to: nodes by name, and all that was sent and said."""

    success: bool
    output: str
    sent: str
    statuses: dict[str, str] = field(default_factory=dict)


@dataclass
class Host:
    """The consumer project in a schema of its own.

    Args:
        folder: the project, with this one installed.
        target: where its dbt writes artifacts.
        database: that of the profile.
        schema: that of the profile.
        dbt: runs a command there, with variables of the environment that are to be others.
        query: runs a statement as the account's role.

    """

    folder: Path
    target: Path
    database: str
    schema: str
    dbt: Callable[[list[str], dict[str, str]], Built]
    query: Callable[[str], list[dict[str, Any]]]

    def __post_init__(self) -> None:
        text = (self.folder / "dbt_project.yml").read_text(encoding="utf-8")
        self._plain: dict[str, Any] = yaml.safe_load(text)
        self._plain.pop("models")

    def build(
        self,
        *options: str,
        environment: dict[str, str] | None = None,
        ours: dict[str, Any] | None = None,
        **project: Any,
    ) -> Built:
        """Build with the models of this project, `ours` as its vars, the rest as the host's."""
        changed = {**self._plain, **project}
        own = {**self._plain["vars"]["policy_workflow"], "policy_workflow_models": True}
        changed["vars"] = {**self._plain["vars"], "policy_workflow": {**own, **(ours or {})}}
        (self.folder / "dbt_project.yml").write_text(yaml.safe_dump(changed), encoding="utf-8")
        results = self.target / "run_results.json"
        results.unlink(missing_ok=True)
        built = self.dbt(["build", *options], environment or {})
        if results.is_file():
            for result in json.loads(results.read_text(encoding="utf-8"))["results"]:
                built.statuses[result["unique_id"].split(".")[2]] = result["status"]
        return built

    def operation(self, name: str, arguments: str = "{}", project_vars: str = "{}") -> Built:
        """Run an operation of ours from the host."""
        return self.dbt(["run-operation", name, "--args", arguments, "--vars", project_vars], {})

    def there(self, kind: str, schema: str) -> list[str]:
        """The names of the tables, views or procedures of a schema; none when it is not there."""
        shown = self.query(f"show {kind} in account")
        return sorted(row["name"] for row in shown if row["schema_name"] == schema)


def _own_is_built(built: Built) -> None:
    assert built.statuses.get(OWN) == "success", built.output


def installed_only(host: Host) -> None:
    """A host that uses nothing of it has nothing of it in its build, and loses nothing."""
    built = host.build("--exclude", "customers retained_customers source:*", ours={
        "policy_workflow_models": False, "policy_workflow_schema": "NOT_THERE"})  # fmt: skip
    assert built.success, built.output
    assert set(built.statuses) == {OWN}
    assert not OF_OURS.search(built.sent)


def schema_missing(host: Host) -> None:
    """A gate on a fresh account: its model fails alone and says what to run; then it is built."""
    place = f"{host.schema}_POLICIES"
    ours = {"policy_workflow_schema": place}
    built = host.build(ours=ours)
    _own_is_built(built)
    assert not built.success
    assert MISSING in built.output
    assert REMEDY in built.output
    assert "policy pii_retention is not in force" in built.output
    assert "does not exist or not authorized" not in built.output
    assert host.there("tables", place) == []
    ran = host.operation("run_policy_workflow", "{policy_data: {policy_name: pii_retention}}")
    assert ran.success, ran.output
    assert f"there is no schema {host.database}.{place}" in ran.output
    assert len(host.there("tables", place)) == 4


def quoting_on(host: Host) -> None:
    """The host quotes identifiers: its nodes and ours are built."""
    place = f"{host.schema}_QUOTED"
    host.query(f"create schema if not exists {host.database}.{place}")
    host.query(f"create table {host.database}.{place}.raw_customers (customer_id number)")
    for _ in ("made", "replaced"):
        built = host.build(
            environment={"SNOWFLAKE_SCHEMA": place},
            ours={"policy_workflow_schema": host.schema},
            quoting={"identifier": True},
        )
        assert built.success, built.output


def no_grants(host: Host) -> None:
    """A role that may do nothing where the policies live builds what is its own."""
    role = f"{host.schema}_HOST"
    place = f"{host.database}.{host.schema}"
    own = f"{place}_OWN"
    host.query(f"create role {role}")
    host.query(f"create schema if not exists {own}")
    for grant in (
        f"usage on database {host.database}",
        f"usage on schema {own}",
        f"create view on schema {own}",
        f"create table on schema {own}",
        "usage on warehouse POLICY_WH",
    ):
        host.query(f"grant {grant} to role {role}")
    schema = {"SNOWFLAKE_ROLE": role, "SNOWFLAKE_SCHEMA": f"{host.schema}_OWN"}
    built = host.build(environment=schema, ours={"policy_workflow_schema": host.schema})
    _own_is_built(built)
    assert MISSING in built.output
    assert REMEDY in built.output


def on_run_start(host: Host) -> None:
    """Nothing of ours runs before the host's nodes, whose skipping dbt 1.12 makes of a failure."""
    host.build("--select", OWN)
    nodes = json.loads((host.target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    assert not [name for name in nodes if name.startswith("operation.policy_workflow.")]


def empty(host: Host) -> None:
    """`--empty` builds ours as well: the views read no rows then."""
    built = host.build("--empty")
    assert built.success, built.output


def defer(host: Host) -> None:
    """`--defer` to what an earlier build made."""
    state = host.folder.parent / f"state_{host.folder.name}"
    state.mkdir(exist_ok=True)
    (state / "manifest.json").write_bytes((host.target / "manifest.json").read_bytes())
    built = host.build("--select", OWN, "policy_execution_health", "--defer", "--state", str(state))
    assert built.success, built.output


def grants(host: Host) -> None:
    """`+grants` of the host on our views."""
    host.query(f"create role if not exists {host.schema}_READER")
    built = host.build(models={"+grants": {"select": [f"{host.schema}_READER"]}})
    assert built.success, built.output


def persist_docs(host: Host) -> None:
    """Descriptions with apostrophes become comments of our views."""
    built = host.build(models={"+persist_docs": {"relation": True, "columns": True}})
    assert built.success, built.output


def selection(host: Host) -> None:
    """A build without our nodes sends nothing of ours."""
    built = host.build("--select", OWN)
    assert built.success, built.output
    assert set(built.statuses) == {OWN}
    assert not OF_OURS.search(built.sent)


def switched_off(host: Host) -> None:
    """One var: no node of ours, an open gate that says so, and operations that refuse."""
    off = {"policy_workflow_enabled": False, "policy_workflow_schema": "NOT_THERE"}
    built = host.build(ours=off)
    assert built.success, built.output
    assert set(built.statuses) == {OWN, "customers", "retained_customers"}
    assert not OF_OURS.search(built.sent)
    assert "whether policy pii_retention is in force was not asked" in built.output
    ran = host.operation("run_policy_workflow")
    assert not ran.success
    assert "policy_workflow is switched off" in ran.output


def two_projects(host: Host) -> None:
    """What another project has in the schema is neither replaced nor registered anew."""
    place = f"{host.schema}_THEIRS"
    assert host.build(ours={"policy_workflow_schema": host.schema}).success
    before = host.query("show views in account")
    moved = host.build(
        ours={"policy_workflow_schema": place, "policy_workflow_create_tables": True}
    )
    _own_is_built(moved)
    assert "it reads the tables in" in moved.output
    assert "Nothing was replaced" in moved.output
    assert [row["text"] for row in host.query("show views in account")] == [
        row["text"] for row in before
    ]
    host.build("--select", OWN, name="consumer", ours={"policy_workflow_schema": host.schema})
    registered = host.query(f"show procedures in schema {host.database}.{host.schema}")
    project = host.folder / "dbt_project.yml"
    text = project.read_text(encoding="utf-8")
    project.write_text(text.replace("name: consumer", "name: neighbour"), encoding="utf-8")
    other = '{"policy_trigger_reason": "of the neighbour"}'
    refused = host.operation("deploy_policy_workflow", project_vars=other)
    assert not refused.success
    assert "was deployed by the dbt project consumer, and this is neighbour" in refused.output
    again = host.query(f"show procedures in schema {host.database}.{host.schema}")
    assert [row["description"] for row in again] == [row["description"] for row in registered]
    taken = host.operation("deploy_policy_workflow", "{take_over: true}", other)
    assert taken.success, taken.output
    project.write_text(text, encoding="utf-8")


# In this order: what comes later has what schema_missing and the deployment before it made.
FRESH = (installed_only, schema_missing)
DEPLOYED = (
    *(quoting_on, no_grants, on_run_start, empty, defer, selection, switched_off),
    *(grants, persist_docs, two_projects),
)


def deploy(host: Host) -> None:
    """Deploy into the host's own schema, and put the policy in force that its gates ask for."""
    host.build("--select", OWN)
    ran = host.operation("run_policy_workflow", "{policy_data: {policy_name: pii_retention}}")
    assert ran.success, ran.output


def all_cases() -> Iterator[Callable[[Host], None]]:
    """Every case, with the deployment between those that come before and after it."""
    yield from (*FRESH, deploy, *DEPLOYED)

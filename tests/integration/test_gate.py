"""The gate: a build stops before it uses data whose policy is not in force."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.integration.workflow import Ran, Workflow
from tests.repository import ROOT

POLICY = {"policy_name": "pii_retention", "policy_type": "data_retention"}


class Consumer:
    """A project of somebody else, with a model behind the gate and a source with its test."""

    def __init__(self, workflow: Workflow, folder: Path) -> None:
        self.workflow = workflow
        self.folder = folder / "consumer"
        shutil.copytree(ROOT / "tests" / "integration" / "consumer_project", self.folder)
        packages = self.folder / "packages.yml"
        text = packages.read_text(encoding="utf-8").replace("POLICY_WORKFLOW", str(ROOT))
        packages.write_text(text, encoding="utf-8")
        workflow.query("create table raw_customers (customer_id number)")
        installed = workflow.dbt("deps", project=self.folder)
        assert installed.success, installed.output

    def build(self, **project_vars: Any) -> Ran:
        """Build the consumer's own models and tests."""
        return self.workflow.dbt(
            "build",
            "--select",
            "package:consumer",
            "--vars",
            json.dumps(project_vars),
            project=self.folder,
        )

    def built(self) -> set[str]:
        """Which of its models are there."""
        return {*self.workflow.names("views")} & {"retained_customers", "customers"}


@pytest.fixture
def consumer(workflow: Workflow, tmp_path: Path) -> Consumer:
    """Give a project that has installed this one as a package."""
    assert workflow.run("deploy_policy_workflow").success
    return Consumer(workflow, tmp_path)


def test_a_build_stops_while_the_policy_is_not_in_force(consumer: Consumer) -> None:
    """Hook and test both fail, nothing behind them is built, and the API hears nothing of it."""
    ran = consumer.build()
    assert not ran.success
    assert "policy pii_retention is not in force: it was never run" in ran.output
    assert consumer.built() == set()
    assert consumer.workflow.api.journal() == []


def test_a_build_goes_on_when_the_policy_is_in_force(consumer: Consumer) -> None:
    """After the policy completed both models are built, without another request."""
    assert consumer.workflow.run(policy_data=POLICY).success
    sent = len(consumer.workflow.api.journal())
    ran = consumer.build()
    assert ran.success, ran.output
    assert consumer.built() == {"retained_customers", "customers"}
    assert len(consumer.workflow.api.journal()) == sent


def test_a_gate_may_only_warn(consumer: Consumer) -> None:
    """With severity warn the model behind the hook is built, and the warning is printed."""
    ran = consumer.build(gate_severity="warn")
    assert "policy pii_retention is not in force" in ran.output
    assert consumer.built() == {"retained_customers"}


def _gate(workflow: Workflow, **arguments: Any) -> Ran:
    return workflow.run("require_policy_completed", policy_name="pii_retention", **arguments)


def test_the_latest_execution_decides(workflow: Workflow) -> None:
    """A later failure closes the gate, cancelling it opens it again; other policies don't count."""
    assert workflow.run(policy_data=POLICY, execution_id="first").success
    assert workflow.run(policy_data={"policy_name": "other"}).success
    opened = _gate(workflow)
    assert opened.success, opened.output
    workflow.api.order(endpoint="create", http_status=422)
    assert not workflow.run(policy_data=POLICY, execution_id="second").success
    closed = _gate(workflow)
    assert not closed.success
    assert "its latest execution second is error (Step 1 (create policy) failed" in closed.output
    assert workflow.run("cancel_policy_execution", execution_id="second", reason="typo").success
    assert _gate(workflow).success
    assert workflow.run("clean_up_policy_executions", retention_minutes=0).success
    assert workflow.rows() == []
    assert _gate(workflow).success


def test_a_completion_grows_old(workflow: Workflow) -> None:
    """Longer ago than the hours allow is not in force, and the message says how long."""
    assert workflow.run(policy_data=POLICY, execution_id="old").success
    workflow.query(
        """update policy_execution_events
        set "event_time" = dateadd(hour, -30, "event_time")"""
    )
    closed = _gate(workflow)
    assert not closed.success
    assert "execution old completed 30 hours ago, and 24 are allowed" in closed.output
    assert _gate(workflow, within_hours=48).success


def test_texts_in_a_policy_name_are_data(workflow: Workflow) -> None:
    """Quotes and backslashes in a name neither break the statement nor open the gate."""
    name = "it's \\ a \"name\" or '1'='1"
    assert workflow.run("deploy_policy_workflow").success
    closed = workflow.run("require_policy_completed", policy_name=name)
    assert not closed.success
    assert f"policy {name} is not in force: it was never run" in closed.output
    assert workflow.run(policy_data={"policy_name": name}).success
    assert workflow.run("require_policy_completed", policy_name=name).success


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ({"within_hours": 0}, "within_hours must be a whole number from 1 to 876000"),
        ({"within_hours": "24"}, "within_hours must be a whole number from 1 to 876000"),
        ({"severity": "ignore"}, "severity must be error or warn"),
    ],
)
def test_bad_arguments_are_refused(
    workflow: Workflow, arguments: dict[str, Any], answer: str
) -> None:
    """A bad argument is named before anything is sent."""
    ran = _gate(workflow, **arguments)
    assert not ran.success
    assert answer in ran.output
    assert ran.statements == []


@pytest.mark.empty_schema
def test_nothing_deployed_closes_the_gate(workflow: Workflow) -> None:
    """Without the events table no policy is in force, and the message says where it looked."""
    ran = _gate(workflow)
    assert not ran.success
    assert f"there is no {workflow.place}.policy_execution_events" in ran.output

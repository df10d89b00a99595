"""Models, their tests and the analyses: built on an empty schema, described, and able to fail."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.deployed_schemas import TABLES
from tests.integration.workflow import Workflow
from tests.repository import ROOT

MODELS = sorted(path.stem for path in (ROOT / "models").glob("*.sql"))
ANALYSES = sorted(path.stem for path in (ROOT / "analyses").glob("*.sql"))


MAKE_TABLES = json.dumps({"policy_workflow_create_tables": True})


@pytest.fixture(scope="module")
def built(shared_workflow: Workflow) -> Workflow:
    """Give a schema with the procedures and the views, for all tests that only fill tables."""
    assert shared_workflow.run("deploy_policy_workflow").success
    ran = shared_workflow.dbt("run")
    assert ran.success, ran.output
    return shared_workflow


@pytest.fixture
def emptied(built: Workflow) -> Workflow:
    """Give the schema without rows, and an API without orders."""
    for table in TABLES:
        built.query(f"delete from {table}")
    built.api.reset()
    return built


@pytest.fixture(scope="module")
def analyses(built: Workflow) -> dict[str, str]:
    """Give the compiled text of each analysis."""
    compiled = built.dbt("compile")
    assert compiled.success, compiled.output
    folder = built.folder / "target" / "compiled" / "policy_workflow" / "analyses"
    return {name: (folder / f"{name}.sql").read_text(encoding="utf-8") for name in ANALYSES}


def _created(workflow: Workflow, execution_id: str) -> dict[str, int]:
    """Have a run begin an execution, and take it no further; answers how many have a status."""
    executions = [{"execution_id": execution_id, "policy_data": {"policy_name": "p"}}]
    request = {"invocation_id": "first", "executions": executions}
    counts: dict[str, int] = workflow.call("create_policy", request)["counts"]
    return counts


@pytest.mark.empty_schema
def test_a_build_before_any_deployment(workflow: Workflow) -> None:
    """A model says in a sentence what to run, and what stands on it is skipped: nothing is made."""
    built = workflow.dbt("build")
    assert not built.success
    missing = (
        f"{workflow.place}.policy_execution_state does not exist, or role {workflow.account.role}"
    )
    assert f"{missing} may not see it. To create it: dbt run-operation deploy_policy_workflow" in (
        built.output
    )
    assert "1 error" in built.output
    assert workflow.names("tables") == workflow.names("views") == []
    tested = workflow.dbt("test", "--select", "statuses_are_known")
    assert f"{missing} may not see it" in tested.output


@pytest.mark.empty_schema
def test_a_build_that_may_make_the_tables(workflow: Workflow) -> None:
    """With the var it makes tables and views, and never a procedure; a second one sends no DDL."""
    built = workflow.dbt("build", "--vars", MAKE_TABLES)
    assert built.success, built.output
    assert workflow.names("views") == MODELS
    assert workflow.names("procedures") == []
    again = workflow.dbt("run", "--vars", MAKE_TABLES)
    assert again.success, again.output
    tables = [sql for sql in again.statements if "policy_execution_" in sql.lower()]
    assert not [sql for sql in tables if sql.lower().startswith(("create table", "alter"))]
    assert workflow.api.journal() == []
    before = workflow.query("describe table policy_execution_state")
    ran = workflow.run()
    assert ran.success, ran.output
    assert workflow.query("describe table policy_execution_state") == before


@pytest.mark.empty_schema
def test_tables_that_are_not_ours_or_old(workflow: Workflow) -> None:
    """Without the sixteen columns a table is not ours; without the newer ones it is brought up."""
    workflow.query('create table policy_execution_state ("execution_id" varchar)')
    built = workflow.dbt("build", "--vars", MAKE_TABLES)
    assert "policy_execution_state is not the workflow's" in built.output
    workflow.query("drop table policy_execution_state")
    assert workflow.run("deploy_policy_workflow").success
    workflow.query('alter table policy_execution_state drop column "polled_at"')
    old = workflow.dbt("build", "--select", "policy_execution_history")
    assert "policy_execution_state was made by an older version; to bring it up" in old.output
    assert workflow.dbt("run", "--vars", MAKE_TABLES).success


def test_the_models_hold_what_their_unit_tests_say(built: Workflow) -> None:
    """Off in a build, they are run here."""
    wanted = json.dumps({"policy_unit_tests_enabled": True})
    tested = built.dbt("test", "--select", "test_type:unit", "--vars", wanted)
    assert tested.success, tested.output
    assert "4 unit tests" in tested.output


def _answers(workflow: Workflow, analyses: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    return {name: workflow.query(text) for name, text in analyses.items()}


@pytest.mark.parametrize("name", ANALYSES)
def test_an_analysis_can_be_shown(name: str) -> None:
    """`dbt show` puts a limit behind the text, so an analysis has no limit itself, and no ';'.

    docs/snowflake_facts.md#dbt-vars-and-arguments
    """
    text = (ROOT / "analyses" / f"{name}.sql").read_text(encoding="utf-8")
    assert not re.search(r"\blimit\b|;\s*$", re.sub(r"--.*", "", text), re.IGNORECASE)


def test_every_analysis_runs(emptied: Workflow, analyses: dict[str, str]) -> None:
    """On empty tables, and after a success and a failure, with the answers that these give."""
    empty = _answers(emptied, analyses)
    assert {name for name, rows in empty.items() if rows} == {"success_rate"}
    emptied.api.order(policy_name="slow", statuses=["pending"])
    policies = [
        {"execution_id": "good", "policy_data": {"policy_name": "quick"}},
        {"execution_id": "bad", "policy_data": {"policy_name": "slow"}},
    ]
    ran = emptied.run(policies=policies)
    assert "1 of 2 execution(s) did not complete" in ran.output
    emptied.query(
        """update policy_execution_events
        set "event_time" = dateadd(hour, -2, "event_time") where "execution_id" = 'bad'"""
    )
    rows = _answers(emptied, analyses)
    assert [row["EXECUTION_ID"] for row in rows["recent_executions"]] == ["good", "bad"]
    assert rows["active_executions"] == rows["stuck_executions"] == []
    assert {key: float(value) for key, value in rows["success_rate"][0].items()} == {
        "TOTAL_EXECUTIONS": 2,
        "SUCCESSFUL": 1,
        "FAILED": 1,
        "SUCCESS_RATE_PERCENT": 50,
    }
    (failure,) = rows["failures_by_cause"]
    assert (failure["ERROR_CAUSE"], failure["EXAMPLE"]) == ("policy_not_ready", "bad")
    assert {row["STEP"] for row in rows["slowest_steps"]} == {1, 2, 3}
    assert [row["POLICY_NAME"] for row in rows["policies_never_ready"]] == ["slow"]
    assert [row["EVENT"] for row in rows["execution_story"]][-1] == "trigger_circuit_breaker"
    calls = {row["ENDPOINT"]: row["CALLS"] for row in rows["api_latency_by_endpoint"]}
    assert calls == {"GET /policy/{policy_id}": 5, "POST /circuit": 1, "POST /createpolicy": 2}


def test_open_executions_are_active_and_may_be_stuck(
    emptied: Workflow, analyses: dict[str, str]
) -> None:
    """An execution left open two hours ago stands in both questions."""
    assert _created(emptied, "open") == {"policy_created": 1}
    emptied.query(
        """update policy_execution_events set "event_time" = dateadd(hour, -2, "event_time")"""
    )
    rows = _answers(emptied, analyses)
    assert [row["EXECUTION_ID"] for row in rows["active_executions"]] == ["open"]
    assert [row["STATUS"] for row in rows["stuck_executions"]] == ["policy_created"]


BREAKAGES = {
    "executions_stand_once": (
        "insert into policy_execution_state select * from policy_execution_state"
    ),
    "statuses_are_known": """update policy_execution_state set "status" = 'half done'
        where "execution_id" = 'e'""",
    "completed_means_confirmed": """update policy_execution_state
        set "circuit_breaker_completed" = false""",
    "no_orphan_events": """delete from policy_execution_events where "event" = 'claimed'""",
    "runs_name_their_executions": """update policy_execution_runs set "execution_id" = null""",
    "no_gaps_in_events": """delete from policy_execution_events where "sequence" = 3""",
}


@pytest.fixture(scope="module")
def sound(built: Workflow) -> Iterator[Workflow]:
    """Give the schema with two completed executions, on which all tests of integrity are green."""
    for table in TABLES:
        built.query(f"delete from {table}")
    built.api.reset()
    policies = [{"execution_id": name, "policy_data": {"policy_name": name}} for name in "ef"]
    assert built.run(policies=policies).success
    assert built.dbt("test", "--select", "source:*").success
    for table in TABLES:
        built.query(f"create table kept_{table} as select * from {table}")
    yield built
    for table in TABLES:
        built.query(f"drop table kept_{table}")


def _mend(workflow: Workflow) -> None:
    """Put back what the tables held."""
    for table in TABLES:
        workflow.query(f"delete from {table}")
        workflow.query(f"insert into {table} select * from kept_{table}")


@pytest.mark.parametrize(("test", "breakage"), BREAKAGES.items(), ids=list(BREAKAGES))
def test_a_test_of_integrity_fails_on_what_it_forbids(
    sound: Workflow, test: str, breakage: str
) -> None:
    """Each is green before the breakage and red after it."""
    _mend(sound)
    sound.query(breakage)
    tested = sound.dbt("test", "--select", test)
    assert not tested.success
    assert f"Failure in test {test}" in tested.output


def test_tests_of_integrity_may_be_warnings_or_off(sound: Workflow) -> None:
    """As warnings, all of them let the build go on."""
    _mend(sound)
    for breakage in BREAKAGES.values():
        sound.query(breakage)
    warned = json.dumps({"policy_integrity_test_severity": "warn"})
    tested = sound.dbt("test", "--select", "source:*", "--vars", warned)
    assert tested.success
    for test in BREAKAGES:
        assert f"Warning in test {test}" in tested.output
    off = json.dumps({"policy_integrity_tests_enabled": False})
    assert "Nothing to do" in sound.dbt("test", "--select", "source:*", "--vars", off).output


def test_tests_of_health_are_there_when_wanted(emptied: Workflow) -> None:
    """Off by default; on, a stuck execution and a low success rate fail by the severity given."""
    emptied.api.order(http_status=422)
    assert _created(emptied, "bad") == {"error": 1}
    emptied.query(
        """update policy_execution_state set "completed" = false,
        "start_time" = dateadd(hour, -2, current_timestamp())::timestamp_ntz"""
    )
    names = ("no_stuck_executions", "success_rate_is_high_enough")
    health = ("test", "--select", *names)
    assert "Nothing to do" in emptied.dbt(*health).output
    on = {"policy_health_tests_enabled": True, "policy_health_test_severity": "error"}
    tested = emptied.dbt(*health, "--vars", json.dumps(on))
    assert not tested.success
    for name in names:
        assert f"Failure in test {name}" in tested.output
    warned = emptied.dbt(*health, "--vars", json.dumps({"policy_health_tests_enabled": True}))
    assert warned.success
    assert "Warning in test no_stuck_executions" in warned.output


def _undescribed(target: Path) -> list[str]:
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    catalog = json.loads((target / "catalog.json").read_text(encoding="utf-8"))
    missing = []
    nodes = {**manifest["nodes"], **manifest["sources"], **manifest["exposures"]}
    for key, node in nodes.items():
        if node["resource_type"] not in ("model", "source", "analysis", "exposure"):
            continue
        if not node["description"].strip():
            missing.append(key)
        described = {name.lower() for name, column in node.get("columns", {}).items()
                     if column["description"].strip()}  # fmt: skip
        found = {**catalog["nodes"], **catalog["sources"]}.get(key, {}).get("columns", {})
        missing += [f"{key}.{name}" for name in found if name.lower() not in described]
        missing += [f"{key}.{name} is not there" for name in described
                    if found and name not in {column.lower() for column in found}]  # fmt: skip
        if node["resource_type"] in ("model", "source") and not found:
            missing.append(f"{key} is not in the catalog")
    for key, macro in manifest["macros"].items():
        public = macro["package_name"] == "policy_workflow" and not macro["name"].startswith("_")
        if public and not macro["description"].strip():
            missing.append(key)
        missing += [f"{key}({argument['name']})" for argument in macro["arguments"]
                    if public and not argument["description"].strip()]  # fmt: skip
    return missing


def test_docs_describe_everything(built: Workflow) -> None:
    """Every model, source, column, analysis, exposure, public macro and argument is described."""
    generated = built.dbt("docs", "generate")
    assert generated.success, generated.output
    assert _undescribed(built.folder / "target") == []

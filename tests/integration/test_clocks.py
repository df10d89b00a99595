"""One clock decides: the database's, in UTC, whatever the zone and formats of a session."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from typing import Any

import pytest

from local_snowflake.server import LocalSnowflake
from tests.integration.test_runs import _statuses
from tests.integration.workflow import Workflow

EAST, WEST = "Pacific/Auckland", "America/Los_Angeles"
ZONES = [(EAST, WEST), (WEST, EAST)]
FORMATS = (
    {"TIMESTAMP_NTZ_OUTPUT_FORMAT": "DD.MM.YYYY HH24:MI"},
    {"TIMESTAMP_OUTPUT_FORMAT": "MON DD, YYYY HH12:MI AM"},
    {"TIMESTAMP_INPUT_FORMAT": "DD/MM/YYYY HH24:MI:SS"},
)


def _begun(workflow: Workflow, run: str, zone: str) -> Any:
    """Have a run of a session in a zone create one policy, and hold its execution."""
    executions = [{"execution_id": "e", "policy_data": {"policy_name": "p"}}]
    request = {"invocation_id": run, "executions": executions}
    return workflow.call("create_policy", request, TIMEZONE=zone)


@pytest.mark.parametrize(("one", "other"), ZONES)
def test_a_lease_holds_in_every_zone(workflow: Workflow, one: str, other: str) -> None:
    """What a session in one zone has just claimed is another's nowhere else."""
    assert workflow.run("deploy_policy_workflow").success
    assert _begun(workflow, "mine", one)["counts"] == {"policy_created": 1}
    assert _begun(workflow, "theirs", other)["to_poll"] == 0
    assert workflow.call("advance_policy_workflow", {"invocation_id": "a"}, TIMEZONE=other)[
        "processed"
    ] == 0  # fmt: skip
    assert workflow.row()["invocation_id"] == "mine"


@pytest.mark.parametrize(("one", "other"), ZONES)
def test_a_lease_that_is_over_is_over_in_every_zone(
    workflow: Workflow, one: str, other: str
) -> None:
    """A lease of ten seconds lasts no hours elsewhere."""
    assert workflow.run("deploy_policy_workflow").success
    _begun(workflow, "mine", one)
    workflow.query(
        'update policy_execution_state set "lease_expires_at" ='
        ' dateadd(second, -61, "lease_expires_at")'
    )
    assert _begun(workflow, "theirs", other)["to_poll"] == 1
    assert workflow.row()["invocation_id"] == "theirs"


@pytest.mark.parametrize(("one", "other"), ZONES)
def test_retention_counts_from_the_end_in_every_zone(
    workflow: Workflow, one: str, other: str
) -> None:
    """What has just finished stays for an hour, and what finished two hours ago goes."""
    assert workflow.run("deploy_policy_workflow").success
    workflow.api.order(statuses=["ready"])
    _begun(workflow, "mine", one)
    for procedure in ("poll_policy_status", "trigger_circuit_breaker"):
        workflow.call(procedure, {"invocation_id": "mine"}, TIMEZONE=one)
    assert _statuses(workflow) == {"e": "completed"}
    cleaning = {"invocation_id": "cleaning", "retention_minutes": 60}
    assert workflow.call("create_policy", cleaning, TIMEZONE=other)["cleaned"] == 0
    workflow.query(
        'update policy_execution_state set "finished_at" = dateadd(hour, -2, "finished_at")'
    )
    assert workflow.call("create_policy", cleaning, TIMEZONE=other)["cleaned"] == 1


@pytest.mark.parametrize(("one", "other"), ZONES)
def test_a_poll_is_due_in_every_zone(workflow: Workflow, one: str, other: str) -> None:
    """What was polled a moment ago is not polled by a session of another zone."""
    assert workflow.run("deploy_policy_workflow").success
    workflow.api.order(statuses=["pending"])
    _begun(workflow, "mine", one)
    polling = {"invocation_id": "mine", "release": True}
    workflow.call("poll_policy_status", polling, TIMEZONE=one)
    advancing = {"invocation_id": "a", "poll_interval_seconds": 600}
    assert workflow.call("advance_policy_workflow", advancing, TIMEZONE=other)["processed"] == 0
    advancing["poll_interval_seconds"] = 0
    assert workflow.call("advance_policy_workflow", advancing, TIMEZONE=other)["processed"] == 1


@pytest.mark.parametrize("formats", FORMATS)
def test_a_row_is_restored_whatever_the_formats(
    workflow: Workflow, formats: dict[str, str]
) -> None:
    """Times come back from the events as they were, in sessions that write and read them oddly."""
    assert workflow.run("deploy_policy_workflow").success
    workflow.api.order(statuses=["pending"])
    _begun(workflow, "mine", WEST)
    workflow.call("poll_policy_status", {"invocation_id": "mine"}, TIMEZONE=WEST)
    before = workflow.row()
    workflow.query("delete from policy_execution_state")
    request = {"invocation_id": "again", "executions": [{"execution_id": "e"}]}
    answer = workflow.call("create_policy", request, TIMEZONE=WEST, **formats)
    assert answer["to_poll"] == 1
    after = workflow.row()
    for name in ("start_time", "last_poll_time", "polled_at"):
        assert abs(after[name] - before[name]) < datetime.timedelta(seconds=2), name
    assert (after["policy_id"], after["poll_count"]) == (before["policy_id"], 1)
    assert json.loads(after["policy_data"]) == {"policy_name": "p"}


@pytest.fixture
def autumn(local_snowflake: LocalSnowflake) -> Iterator[LocalSnowflake]:
    """Set the clock to five minutes before New York's second one o'clock of an autumn night."""
    moment = datetime.datetime(2026, 11, 1, 5, 55, tzinfo=datetime.UTC)
    local_snowflake.account.clock_offset = moment - datetime.datetime.now(datetime.UTC)
    yield local_snowflake
    local_snowflake.account.clock_offset = None


def test_leases_hold_through_the_hour_that_repeats(
    workflow: Workflow, autumn: LocalSnowflake
) -> None:
    """At two o'clock it is one o'clock again: a lease from before is over, a new one is not."""
    zone = "America/New_York"
    assert workflow.run("deploy_policy_workflow").success
    assert autumn.account.clock_offset is not None
    _begun(workflow, "before", zone)
    # 1:55 in summer time; ten minutes on it is 1:05 in winter time.
    autumn.account.clock_offset += datetime.timedelta(minutes=10)
    assert _begun(workflow, "after", zone)["to_poll"] == 1
    assert workflow.row()["invocation_id"] == "after"
    autumn.account.clock_offset += datetime.timedelta(seconds=5)
    assert _begun(workflow, "too-early", zone)["to_poll"] == 0
    assert workflow.row()["invocation_id"] == "after"
    cleaning = {"invocation_id": "cleaning", "retention_minutes": 30}
    workflow.api.order(statuses=["ready"])
    for procedure in ("poll_policy_status", "trigger_circuit_breaker"):
        workflow.call(procedure, {"invocation_id": "after"}, TIMEZONE=zone)
    assert workflow.call("create_policy", cleaning, TIMEZONE=zone)["cleaned"] == 0
    autumn.account.clock_offset += datetime.timedelta(minutes=31)
    assert workflow.call("create_policy", cleaning, TIMEZONE=zone)["cleaned"] == 1

"""The state table is the one that was specified, and its queries answer rightly."""

from __future__ import annotations

import re

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.integration import seed_queries
from tests.integration.workflow import Workflow
from tests.repository import ROOT

pytestmark = pytest.mark.empty_schema

SIXTEEN = [
    ("execution_id", "VARCHAR", None),
    ("policy_id", "VARCHAR", None),
    ("poll_count", "NUMBER", "0"),
    ("status", "VARCHAR", "'pending'"),
    ("start_time", "TIMESTAMP_NTZ", "CURRENT_TIMESTAMP"),
    ("last_poll_time", "TIMESTAMP_NTZ", None),
    ("completed", "BOOLEAN", "FALSE"),
    ("requires_circuit_breaker", "BOOLEAN", "FALSE"),
    ("circuit_breaker_initiated", "BOOLEAN", "FALSE"),
    ("circuit_breaker_completed", "BOOLEAN", "FALSE"),
    ("error_message", "VARCHAR", None),
    ("message", "VARCHAR", None),
    ("api_response", "VARIANT", None),
    ("policy_data", "VARIANT", None),
    ("policy_status_response", "VARIANT", None),
    ("circuit_breaker_response", "VARIANT", None),
]
OURS = [
    "invocation_id",
    "lease_expires_at",
    "finished_at",
    "cancelled_at",
    "last_sequence",
    "polled_at",
    "policy_text",
]


def _columns(workflow: Workflow) -> list[tuple[str, str, str | None]]:
    rows = workflow.query("describe table policy_execution_state")
    return [(row["name"], re.sub(r"\(.*", "", row["type"]), _plain(row["default"])) for row in rows]


def _plain(default: str | None) -> str | None:
    """Defaults are described with other decorations: CAST('f' AS BOOLEAN), CURRENT_TIMESTAMP()."""
    if default is None:
        return None
    cast = re.fullmatch(r"CAST\('([tf])' AS BOOLEAN\)", default)
    text = {"t": "TRUE", "f": "FALSE"}[cast[1]] if cast else default
    return text.removesuffix("()").upper() if "pending" not in text else text


def test_the_table_begins_with_the_sixteen_columns(workflow: Workflow) -> None:
    """Names, types, defaults and order are as specified; our own columns follow."""
    assert workflow.run("deploy_policy_workflow").success
    columns = _columns(workflow)
    assert columns[:16] == SIXTEEN
    assert [name for name, _, _ in columns[16:]] == OURS
    assert all(default is None for _, _, default in columns[16:])


def test_an_older_table_is_extended_and_keeps_its_rows(workflow: Workflow) -> None:
    """A table with just the sixteen columns gets ours, and loses nothing."""
    definition = ", ".join(
        f'"{name}" {kind}' + (f" default {default}" if default else "")
        for name, kind, default in SIXTEEN
    )
    workflow.query(f"create table policy_execution_state ({definition})")
    workflow.query("""insert into policy_execution_state ("execution_id") select 'older'""")
    assert workflow.run("deploy_policy_workflow").success
    assert [name for name, _, _ in _columns(workflow)][16:] == OURS
    assert workflow.row()["execution_id"] == "older"
    assert workflow.row()["status"] == "pending"


@pytest.fixture
def five_statuses(workflow: Workflow) -> Workflow:
    """Give a row in each status: young, two hours old (stuck where open), and two days old."""
    assert workflow.run("deploy_policy_workflow").success
    for hours in (0, 2, 48):
        for status in ("pending", "policy_created", "policy_ready", "completed", "error"):
            completed = status in ("completed", "error")
            workflow.query(
                f"""insert into policy_execution_state
                    ("execution_id", "status", "completed", "start_time", "message")
                select '{status}-{hours}', '{status}', {completed},
                       dateadd(hour, -{hours}, current_timestamp())::timestamp_ntz, 'm'"""
            )
    return workflow


def test_recent_executions(five_statuses: Workflow) -> None:
    """The newest ten rows come, newest first."""
    rows = five_statuses.query(seed_queries.RECENT_EXECUTIONS)
    assert len(rows) == 10
    assert {row["execution_id"].rsplit("-", 1)[1] for row in rows} == {"0", "2"}
    assert list(rows[0]) == [
        "execution_id",
        "policy_id",
        "status",
        "poll_count",
        "circuit_breaker_completed",
        "message",
        "start_time",
    ]


def test_active_executions(five_statuses: Workflow) -> None:
    """Only what is not finished counts: three statuses of three ages."""
    assert five_statuses.query(seed_queries.ACTIVE_EXECUTIONS) == [{"ACTIVE_EXECUTIONS": 9}]


def test_stuck_executions(five_statuses: Workflow) -> None:
    """Open for over an hour; failures are finished, so they are not stuck."""
    rows = five_statuses.query(seed_queries.STUCK_EXECUTIONS)
    assert {row["execution_id"] for row in rows} == {
        f"{status}-{hours}"
        for status in ("pending", "policy_created", "policy_ready")
        for hours in (2, 48)
    }


def test_success_rate(five_statuses: Workflow) -> None:
    """Of the last 24 hours."""
    row = five_statuses.query(seed_queries.SUCCESS_RATE)[0]
    assert {key: float(value) for key, value in row.items()} == {
        "TOTAL_EXECUTIONS": 10,
        "SUCCESSFUL": 2,
        "FAILED": 2,
        "SUCCESS_RATE_PERCENT": 20.0,
    }


def test_unquoted_columns_do_not_work(five_statuses: Workflow) -> None:
    """The columns are quoted lower-case, as on Snowflake: unquoted they are not found."""
    with pytest.raises(ProgrammingError, match="invalid identifier 'STATUS'"):
        five_statuses.query("select status from policy_execution_state")


def test_the_docs_show_the_queries() -> None:
    """docs/queries.md has the queries word for word."""
    page = (ROOT / "docs" / "queries.md").read_text(encoding="utf-8")
    plain = re.sub(r"[ \t]+\n", "\n", page)
    for name in ("RECENT_EXECUTIONS", "ACTIVE_EXECUTIONS", "STUCK_EXECUTIONS", "SUCCESS_RATE"):
        assert re.sub(r"[ \t]+\n", "\n", getattr(seed_queries, name)) in plain

"""Fills tables that stand in place of the views, for the report to read."""

from __future__ import annotations

import datetime
import json
from typing import Any

from snowflake.connector import SnowflakeConnection

from tests.unit.report.records import Records

TIME = "timestamp_ltz"
NUMBER = "number(18, 3)"
VIEWS: dict[str, dict[str, str]] = {
    "policy_executions": {
        "execution_id": "varchar",
        "policy_id": "varchar",
        "policy_name": "varchar",
        "policy_type": "varchar",
        "status": "varchar",
        "is_finished": "boolean",
        "is_cancelled": "boolean",
        "started_at": TIME,
        "finished_at": TIME,
        "last_event_at": TIME,
        "duration_seconds": NUMBER,
        "create_seconds": NUMBER,
        "poll_seconds": NUMBER,
        "trigger_seconds": NUMBER,
        "total_polls": "number",
        "requests_sent": "number",
        "runs": "number",
        "lease_expires_at": "timestamp_ntz",
        "failed_step": "number",
        "error_cause": "varchar",
        "error_message": "varchar",
        "message": "varchar",
    },
    "policy_execution_steps": {
        "execution_id": "varchar",
        "step": "number",
        "step_name": "varchar",
        "started_at": TIME,
        "ended_at": TIME,
        "active_seconds": NUMBER,
        "attempts": "number",
        "result": "varchar",
    },
    "policy_api_requests": {
        "event_id": "varchar",
        "execution_id": "varchar",
        "step": "number",
        "endpoint": "varchar",
        "http_status": "number",
        "requests_sent": "number",
        "duration_ms": "number",
        "error_cause": "varchar",
        "requested_at": TIME,
    },
    "policy_execution_history": {
        "event_id": "varchar",
        "execution_id": "varchar",
        "sequence": "number",
        "event": "varchar",
        "step": "number",
        "attempt": "number",
        "status_after": "varchar",
        "http_method": "varchar",
        "http_status": "number",
        "requests_sent": "number",
        "duration_ms": "number",
        "error_cause": "varchar",
        "message": "varchar",
        "event_time": TIME,
        "active_seconds": NUMBER,
    },
}


def fill_views(connection: SnowflakeConnection, records: Records) -> None:
    """Create the tables in the session's schema and put the records into them."""
    cursor = connection.cursor()
    for view, columns in VIEWS.items():
        declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        cursor.execute(f"create or replace table {view} ({declared})")
        rows = [
            {name: _json_value(row[name]) for name in columns if row.get(name) is not None}
            for row in getattr(records, view)
        ]
        picked = ", ".join(f"f.value:{name}::{kind}" for name, kind in columns.items())
        cursor.execute(
            f"insert into {view} select {picked} from (select parse_json(?) as j) p,"
            " lateral flatten(input => p.j) f",
            [json.dumps(rows)],
        )


def _json_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.datetime) else value

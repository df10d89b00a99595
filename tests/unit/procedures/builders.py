"""Builders for tests of the procedures."""

from __future__ import annotations

from typing import Any

from procedures.common.settings import Settings

BASE = "https://api.example.com/v1"


def make_settings(**changes: Any) -> Settings:
    """Make settings for tests; no retries unless asked for."""
    values: dict[str, Any] = {
        "state_table": "db.s.policy_execution_state",
        "events_table": "db.s.policy_execution_events",
        "runs_table": "db.s.policy_execution_runs",
        "base_url": BASE,
        "timeout_seconds": 5,
        "step_deadline_seconds": 10,
        "max_retries": 0,
        "connections": 4,
        "requests_per_second": None,
        "success_statuses": ("success", "completed", "active", "ready"),
        "failure_statuses": ("failed",),
        "confirmed_statuses": ("ok", "success", "triggered", "tripped", "open"),
        "max_poll_attempts": 3,
        "lease_seconds": 60,
        "retention_minutes": 60,
        "trigger_reason": "because",
    }
    return Settings(**(values | changes))

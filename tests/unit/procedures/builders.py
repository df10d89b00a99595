"""Builders for tests of the procedures."""

from __future__ import annotations

from typing import Any

from procedures.common.settings import Settings
from procedures.http.credentials import Credentials

BASE = "https://api.example.com/v1"


def make_api(base_url: str = BASE, **changes: Any) -> dict[str, Any]:
    """Make the description of the sample API; `changes` has parts of it by step, or other keys."""
    header = {"header": "Idempotency-Key"}
    api: dict[str, Any] = {
        "secrets": {},
        "headers": {"Accept": "application/json"},
        "find": None,
        "create": {
            "method": "POST",
            "url": f"{base_url}/createpolicy",
            "body": "{policy}",
            "busy": [],
            "id": None,
            "already": [],
            "key": header,
        },
        "poll": {
            "method": "GET",
            "url": f"{base_url}/policy/{{policy_id}}",
            "body": None,
            "busy": [],
            "id": None,
            "status": None,
        },
        "trigger": {
            "method": "POST",
            "url": f"{base_url}/circuit",
            "body": {
                "policy_id": "{policy_id}",
                "execution_id": "{api_execution_id}",
                "trigger_reason": "{trigger_reason}",
            },
            "busy": [],
            "confirm": None,
            "already": [],
            "key": header,
        },
    }
    for name, change in changes.items():
        both = isinstance(change, dict) and isinstance(api[name], dict)
        api[name] = api[name] | change if both else change
    return api


def make_api_with_secret(kind: str = "generic_string", base_url: str = BASE) -> dict[str, Any]:
    """Make the description of the sample API with a token in the header Authorization."""
    scheme = "Basic" if kind == "password" else "Bearer"
    return make_api(
        base_url,
        secrets={"policy_api_secret": kind},
        headers={"Authorization": f"{scheme} {{secret.policy_api_secret}}"},
    )


def make_credentials(token: str) -> Credentials:
    """Make the credentials for `make_api_with_secret`."""
    return Credentials({"secret.policy_api_secret": token}, (token,))


def make_settings(**changes: Any) -> Settings:
    """Make settings for tests: the sample API, unless `base_url` or `api` is given; no retries."""
    base_url = changes.pop("base_url", BASE)
    values: dict[str, Any] = {
        "state_table": "db.s.policy_execution_state",
        "events_table": "db.s.policy_execution_events",
        "runs_table": "db.s.policy_execution_runs",
        "breakers_table": "db.s.policy_api_breakers",
        "api": make_api(base_url),
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
        "call_seconds": 20,
        "breaker_failures": 5,
        "breaker_open_seconds": 60,
        "retention_minutes": 60,
        "trigger_reason": "because",
    }
    return Settings(**(values | changes))

"""The settings that a procedure was registered with; no caller can change them."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any

# The registration replaces this text with the project's vars, as JSON.
POLICY_WORKFLOW_SETTINGS = "{}"


@dataclass(frozen=True)
class Settings:
    """The settings baked into the procedure's body.

    A caller that may only CALL the procedure cannot change them, so no caller can send the owner's
    token to another address. Times are in seconds unless the name says otherwise. `api` describes
    the requests to the API (see description).
    """

    state_table: str
    events_table: str
    runs_table: str
    breakers_table: str
    api: dict[str, Any]
    timeout_seconds: float
    step_deadline_seconds: float
    max_retries: int
    connections: int
    requests_per_second: float | None
    success_statuses: tuple[str, ...]
    failure_statuses: tuple[str, ...]
    confirmed_statuses: tuple[str, ...]
    max_poll_attempts: int
    lease_seconds: int
    call_seconds: int
    breaker_failures: int
    breaker_open_seconds: int
    retention_minutes: int
    trigger_reason: str


def load_settings(text: str | None = None) -> Settings:
    """Read the settings from their JSON text (default: the text baked into this body).

    Raises:
        TypeError: when a setting is missing or unknown: then `deploy_policy_workflow` did not make
            this body.

    """
    values = json.loads(POLICY_WORKFLOW_SETTINGS if text is None else text)
    for field in fields(Settings):
        if isinstance(values.get(field.name), list):
            values[field.name] = tuple(values[field.name])
    return Settings(**values)

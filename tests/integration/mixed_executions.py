"""Hundreds of executions of every kind: what people will look at, made by real runs."""

from __future__ import annotations

import random
from typing import Any

from tests.integration.workflow import Ran, Workflow

# What the API does, how the execution ends at the first run, and of what cause.
KINDS: dict[str, tuple[dict[str, Any], str, str | None]] = {
    "ready at once": ({"statuses": ["ready"]}, "completed", None),
    "ready at the second poll": ({"statuses": ["pending", "active"]}, "completed", None),
    "never ready": ({"statuses": ["pending"]}, "error", "policy_not_ready"),
    "failed": ({"statuses": ["failed"]}, "error", "policy_failed"),
    "create refused": ({"endpoint": "create", "http_status": 422}, "error", "api_rejected"),
    "create unauthorized": (
        {"endpoint": "create", "http_status": 401},
        "error",
        "api_unauthorized",
    ),
    "create unknown": ({"endpoint": "create", "http_status": 500}, "error", "outcome_unknown"),
    "create unread": ({"endpoint": "create", "body": "<html>"}, "error", "answer_unreadable"),
    "create without id": ({"endpoint": "create", "body": {}}, "error", "policy_id_missing"),
    "poll not found": ({"endpoint": "status", "http_status": 404}, "error", "api_not_found"),
    "poll unavailable": ({"endpoint": "status", "http_status": 502}, "error", "api_unavailable"),
    "poll without status": ({"endpoint": "status", "body": {}}, "error", "status_missing"),
    "circuit refused": (
        {"endpoint": "circuit", "body": {"status": "failed"}},
        "error",
        "circuit_refused",
    ),
    "circuit reset": ({"endpoint": "circuit", "reset": "before"}, "error", "outcome_unknown"),
    "circuit rate limited": (
        {"endpoint": "circuit", "http_status": 429},
        "error",
        "api_rate_limited",
    ),
}
VARS = {
    "policy_api_max_retries": 0,
    "policy_max_poll_attempts": 2,
    "policy_api_timeout_seconds": 5,
    "policy_api_connections": 64,
}


class MixedExecutions:
    """A randomised run, and what it must have come to.

    Args:
        workflow: where it runs.
        count: how many executions.
        seed: makes the same choice again.

    """

    def __init__(self, workflow: Workflow, count: int, seed: int) -> None:
        self.workflow = workflow
        chooser = random.Random(seed)
        names = [*KINDS, "ready at once", "ready at once", "ready at the second poll"]
        self.kinds = {f"mixed-{number:04}": chooser.choice(names) for number in range(count)}

    def run(self) -> Ran:
        """Run them all in one go."""
        self.workflow.api.order(statuses=["ready"])
        for kind, (behaviour, _, _) in KINDS.items():
            self.workflow.api.order(policy_name=kind, **behaviour)
        policies = [
            {
                "execution_id": execution_id,
                "policy_data": {"policy_name": kind, "policy_type": "mixed", "password": "p-1"},
            }
            for execution_id, kind in self.kinds.items()
        ]
        return self.workflow.run(policies=policies, project_vars=VARS)

    def statuses(self) -> dict[str, str]:
        """The status that each execution must have after the run."""
        return {execution_id: KINDS[kind][1] for execution_id, kind in self.kinds.items()}

    def causes(self) -> dict[str, str]:
        """The cause of each that must have failed."""
        return {
            execution_id: cause
            for execution_id, kind in self.kinds.items()
            if (cause := KINDS[kind][2])
        }

    def of_kind(self, *kinds: str) -> list[str]:
        """The ids of some kinds."""
        return [execution_id for execution_id, kind in self.kinds.items() if kind in kinds]

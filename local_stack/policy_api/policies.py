"""The policies, and what the three endpoints do with them."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field
from typing import Any

SUCCESS = {"success", "completed", "active", "ready"}
# By default a policy is ready at the second poll.
DEFAULT_STATUSES = ["pending", "ready"]


@dataclass
class Policy:
    """A policy that was really created."""

    policy_id: str
    execution_id: str
    definition: dict[str, Any]
    polls: int = 0
    status: str = "pending"
    circuit_breakers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def name(self) -> str | None:
        """The policy_name of the policy, by which behaviours are ordered."""
        name = self.definition.get("policy_name")
        return name if isinstance(name, str) else None


class Policies:
    """All policies of one API; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._policies: dict[str, Policy] = {}

    def create(self, definition: dict[str, Any]) -> Policy:
        """Create a policy with ids of its own."""
        policy = Policy(f"pol_{uuid.uuid4().hex[:12]}", f"exec_{uuid.uuid4().hex[:12]}", definition)
        with self._lock:
            self._policies[policy.policy_id] = policy
        return policy

    def get(self, policy_id: str) -> Policy | None:
        """Find a policy."""
        return self._policies.get(policy_id)

    def poll(self, policy: Policy, statuses: list[str]) -> str:
        """Take the policy one status further."""
        with self._lock:
            policy.status = statuses[min(policy.polls, len(statuses) - 1)]
            policy.polls += 1
            return policy.status

    def trigger(self, policy: Policy, request: dict[str, Any]) -> str:
        """Trigger the circuit breaker of a policy."""
        breaker = f"cb_{uuid.uuid4().hex[:12]}"
        with self._lock:
            policy.circuit_breakers.append({"circuit_breaker_id": breaker, **request})
        return breaker

    def effects(self) -> list[dict[str, Any]]:
        """What really happened, with an object for each policy."""
        with self._lock:
            return [
                {
                    "policy_id": policy.policy_id,
                    "policy_name": policy.name,
                    "status": policy.status,
                    "polls": policy.polls,
                    "circuit_breakers": list(policy.circuit_breakers),
                }
                for policy in self._policies.values()
            ]

    def clear(self) -> None:
        """Forget every policy."""
        with self._lock:
            self._policies.clear()

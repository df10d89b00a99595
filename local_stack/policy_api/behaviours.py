"""How the API can be told to behave, for all policies or for one."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

ENDPOINTS = ("create", "status", "circuit")


@dataclass
class Behaviour:
    """One order. Later orders go before earlier ones; what an order leaves open stays as it is."""

    endpoint: str | None = None
    """create, status or circuit; None for all three."""
    policy_name: str | None = None
    """Only for policies of this policy_name; None for all."""
    times: int | None = None
    """Only for the next so many requests; None for ever."""
    statuses: list[str] | None = None
    """What GET /policy/{id} answers, one after the other; the last one repeats."""
    latency_seconds: float = 0.0
    http_status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    """Instead of the API's own: a text as it is, anything else as JSON."""
    content_type: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    """Fields merged into the API's own answer."""
    effect: bool = True
    """False: the request is answered, but has no effect."""
    hang: bool = False
    """Never answer."""
    reset: str | None = None
    """'before' or 'during' the answer: the connection is reset."""
    drip_seconds: float | None = None
    """The body comes byte by byte, so many seconds apart."""

    @classmethod
    def from_order(cls, order: Any) -> Behaviour:
        """Read an order.

        Raises:
            ValueError: saying what is wrong with it.

        """
        known = {item.name for item in fields(cls)}
        if not isinstance(order, dict) or set(order) - known:
            raise ValueError(f"an order is an object with keys of {sorted(known)}; got {order!r}")
        if order.get("endpoint") not in (None, *ENDPOINTS):
            raise ValueError(f"endpoint must be one of {ENDPOINTS}")
        if order.get("reset") not in (None, "before", "during"):
            raise ValueError("reset must be 'before' or 'during'")
        return cls(**order)


class Behaviours:
    """The orders in force; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: list[Behaviour] = []

    def order(self, orders: Iterable[Any]) -> None:
        """Add orders."""
        read = [Behaviour.from_order(order) for order in orders]
        with self._lock:
            self._orders += read

    def clear(self) -> None:
        """Forget every order."""
        with self._lock:
            self._orders.clear()

    def pick(self, endpoint: str, policy_name: str | None) -> Behaviour | None:
        """The newest order that fits a request; a limited one is used up by one."""
        with self._lock:
            for order in reversed(self._orders):
                fits = order.endpoint in (None, endpoint) and order.policy_name in (
                    None,
                    policy_name,
                )
                if fits and order.times != 0:
                    if order.times is not None:
                        order.times -= 1
                    return order
        return None

    def statuses(self, policy_name: str | None) -> list[str] | None:
        """The statuses that the newest fitting order lists."""
        with self._lock:
            for order in reversed(self._orders):
                if order.statuses and order.policy_name in (None, policy_name):
                    return order.statuses
        return None

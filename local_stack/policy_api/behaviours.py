"""The behaviours that can be ordered of the API, for all policies or for one policy."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

ENDPOINTS = ("create", "status", "circuit")
# The parts of an order that say how an answer looks or ends; a raw answer says that itself.
OWN_ANSWER = ("http_status", "headers", "body", "content_type", "extra", "reset", "drip_seconds")


@dataclass
class Behaviour:
    """One order. A later order comes before an earlier order; what an order leaves open stays."""

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
    interim: list[int] = field(default_factory=list)
    """Interim answers (1xx) that come before the answer, at once and on its connection."""
    interim_seconds: float = 0.0
    """How long after them the answer comes."""
    raw: str | None = None
    """The whole answer as it goes on the wire, status line, headers and body, a byte a character
    (to U+00FF, or as surrogateescape has it). The connection is closed after it, whatever it says.
    """
    stray: str | None = None
    """What follows the answer on its connection, written as `raw` is. The connection stays open,
    also for a client that asked for it to be closed."""
    stray_seconds: float = 0.0
    """How long after the answer it comes; a client that is gone by then gets nothing."""

    @classmethod
    def from_order(cls, order: Any) -> Behaviour:
        """Read an order.

        Raises:
            ValueError: what is wrong with the order.

        """
        known = {item.name for item in fields(cls)}
        if not isinstance(order, dict) or set(order) - known:
            raise ValueError(f"an order is an object with keys of {sorted(known)}; got {order!r}")
        if order.get("endpoint") not in (None, *ENDPOINTS):
            raise ValueError(f"endpoint must be one of {ENDPOINTS}")
        if order.get("reset") not in (None, "before", "during"):
            raise ValueError("reset must be 'before' or 'during'")
        _check_wire(order)
        return cls(**order)


def wire_bytes(text: str) -> bytes:
    """The bytes of a text that goes on the wire unchanged."""
    return text.encode("latin-1", "surrogateescape")


def _check_wire(order: dict[str, Any]) -> None:
    interim = order.get("interim", [])
    if not isinstance(interim, list) or not all(_is_interim(status) for status in interim):
        raise ValueError(
            "interim must be a list of statuses from 100 to 199 without 101, which would switch "
            "protocols"
        )
    for name in ("interim_seconds", "stray_seconds"):
        seconds = order.get(name, 0.0)
        if type(seconds) not in (int, float) or not seconds >= 0:
            raise ValueError(f"{name} must be a number, and not negative")
    for name in ("raw", "stray"):
        text = order.get(name)
        try:
            wire_bytes(text if text is not None else "")
        except (AttributeError, TypeError, UnicodeEncodeError):
            raise ValueError(f"{name} must be a text with a byte a character") from None
    besides = [name for name in OWN_ANSWER if order.get(name) not in (None, {})]
    if order.get("raw") is not None and besides:
        raise ValueError(f"raw is the whole answer; there can be no {' or '.join(besides)} besides")
    if order.get("stray") is not None and (order.get("raw") is not None or order.get("reset")):
        raise ValueError("stray follows a whole answer; after raw and reset the connection is gone")


def _is_interim(status: Any) -> bool:
    return type(status) is int and 100 <= status <= 199 and status != 101


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
        """The newest order that fits a request; a limited order then has one use less."""
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

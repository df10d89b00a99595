"""The faults of an API, as orders to the local policy API, and what each may come to."""

from __future__ import annotations

from typing import Any

ENDPOINTS = ("create", "status", "circuit")
ELSEWHERE = {"Location": "https://elsewhere.example.com/policy"}

FAULTS: dict[str, dict[str, Any]] = {
    "reset before the answer": {"reset": "before"},
    "reset in the answer": {"reset": "during"},
    "read timeout": {"hang": True},
    **{
        f"HTTP {status}": {"http_status": status}
        for status in (400, 401, 403, 404, 408, 409, 422, 425, 429, 500, 502, 503, 504)
    },
    "HTTP 429, Retry-After": {"http_status": 429, "headers": {"Retry-After": "1"}},
    "HTTP 429, Retry-After too late": {"http_status": 429, "headers": {"Retry-After": "999"}},
    "HTTP 503, Retry-After": {"http_status": 503, "headers": {"Retry-After": "1"}},
    "HTTP 301 to another host": {"http_status": 301, "headers": ELSEWHERE},
    "HTTP 307 to another host": {"http_status": 307, "headers": ELSEWHERE},
    "HTML": {"body": "<html>success</html>", "content_type": "text/html"},
    "empty": {"body": ""},
    "HTTP 204": {"http_status": 204},
    "truncated JSON": {"body": '{"policy_id": "p", "status": "ready"'},
    "a list": {"body": '[{"policy_id": "p", "status": "ready"}]'},
    "a number": {"body": "17"},
    "null": {"body": "null"},
    "missing fields": {"body": {"note": "nothing else"}},
    "wrong types": {"body": {"policy_id": ["p"], "status": 17}},
    "policy_id empty": {"body": {"policy_id": ""}},
    "policy_id of 10,000 characters": {"body": {"policy_id": "p" * 10_000}},
    "policy_id a number": {"body": {"policy_id": 17}},
    "policy_id a path": {"body": {"policy_id": "a/../../circuit?x=1#y 'z' \"w\""}},
    "2 MiB": {"extra": {"padding": "x" * 2 * 1024 * 1024}},
    "slow drip": {"drip_seconds": 0.4},
    "wrong charset": {"content_type": "application/json; charset=utf-16"},
    "invalid UTF-8": {"body": '{"policy_id": "\udcff", "status": "ready"}'},
    "duplicate keys": {"body": '{"id": "a", "status": 1, "id": "b", "status": "ready"}'},
    "NaN": {"body": '{"policy_id": "a", "status": "ready", "n": NaN}'},
}  # fmt: skip

# JSON is UTF-8 whatever the header says (RFC 8259, 8.1): this one is no fault.
HARMLESS = {"wrong charset"}
# The circuit breaker's answer needs 2xx and nothing that says failure (design: success).
CONFIRMS = {
    "empty",
    "HTTP 204",
    "missing fields",
    "wrong types",
    "policy_id empty",
    "policy_id of 10,000 characters",
    "policy_id a number",
    "policy_id a path",
    *HARMLESS,
}
SENT_AGAIN = {
    "create": {"HTTP 429", "HTTP 429, Retry-After", "HTTP 503, Retry-After"},
    "circuit": {"HTTP 429", "HTTP 429, Retry-After", "HTTP 503, Retry-After"},
    "status": {
        "reset before the answer",
        "read timeout",
        "HTTP 408",
        "HTTP 425",
        "HTTP 429",
        "HTTP 429, Retry-After",
        "HTTP 500",
        "HTTP 502",
        "HTTP 503",
        "HTTP 503, Retry-After",
        "HTTP 504",
    },
}


def completes(fault: str, endpoint: str) -> bool:
    """Whether an execution may complete that meets this fault for ever."""
    return fault in (CONFIRMS if endpoint == "circuit" else HARMLESS)


def requests_owed(fault: str, endpoint: str, *, retries: int, polls: int) -> int:
    """How many requests the faulty endpoint gets."""
    attempts = 1 + retries if fault in SENT_AGAIN[endpoint] else 1
    if endpoint != "status" or fault in HARMLESS:
        return attempts
    return attempts * polls

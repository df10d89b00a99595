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
    "interim answers": {"interim": [102, 103], "interim_seconds": 0.2},
    "two answers": {"stray": "HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n" '{"policy_id": "xyz"}',
                    "stray_seconds": 0.1},
    "errors in a 200": {"body": {"errors": [{"message": "not armed"}]}},
    "success false": {"extra": {"success": False}},
    "failure in an envelope": {"extra": {"data": {"status": "FAILED"}}},
    "accepted": {"http_status": 202, "extra": {"status": "queued"}},
    "another policy": {"extra": {"policy_id": "pol_another"}},
    "numbers beyond all": {"body": '{"policy_id": "a", "n": [1e400, -1e999]}'},
    "half a surrogate": {"body": '{"policy_id": "a", "n": "\\ud800"}'},
    "400 levels": {"body": '{"policy_id": "a", "n": ' + "[" * 400 + "]" * 400 + "}"},
    "Location unreadable": {"http_status": 301, "headers": {"Location": "http://["}},
    "HTTP 429, Retry-After half": {"http_status": 429, "headers": {"Retry-After": "0.5"}},
    "HTTP 429, Retry-After unreadable": {"http_status": 429, "headers": {"Retry-After": "soon"}},
    "HTTP 401, not gzip": {"http_status": 401, "headers": {"Content-Encoding": "gzip"},
                           "body": "plain"},
    "HTTP 400, cut short": {"raw": "HTTP/1.1 400 No\r\nContent-Length: 500\r\n\r\n{}"},
    "HTTP 200, cut in the head": {"raw": "HTTP/1.1 200 OK\r\nContent-Type: applica"},
    "a status line that is none": {"raw": "HTTP/1.1 SSLError\r\n\r\n"},
}  # fmt: skip

# JSON is UTF-8 whatever the header says (RFC 8259, 8.1); interim answers are legal (RFC 9110,
# 15.2); and what follows an answer is nobody's, as no connection is used again.
HARMLESS = {"wrong charset", "interim answers", "two answers"}
# A confirmation needs 2xx and nothing that says no (docs/answers.md#what-is-a-yes).
CONFIRMS = {
    "empty",
    "HTTP 204",
    "missing fields",
    "policy_id empty",
    *HARMLESS,
}
# One answer ends what else would go to the host, so such a fault has a run of its own.
HOLDS_ALL = {"HTTP 429, Retry-After too late"}
_SLOWER = {
    "HTTP 429",
    "HTTP 429, Retry-After",
    "HTTP 429, Retry-After half",
    "HTTP 429, Retry-After unreadable",
}
SENT_AGAIN = {
    "create": {*_SLOWER, "HTTP 503, Retry-After"},
    "circuit": {*_SLOWER, "HTTP 503, Retry-After"},
    "status": {
        "reset before the answer",
        "read timeout",
        "HTTP 408",
        "HTTP 425",
        *_SLOWER,
        "a status line that is none",
        "HTTP 500",
        "HTTP 502",
        "HTTP 503",
        "HTTP 503, Retry-After",
        "HTTP 504",
    },
}


def completes(fault: str, endpoint: str) -> bool:
    """Whether an execution may complete that meets this fault for ever."""
    if endpoint == "create" and fault == "accepted":
        return True
    return fault in (CONFIRMS if endpoint == "circuit" else HARMLESS)


def requests_owed(fault: str, endpoint: str, *, retries: int, polls: int) -> int:
    """How many requests the faulty endpoint gets."""
    attempts = 1 + retries if fault in SENT_AGAIN[endpoint] else 1
    if endpoint != "status" or fault in {*HARMLESS, "failure in an envelope"}:
        return attempts
    return attempts * polls


# What a diagnosis must call each fault; by endpoint where it differs: a POST that got no answer may
# have been processed, a GET may not.
_POST_UNKNOWN = "outcome_unknown"
_ANOTHER = "answer_about_another"
CAUSES: dict[str, str | tuple[str, str, str]] = {
    "reset before the answer": (_POST_UNKNOWN, "api_no_answer", _POST_UNKNOWN),
    "reset in the answer": (_POST_UNKNOWN, "api_no_answer", _POST_UNKNOWN),
    "read timeout": (_POST_UNKNOWN, "api_no_answer", _POST_UNKNOWN),
    "HTTP 400": "api_rejected",
    "HTTP 401": "api_unauthorized",
    "HTTP 403": "api_unauthorized",
    "HTTP 404": "api_not_found",
    "HTTP 408": "api_unavailable",
    "HTTP 409": "api_rejected",
    "HTTP 422": "api_rejected",
    "HTTP 425": "api_unavailable",
    "HTTP 429": "api_rate_limited",
    "HTTP 500": (_POST_UNKNOWN, "api_unavailable", _POST_UNKNOWN),
    "HTTP 502": (_POST_UNKNOWN, "api_unavailable", _POST_UNKNOWN),
    "HTTP 503": "api_unavailable",
    "HTTP 504": (_POST_UNKNOWN, "api_unavailable", _POST_UNKNOWN),
    "HTTP 429, Retry-After": "api_rate_limited",
    "HTTP 429, Retry-After too late": "api_rate_limited",
    "HTTP 503, Retry-After": "api_unavailable",
    "HTTP 301 to another host": "api_redirect",
    "HTTP 307 to another host": "api_redirect",
    "HTML": "answer_unreadable",
    "empty": "answer_unreadable",
    "HTTP 204": "answer_unreadable",
    "truncated JSON": "answer_unreadable",
    "a list": "answer_unreadable",
    "a number": "answer_unreadable",
    "null": "answer_unreadable",
    "missing fields": ("policy_id_missing", "status_missing", ""),
    "wrong types": ("policy_id_missing", _ANOTHER, _ANOTHER),
    "policy_id empty": ("policy_id_missing", "status_missing", ""),
    "policy_id of 10,000 characters": ("policy_id_unusable", _ANOTHER, _ANOTHER),
    # The API took an id that it does not know when it is polled.
    "policy_id a number": ("api_not_found", _ANOTHER, _ANOTHER),
    "policy_id a path": ("api_not_found", _ANOTHER, _ANOTHER),
    "errors in a 200": ("create_refused", "status_missing", "circuit_refused"),
    "success false": ("create_refused", "status_contradicted", "circuit_refused"),
    "failure in an envelope": ("create_refused", "policy_failed", "circuit_refused"),
    # A creation that was only accepted has an id, and becomes ready.
    "accepted": ("", "policy_not_ready", "circuit_accepted"),
    "another policy": ("api_not_found", _ANOTHER, _ANOTHER),
    "numbers beyond all": ("api_not_found", _ANOTHER, _ANOTHER),
    "half a surrogate": ("api_not_found", _ANOTHER, _ANOTHER),
    "400 levels": ("api_not_found", _ANOTHER, _ANOTHER),
    "Location unreadable": "api_redirect",
    "HTTP 429, Retry-After half": "api_rate_limited",
    "HTTP 429, Retry-After unreadable": "api_rate_limited",
    "HTTP 401, not gzip": "api_unauthorized",
    "HTTP 400, cut short": "api_rejected",
    "HTTP 200, cut in the head": (_POST_UNKNOWN, "api_no_answer", _POST_UNKNOWN),
    "a status line that is none": (_POST_UNKNOWN, "api_no_answer", _POST_UNKNOWN),
    "2 MiB": (_POST_UNKNOWN, "answer_too_large", _POST_UNKNOWN),
    "slow drip": (_POST_UNKNOWN, "answer_too_slow", _POST_UNKNOWN),
    "invalid UTF-8": "answer_unreadable",
    "duplicate keys": "answer_unreadable",
    "NaN": "answer_unreadable",
}
# A word of the remedy that each cause must come with.
REMEDIES = {
    "outcome_unknown": "Idempotency-Key",
    "api_no_answer": "policy_api_timeout_seconds",
    "api_rejected": "policy_data",
    "api_unauthorized": "policy_api_secret",
    "api_not_found": "policy_api_base_url",
    "api_unavailable": "retry_policy_workflow",
    "api_rate_limited": "policy_api_connections",
    "api_redirect": "final address",
    "answer_unreadable": "login page",
    "answer_too_large": "policy_api_base_url",
    "answer_too_slow": "policy_api_timeout_seconds",
    "policy_id_missing": "whether the policy exists",
    "policy_id_unusable": "1024 characters",
    "status_missing": "the policy API?",
    "status_contradicted": "beside the status",
    "answer_about_another": "mixes up answers",
    "create_refused": "another execution_id",
    "circuit_refused": "step 3 only",
    "circuit_accepted": "step 3 only",
    "policy_failed": "Find out at the API",
    "policy_not_ready": "policy_max_poll_attempts",
    "api_name_not_resolved": "network rule",
    "api_connection_failed": "network rule",
}


def cause_owed(fault: str, endpoint: str) -> str:
    """What a diagnosis must call an execution that met this fault for ever."""
    cause = CAUSES[fault]
    return cause if isinstance(cause, str) else cause[ENDPOINTS.index(endpoint)]

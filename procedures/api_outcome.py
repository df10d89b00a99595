"""What a call of the policy API came to: an outcome, read from the answer or its absence."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ReadTimeoutError

from procedures.pace import HeldTooLongError
from procedures.strict_json import parse_strictly

OutcomeKind = Literal[
    "created",
    "ready",
    "not_ready",
    "failed",
    "triggered",
    "rejected",
    "unavailable",
    "unknown",
    "unreadable",
]

MAX_RESPONSE_BYTES = 1024 * 1024
KEPT_TEXT_CHARACTERS = 2000
OUTCOME_UNKNOWN = "; the outcome is unknown: the API may have processed the request"
REDACTED = "[redacted]"
SECRET_KEY = re.compile(
    r"pass(word|wd|phrase)|secret|token|authorization|api[-_]?key|credential|private[-_]?key|cookie",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ApiOutcome:
    """What one call of the API came to.

    `response` is a JSON object: the API's own, or one that says what came instead of it.
    `error_class` is a word of ours (HTTP404, NoAnswer, MissingPolicyId...), None when the answer is
    one that the API is meant to give; macros/diagnosis/_failure_causes.sql reads it.
    """

    kind: OutcomeKind
    method: str
    url: str
    message: str
    http_status: int | None = None
    duration_ms: int = 0
    requests_sent: int = 1
    error_class: str | None = None
    response: dict[str, Any] | None = None
    policy_id: str | None = None


class ResponseTooSlowError(Exception):
    """The body did not arrive within the call's timeout."""


class ResponseTooLargeError(Exception):
    """The body is longer than MAX_RESPONSE_BYTES."""


def redact(value: Any, secrets: tuple[str, ...] = (), *, named_secret: bool = False) -> Any:
    """Replace what lies under keys that name secrets, and the secrets wherever they stand.

    Args:
        value: what came, as JSON.
        secrets: texts that must not be kept.
        named_secret: whether the key above names a secret: then every text and number goes.

    """
    if isinstance(value, dict):
        return {
            redact(key, secrets): redact(
                item, secrets, named_secret=named_secret or bool(SECRET_KEY.search(key))
            )
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [redact(item, secrets, named_secret=named_secret) for item in value]
    if named_secret and not isinstance(value, bool | None) and value != "":
        return REDACTED
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, REDACTED)
    return value


def answered(
    method: str,
    url: str,
    response: requests.Response,
    content: bytes,
    *,
    secrets: tuple[str, ...],
    may_be_empty: bool,
) -> ApiOutcome:
    """Say what an HTTP answer is; what was received is kept, never made up."""
    status = response.status_code
    content_type = response.headers.get("Content-Type", "")
    value, problem = _parse_json(content)
    if isinstance(value, dict):
        kept = value
    else:
        kept = {
            "http_status": status,
            "content_type": content_type,
            "body": content.decode("utf-8", "replace")[:KEPT_TEXT_CHARACTERS],
            "note": problem or f"the body is JSON, but not an object: {type(value).__name__}",
        }
    kept = redact(kept, secrets)

    def outcome(kind: OutcomeKind, message: str, error_class: str | None) -> ApiOutcome:
        return ApiOutcome(
            kind, method, url, message, status, error_class=error_class, response=kept
        )

    if 300 <= status < 400:
        where = urlsplit(response.headers.get("Location", "")).netloc or "elsewhere"
        return outcome(
            "rejected", f"HTTP {status}: a redirect to {where}, not followed", "Redirect"
        )
    if status >= 400:
        kind = _error_kind(method, status)
        doubt = OUTCOME_UNKNOWN if kind == "unknown" else ""
        return outcome(kind, f"HTTP {status} from the API{doubt}", f"HTTP{status}")
    if not 200 <= status < 300:
        return outcome("unreadable", f"HTTP {status} from the API", f"HTTP{status}")
    if not content.strip() and may_be_empty:
        return outcome("triggered", "", None)
    if not isinstance(value, dict):
        message = f"HTTP {status}, but {kept['note']}"
        return outcome(
            "not_ready" if method == "GET" else "unreadable", message, "UnreadableAnswer"
        )
    return outcome("unreadable", "", None)


def read_body(response: requests.Response, limit: float) -> bytes:
    """Read the body up to MAX_RESPONSE_BYTES, and not after `limit`, a `time.monotonic()`."""
    parts: list[bytes] = []
    size = 0
    while True:
        connection = getattr(response.raw, "connection", None)
        if connection is not None and connection.sock is not None:
            connection.sock.settimeout(max(0.05, limit - time.monotonic()))
        # read1 returns what has arrived, so that a dripping body meets the limit.
        try:
            part = response.raw.read1(65536, decode_content=True)
        except (TimeoutError, ReadTimeoutError) as error:
            raise ResponseTooSlowError from error
        if not part:
            return b"".join(parts)
        parts.append(part)
        size += len(part)
        if size > MAX_RESPONSE_BYTES:
            raise ResponseTooLargeError
        if time.monotonic() > limit:
            raise ResponseTooSlowError


def _parse_json(content: bytes) -> tuple[Any, str | None]:
    if not content.strip():
        return None, "the body is empty"
    try:
        return parse_strictly(content.decode("utf-8-sig")), None
    except UnicodeDecodeError:
        return None, "the body is not UTF-8"
    except (ValueError, RecursionError) as error:
        return None, f"the body is not JSON ({str(error)[:200]})"


def _error_kind(method: str, status: int) -> OutcomeKind:
    if status in {408, 425, 429, 503}:
        return "unavailable"
    if status >= 500:
        return "unavailable" if method == "GET" else "unknown"
    return "rejected"


def not_answered(method: str, url: str, error: Exception) -> ApiOutcome:
    """Tell a request that never left from one whose fate is unknown."""
    text = str(error)
    host = urlsplit(url).netloc

    def outcome(kind: OutcomeKind, message: str, error_class: str) -> ApiOutcome:
        return ApiOutcome(kind, method, url, message, error_class=error_class)

    if isinstance(error, requests.exceptions.InvalidURL):
        return outcome("rejected", f"the URL is invalid: {text[:200]}", "InvalidURL")
    never_sent = isinstance(error, requests.exceptions.ConnectTimeout) or any(
        sign in text
        for sign in ("NewConnectionError", "NameResolutionError", "Failed to establish", "SSLError")
    )
    if never_sent:
        unresolved = "resol" in text or "Name or service" in text
        reason = "the name could not be resolved" if unresolved else "the connection failed"
        message = (
            f"{host} cannot be reached: {reason} ({_innermost(error)}). Check the address, "
            "and that the network rule of the external access integration allows this host and port"
        )
        return outcome(
            "unavailable", message, "NameNotResolved" if unresolved else "ConnectionFailed"
        )
    message = f"no complete answer from {host} ({_innermost(error)})"
    if method == "GET":
        return outcome("unavailable", message, "NoAnswer")
    return outcome("unknown", message + OUTCOME_UNKNOWN, "NoAnswer")


def not_sent(method: str, url: str, error: HeldTooLongError) -> ApiOutcome:
    """Say that the API's pause, asked for in another answer, was too long to be waited for."""
    message = (
        f"not sent, or not again: {error} (HTTP {error.status} with Retry-After), which is longer "
        "than policy_api_step_deadline_seconds"
    )
    return ApiOutcome(
        "unavailable",
        method,
        url,
        message,
        requests_sent=0,
        error_class=f"HTTP{error.status}",
    )


def unusable_body(method: str, url: str, status: int, error: Exception) -> ApiOutcome:
    """Say that an answer's body came too slowly or is too long."""
    slow = isinstance(error, ResponseTooSlowError)
    message = f"HTTP {status}, but the answer is " + (
        "not complete within the timeout" if slow else f"longer than {MAX_RESPONSE_BYTES} bytes"
    )
    kind: OutcomeKind = "not_ready" if method == "GET" else "unknown"
    name = "ResponseTooSlow" if slow else "ResponseTooLarge"
    kept = {"http_status": status, "note": message}
    if kind == "unknown":
        message += OUTCOME_UNKNOWN
    return ApiOutcome(kind, method, url, message, status, error_class=name, response=kept)


def _innermost(error: BaseException) -> str:
    seen: BaseException = error
    for _ in range(8):
        reason = getattr(seen, "reason", None)
        inner = reason if isinstance(reason, BaseException) else None
        if inner is None and seen.args and isinstance(seen.args[0], BaseException):
            inner = seen.args[0]
        inner = inner or seen.__cause__
        if inner is None:
            break
        seen = inner
    text = re.sub(r"<[^>]*>:?\s*|HTTPS?Connection(Pool)?\([^)]*\):?\s*", "", str(seen)).strip()
    return f"{type(seen).__name__}: {text[:200]}" if text else type(seen).__name__

{#- Generated from procedures/ by `make bundle`; do not edit. -#}
{% macro _procedure_body(settings_json) -%}
{% raw %}from __future__ import annotations

import json
from dataclasses import dataclass, fields
import os
import signal
import time
from pathlib import Path
from typing import Any
import re
import uuid
import threading
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit
import requests
from urllib3.exceptions import ReadTimeoutError
import math
import random
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib3.exceptions import MaxRetryError, ResponseError
from urllib3.util.retry import Retry
from urllib3.util.timeout import Timeout
import base64
from dataclasses import dataclass, replace
from urllib.parse import quote
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from collections.abc import Iterable, Mapping
from itertools import groupby
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar
from collections.abc import Sequence
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from snowflake.snowpark import Session
from snowflake.snowpark.exceptions import SnowparkSQLException
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import chain
from queue import Empty, SimpleQueue
from collections.abc import Iterator
from snowflake.snowpark.types import DataType, MapType, StringType, VariantType
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from collections.abc import Iterator, Sequence


# --- settings.py
# The registration replaces this text by the settings of the project's vars, as JSON.
POLICY_WORKFLOW_SETTINGS = {% endraw %}{{ tojson(settings_json) }}{% raw %}


@dataclass(frozen=True)
class Settings:
    """The settings baked into the procedure's body.

    A caller with mere USAGE cannot change them, so it cannot send the owner's token elsewhere.
    Times are in seconds unless the name says otherwise.
    """

    state_table: str
    events_table: str
    base_url: str
    timeout_seconds: float
    step_deadline_seconds: float
    max_retries: int
    connections: int
    requests_per_second: int | None
    success_statuses: tuple[str, ...]
    failure_statuses: tuple[str, ...]
    max_poll_attempts: int
    lease_seconds: int
    retention_minutes: int
    trigger_reason: str
    secret_type: str | None = None
    auth_header: str = "Authorization"
    auth_scheme: str = "Bearer"


def load_settings(text: str | None = None) -> Settings:
    """Read the settings from their JSON text (default: the text baked into this body).

    Raises:
        TypeError: when a setting is missing or unknown, which means that the body was not made
            by `deploy_policy_workflow`.

    """
    values = json.loads(POLICY_WORKFLOW_SETTINGS if text is None else text)
    for field in fields(Settings):
        if isinstance(values.get(field.name), list):
            values[field.name] = tuple(values[field.name])
    return Settings(**values)


# --- trigger_points.py
FOLDER_VARIABLE = "POLICY_WORKFLOW_TRIGGER_POINTS"
WAIT_SECONDS = 60.0

TRIGGER_POINTS = (
    "before_claim",
    "after_claim",
    *(
        f"{moment}_{what}_of_{event}"
        for event in ("create_policy", "poll_policy_status", "trigger_circuit_breaker")
        for moment, what in (
            ("before", "request"),
            ("after", "request"),
            ("before", "write"),
            ("in", "write"),
            ("after", "write"),
        )
    ),
    "before_write_of_circuit_breaker_initiated",
    "in_write_of_circuit_breaker_initiated",
    "after_write_of_circuit_breaker_initiated",
)


def reached(point: str) -> None:
    """Do what a file of this name in the folder orders, once: 'raise', 'kill' or 'wait'.

    The file is renamed to `<point>.reached` before it is obeyed; 'wait' ends when `<point>.go`
    stands beside it.

    Raises:
        RuntimeError: at 'raise'.

    """
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        return
    order = Path(folder) / point
    done = order.with_name(f"{point}.reached")
    try:
        order.rename(done)
    except FileNotFoundError:
        return
    what = done.read_text(encoding="utf-8").strip()
    if what == "raise":
        raise RuntimeError(f"ordered at trigger point {point}")
    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    limit = time.monotonic() + WAIT_SECONDS
    while not order.with_name(f"{point}.go").exists() and time.monotonic() < limit:
        time.sleep(0.02)


# --- strict_json.py
def parse_strictly(text: str) -> Any:
    """Parse JSON.

    Raises:
        ValueError: when it is not JSON, holds NaN or Infinity, or one key twice in an object.
        RecursionError: when it is nested too deeply.

    """
    return json.loads(
        text, parse_constant=_refuse_constant, object_pairs_hook=_refuse_duplicate_keys
    )


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _refuse_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


# --- request.py
EXECUTION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@+-]{0,127}")
INVOCATION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
MAX_POLICY_DEPTH = 50


def read_request(request: str) -> dict[str, Any]:
    """Parse the argument of a procedure; an invocation_id that ends in '*' is made unique.

    Raises:
        ValueError: when it is not the JSON object that the macros send.

    """
    wanted = parse_strictly(request)
    driver = wanted.get("invocation_id") if isinstance(wanted, dict) else None
    if isinstance(driver, str) and driver.endswith("*"):
        driver = wanted["invocation_id"] = f"{driver[:-1]}{uuid.uuid4().hex[:16]}"
    if not _fits(INVOCATION_ID, driver):
        raise ValueError("the request must be a JSON object with an invocation_id")
    checked: dict[str, Any] = wanted
    return checked


def whole_number(request: dict[str, Any], name: str, default: int, least: int, most: int) -> int:
    """Read a number that may be left out.

    Raises:
        ValueError: when it is none, or out of its bounds.

    """
    value = request.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{name} must be a whole number from {least} to {most}")
    return value


def requested_ids(request: dict[str, Any]) -> list[str]:
    """Read `execution_ids`.

    Raises:
        ValueError: when it is not a list of ids, each once.

    """
    ids = request.get("execution_ids")
    if not isinstance(ids, list) or not all(_fits(EXECUTION_ID, item) for item in ids):
        raise ValueError("execution_ids must be a list of execution ids")
    if len(set(ids)) < len(ids):
        raise ValueError("an execution_id stands twice in execution_ids")
    return ids


def selected_ids(request: dict[str, Any]) -> list[str] | None:
    """Read `execution_ids`; None where all of the driver's executions are meant.

    Raises:
        ValueError: when it is not a list of ids, each once.

    """
    return requested_ids(request) if "execution_ids" in request else None


def requested_executions(request: dict[str, Any]) -> dict[str, dict[str, Any] | None]:
    """Read `executions`: policies by id, None for what is only resumed.

    Raises:
        ValueError: when an id or a policy is not legal, or an id stands twice.

    """
    executions: dict[str, dict[str, Any] | None] = {}
    for item in request.get("executions") or []:
        if not isinstance(item, dict) or not _fits(EXECUTION_ID, item.get("execution_id")):
            raise ValueError(f"not an execution: {str(item)[:200]}")
        execution_id = item["execution_id"]
        if execution_id in executions:
            raise ValueError(f"execution_id {execution_id} stands twice")
        policy = item.get("policy_data")
        if policy is not None and (problem := policy_problem(policy)):
            raise ValueError(f"the policy_data of {execution_id} {problem}")
        executions[execution_id] = policy
    return executions


def read_execution_id(value: Any) -> str:
    """Read one id.

    Raises:
        ValueError: when it cannot name an execution.

    """
    if not _fits(EXECUTION_ID, value):
        raise ValueError(
            "execution_id must have 1 to 128 letters, digits, . _ : @ + or -, beginning with a "
            "letter or digit"
        )
    checked: str = value
    return checked


def policy_problem(policy: Any) -> str | None:
    """Say what keeps a value from being a policy, or None."""
    if not isinstance(policy, dict) or not policy:
        return "must be a JSON object"
    if _depth(policy) > MAX_POLICY_DEPTH:
        return f"is nested over {MAX_POLICY_DEPTH} levels deep"
    return None


def _fits(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _depth(value: Any) -> int:
    """How many objects and lists lie inside each other."""
    deepest = 0
    open_values = [(value, 1)]
    while open_values:
        item, depth = open_values.pop()
        if isinstance(item, dict | list):
            deepest = max(deepest, depth)
            inner = item.values() if isinstance(item, dict) else item
            open_values += [(part, depth + 1) for part in inner]
    return deepest


# --- pace.py
# A pause may grow while it is waited for, so a long one is looked at again this often.
LOOK_AGAIN_SECONDS = 1.0


class HeldTooLongError(Exception):
    """The API wants no request for longer than a call may take; nothing was sent."""

    def __init__(self, seconds: float, status: int) -> None:
        super().__init__(f"the API asked for a pause of {seconds:.0f} more seconds")
        self.status = status


class Pace:
    """Spaces the requests of all threads to one host.

    Args:
        requests_per_second: the most that may leave in a second, evenly spaced; None: no limit.

    """

    def __init__(self, requests_per_second: int | None = None) -> None:
        self._lock = threading.Lock()
        self._interval = 1 / requests_per_second if requests_per_second else 0.0
        self._next_turn = 0.0
        self._held_until = 0.0
        self._status = 0

    def hold(self, seconds: float, status: int) -> None:
        """Let no request leave for so long: what one answer asks for, the whole host means.

        Args:
            seconds: from Retry-After (RFC 9110, 10.2.3).
            status: the HTTP status of the answer.

        """
        with self._lock:
            until = time.monotonic() + seconds
            if until > self._held_until:
                self._held_until, self._status = until, status

    def held(self) -> float:
        """Seconds until the API wants requests again; 0 when it does."""
        return max(0.0, self._held_until - time.monotonic())

    def wait_for_turn(self, longest_hold: float) -> None:
        """Wait until a request may leave.

        Raises:
            HeldTooLongError: when the API's pause is not over within `longest_hold` seconds.

        """
        with self._lock:
            turn = max(time.monotonic(), self._next_turn)
            self._next_turn = turn + self._interval
        while True:
            held = self.held()
            if held >= longest_hold:
                raise HeldTooLongError(held, self._status)
            left = max(held, turn - time.monotonic())
            if left <= 0:
                return
            time.sleep(min(left, LOOK_AGAIN_SECONDS))


# --- api_outcome.py
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


# --- deadline.py
# An attempt that starts has at least this long.
SHORTEST_ATTEMPT_SECONDS = 0.05


@dataclass
class CallClock:
    """When a call must be over, and when its latest attempt began; `time.monotonic()` seconds."""

    deadline: float = math.inf
    pace: Pace = field(default_factory=Pace)
    attempt_started: float = 0.0
    attempts: int = 0

    def remaining(self) -> float:
        """Seconds until the deadline; never negative."""
        return max(0.0, self.deadline - time.monotonic())


clock: ContextVar[CallClock] = ContextVar("clock")


class AttemptTimeout(Timeout):
    """Bounds each attempt by the whole request's timeout, and by what is left of the call."""

    def __init__(self, seconds: float) -> None:
        super().__init__(total=seconds)
        self._seconds = seconds

    def clone(self) -> Timeout:
        """Make the timeout of an attempt that begins now (urllib3 clones one for each)."""
        now = clock.get()
        now.attempt_started = time.monotonic()
        now.attempts += 1
        seconds = max(SHORTEST_ATTEMPT_SECONDS, min(self._seconds, now.remaining()))
        return Timeout(total=seconds, connect=seconds, read=seconds)


class DeadlineRetry(Retry):
    """urllib3's Retry with full jitter, that gives up when waiting would pass the deadline.

    Which answers are retried is Retry's own configuration; 503 only with Retry-After, unless it
    is listed. Retry-After counts in seconds and as a date (RFC 9110, 10.2.3).
    """

    RETRY_AFTER_STATUS_CODES = frozenset({429, 503})

    def get_backoff_time(self) -> float:
        """Full jitter: anywhere between nothing and the exponential bound."""
        return random.uniform(0, super().get_backoff_time())

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: Any = None,
        _stacktrace: Any = None,
    ) -> DeadlineRetry:
        """Derive the rule of the next attempt.

        Raises:
            MaxRetryError: when no attempt is left, or the deadline comes before the next one.

        """
        now = clock.get()
        self.heed(response)
        remaining = now.remaining()
        if remaining <= 0 or now.pace.held() >= remaining:
            reason = error or ResponseError("the deadline comes before the next attempt")
            raise MaxRetryError(_pool, url or "", reason)
        return super().increment(method, url, response, error, _pool, _stacktrace)

    def heed(self, response: BaseHTTPResponse | None) -> None:
        """Let an answer's Retry-After hold all that go to the same host."""
        if response is not None and response.status in self.RETRY_AFTER_STATUS_CODES:
            seconds = self.get_retry_after(response)
            if seconds:
                clock.get().pace.hold(seconds, response.status)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Wait as Retry-After says, else as the backoff does, at most until the deadline.

        Waiting for a turn among our own requests comes on top, and is not the call's time.

        Raises:
            HeldTooLongError: when another answer has meanwhile asked for a pause beyond it.

        """
        now = clock.get()
        asked = response is not None and self.get_retry_after(response)
        wait = 0.0 if asked else min(self.get_backoff_time(), now.remaining())
        if wait > 0:
            time.sleep(wait)
        held = now.pace.held()
        begun = time.monotonic()
        now.pace.wait_for_turn(now.remaining())
        now.deadline += max(0.0, time.monotonic() - begun - held)


# --- policy_api.py
MAX_POLICY_ID_CHARACTERS = 1024
RETRIED_POST_STATUSES = frozenset({429})
RETRIED_GET_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})


class PolicyApi:
    """Calls the policy API; safe to use from several threads.

    Args:
        settings: the settings of the procedure.
        authorization: the authentication header, or None.

    """

    def __init__(self, settings: Settings, authorization: Authorization | None = None) -> None:
        self._settings = settings
        self._secrets = authorization.secrets if authorization else ()
        self._pace = Pace(settings.requests_per_second)
        self._http = requests.Session()
        # Proxies and .netrc of the environment are not part of what was registered.
        self._http.trust_env = False
        self._http.headers["Accept"] = "application/json"
        if authorization:
            self._http.headers[settings.auth_header] = authorization.header
        self._rules = {method: self._retry_rule(method) for method in ("GET", "POST")}
        self._adapters = {
            method: HTTPAdapter(pool_maxsize=settings.connections, max_retries=rule)
            for method, rule in self._rules.items()
        }

    def close(self) -> None:
        """Close the connections."""
        for adapter in self._adapters.values():
            adapter.close()

    def create_policy(self, execution_id: str, policy_data: dict[str, Any]) -> ApiOutcome:
        """POST /createpolicy with the policy as it is."""
        outcome = self._call("POST", "createpolicy", policy_data, f"{execution_id}:create_policy")
        if outcome.error_class:
            return outcome
        body = outcome.response or {}
        policy_id = body.get("policy_id", body.get("id"))
        if isinstance(policy_id, int) and not isinstance(policy_id, bool):
            policy_id = str(policy_id)
        if not isinstance(policy_id, str) or not policy_id.strip():
            return _became(
                outcome,
                "unreadable",
                "the answer holds no policy_id; a policy may exist at the API",
                "MissingPolicyId",
            )
        if len(policy_id) > MAX_POLICY_ID_CHARACTERS or policy_id in {".", ".."}:
            return _became(outcome, "unreadable", "the policy_id is unusable", "InvalidPolicyId")
        return _became(outcome, "created", "policy created", policy_id=policy_id)

    def poll_policy_status(self, policy_id: str) -> ApiOutcome:
        """GET /policy/{policy_id}; anything unclear is 'not_ready'."""
        outcome = self._call("GET", f"policy/{quote(policy_id, safe='')}")
        if outcome.error_class:
            return outcome
        status = (outcome.response or {}).get("status")
        if not isinstance(status, str):
            return _became(outcome, "not_ready", "the answer holds no status", "MissingStatus")
        if status.lower() in {s.lower() for s in self._settings.success_statuses}:
            return _became(outcome, "ready", f"the API reports status {status!r}")
        if status.lower() in {s.lower() for s in self._settings.failure_statuses}:
            return _became(outcome, "failed", f"the API reports status {status!r}", "PolicyFailed")
        return _became(outcome, "not_ready", f"the API reports status {status!r}")

    def trigger_circuit_breaker(
        self, execution_id: str, policy_id: str, api_execution_id: str
    ) -> ApiOutcome:
        """POST /circuit; 2xx with JSON that does not say failure, or empty, is a confirmation."""
        request = {
            "policy_id": policy_id,
            "execution_id": api_execution_id,
            "trigger_reason": self._settings.trigger_reason,
        }
        outcome = self._call(
            "POST", "circuit", request, f"{execution_id}:trigger_circuit_breaker", may_be_empty=True
        )
        if outcome.error_class:
            return outcome
        body = outcome.response or {}
        status = body.get("status")
        says_no = isinstance(status, str) and status.lower() in {
            *(s.lower() for s in self._settings.failure_statuses),
            "failure",
        }
        if says_no or body.get("success") is False or body.get("error"):
            return _became(outcome, "failed", "the API's answer says failure", "CircuitRefused")
        return _became(outcome, "triggered", "circuit breaker confirmed")

    def _call(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
        *,
        may_be_empty: bool = False,
    ) -> ApiOutcome:
        url = f"{self._settings.base_url.rstrip('/')}/{path}"
        headers: dict[str, str] = {}
        data = None
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
            headers["Content-Type"] = "application/json"
            data = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        try:
            self._pace.wait_for_turn(self._settings.step_deadline_seconds)
        except HeldTooLongError as error:
            return not_sent(method, url, error)
        started = time.monotonic()
        running = CallClock(started + self._settings.step_deadline_seconds, self._pace)
        clock.set(running)
        try:
            response = self._send(method, url, headers, data)
            self._rules[method].heed(response.raw)
            try:
                begun = running.attempt_started or started
                limit = min(running.deadline, begun + self._settings.timeout_seconds)
                content = read_body(response, limit)
            finally:
                response.close()
        except (requests.RequestException, HTTPError, OSError) as error:
            outcome = not_answered(method, url, error)
        except HeldTooLongError as error:
            outcome = not_sent(method, url, error)
        except (ResponseTooSlowError, ResponseTooLargeError) as error:
            outcome = unusable_body(method, url, response.status_code, error)
        else:
            outcome = answered(
                method, url, response, content, secrets=self._secrets, may_be_empty=may_be_empty
            )
        duration = round((time.monotonic() - started) * 1000)
        return replace(outcome, duration_ms=duration, requests_sent=max(1, running.attempts))

    def _send(
        self, method: str, url: str, headers: dict[str, str], data: bytes | None
    ) -> requests.Response:
        request = self._http.prepare_request(
            requests.Request(method, url, headers=headers, data=data)
        )
        timeout = AttemptTimeout(self._settings.timeout_seconds)
        # requests takes urllib3's Timeout as it is; its type hints do not say so.
        return self._adapters[method].send(
            request,
            stream=True,
            timeout=timeout,  # type: ignore[arg-type]
            verify=True,
        )

    def _retry_rule(self, method: str) -> DeadlineRetry:
        retries = self._settings.max_retries
        return DeadlineRetry(
            total=retries,
            connect=retries,
            read=0 if method == "POST" else retries,
            redirect=0,
            other=0,
            status=retries,
            allowed_methods=None,
            status_forcelist=RETRIED_POST_STATUSES if method == "POST" else RETRIED_GET_STATUSES,
            backoff_factor=0.5,
            backoff_max=10,
            raise_on_status=False,
            raise_on_redirect=False,
        )


def _became(
    outcome: ApiOutcome,
    kind: OutcomeKind,
    message: str,
    error_class: str | None = None,
    *,
    policy_id: str | None = None,
) -> ApiOutcome:
    """Say what an answer means at its endpoint."""
    return replace(
        outcome, kind=kind, message=message, error_class=error_class, policy_id=policy_id
    )


@dataclass(frozen=True)
class Authorization:
    """The value of the authentication header, and the texts in it that must not be kept."""

    header: str
    secrets: tuple[str, ...]


def read_authorization(settings: Settings) -> Authorization | None:
    """Read the token from the procedure's Snowflake SECRET (facts, 6.2), on the main thread.

    Raises:
        ValueError: when the secret is empty or cannot stand in a header (RFC 9110, 5.5).

    """
    if not settings.secret_type:
        return None
    import _snowflake  # noqa: PLC0415  # exists only inside Snowflake

    alias = "policy_api_secret"
    if settings.secret_type == "password":  # noqa: S105  # a type, not a password
        pair = _snowflake.get_username_password(alias)
        token = base64.b64encode(f"{pair.username}:{pair.password}".encode()).decode()
        return Authorization(f"Basic {token}", tuple(t for t in (token, pair.password) if t))
    if settings.secret_type == "oauth2":  # noqa: S105
        token = _snowflake.get_oauth_access_token(alias)
    else:
        token = _snowflake.get_generic_secret_string(alias)
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable():
        raise ValueError("the secret is empty, or holds what an HTTP header cannot carry")
    return Authorization(f"{settings.auth_scheme} {token}".strip(), (token,))


# --- execution.py
PENDING = "pending"
POLICY_CREATED = "policy_created"
POLICY_READY = "policy_ready"
COMPLETED = "completed"
ERROR = "error"

# Every move between statuses that a step may make; only a claim leads back from 'error', to where
# the failed step starts.
TRANSITIONS = {
    PENDING: {POLICY_CREATED, ERROR},
    POLICY_CREATED: {POLICY_CREATED, POLICY_READY, ERROR},
    POLICY_READY: {POLICY_READY, COMPLETED, ERROR},
}


@dataclass(frozen=True)
class Execution:
    """One row of the state table, as far as the steps need it.

    `lease_seconds` is what is left of the driver's lease: None without one, negative when over.
    `sequence` is the number of its latest event. `policy_data` is None where it was not read,
    `api_execution_id` what the API's answer to create held under `execution_id`.
    """

    execution_id: str
    status: str
    policy_id: str | None
    poll_count: int
    invocation_id: str | None
    lease_seconds: int | None
    sequence: int
    cancelled: bool
    policy_data: Any
    api_execution_id: Any

    @property
    def known_to_api_as(self) -> str:
        """The API's own execution_id where it gave a text, else ours."""
        theirs = self.api_execution_id
        return theirs if isinstance(theirs, str) and theirs else self.execution_id


@dataclass(frozen=True)
class Change:
    """One execution's step forward, with the event that tells of it.

    `columns` holds only what changes; a missing key leaves its column as it is. `error_class` is
    the outcome's own unless the step has a better word for what went wrong.
    """

    execution: Execution
    step: int
    attempt: int
    status_after: str
    event: str
    columns: dict[str, Any]
    outcome: ApiOutcome | None = None
    message: str | None = None
    error_class: str | None = None

    def __post_init__(self) -> None:
        """Refuse a move that the workflow does not know."""
        before = self.execution.status
        if self.status_after not in TRANSITIONS.get(before, set()):
            raise ValueError(f"no step leads from {before} to {self.status_after}")

    @property
    def execution_id(self) -> str:
        """Whose step it is."""
        return self.execution.execution_id

    @property
    def told(self) -> str:
        """What the row and the event say about it."""
        return self.message or (self.outcome.message if self.outcome else "")

    def state_row(self) -> dict[str, Any]:
        """What the state table needs; a missing key leaves its column as it is."""
        row: dict[str, Any] = {
            "execution_id": self.execution_id,
            "step": self.step,
            "status_before": self.execution.status,
            "status_after": self.status_after,
            "sequence": self.execution.sequence + 1,
            "message": self.told,
            "columns": _without_none(self.columns),
        }
        if self.status_after == ERROR:
            row["error_message"] = self.told
        return row

    def event_row(self, invocation_id: str, *, landed: bool) -> dict[str, Any]:
        """What the events table needs; one that did not land is 'superseded'."""
        row = event_row(
            self.execution_id,
            invocation_id,
            self.execution.sequence + 1,
            self.event if landed else "superseded",
            status_before=self.execution.status,
            status_after=self.status_after if landed else None,
            step=self.step,
            attempt=self.attempt,
            policy_id=self.columns.get("policy_id") or self.execution.policy_id,
            message=self.told,
            error_class=self.error_class,
        )
        if self.outcome:
            row |= _without_none(
                {
                    "http_method": self.outcome.method,
                    "url": self.outcome.url,
                    "http_status": self.outcome.http_status,
                    "requests_sent": self.outcome.requests_sent,
                    "duration_ms": self.outcome.duration_ms,
                    "outcome": self.outcome.kind,
                    "error_class": self.error_class or self.outcome.error_class,
                    "response": self.outcome.response,
                }
            )
        return row


def event_row(
    execution_id: str, invocation_id: str, sequence: int, event: str, **columns: Any
) -> dict[str, Any]:
    """Make one event; columns that are None are left out."""
    return _without_none(
        {
            "event_id": uuid.uuid4().hex,
            "execution_id": execution_id,
            "invocation_id": invocation_id,
            "sequence": sequence,
            "event": event,
            **columns,
        }
    )


def _without_none(row: dict[str, Any]) -> dict[str, Any]:
    """Drop what is None: a missing key reads as SQL NULL, a JSON null would not (facts, 4.4)."""
    return {key: value for key, value in row.items() if value is not None}


# --- history.py
_RESPONSES = {
    "create_policy": "api_response",
    "poll_policy_status": "policy_status_response",
    "trigger_circuit_breaker": "circuit_breaker_response",
}


def rows_of_history(events: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Fold events, ordered by execution and sequence, into rows of the state table."""
    return [
        _row(execution_id, list(own))
        for execution_id, own in groupby(events, key=lambda event: str(event["execution_id"]))
    ]


def _row(execution_id: str, events: list[Mapping[str, Any]]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "execution_id": execution_id,
        "poll_count": 0,
        "requires_circuit_breaker": False,
        "circuit_breaker_initiated": False,
        "circuit_breaker_completed": False,
        "start_time": events[0]["event_time"],
        "last_sequence": len(events),
    }
    for event in events:
        name, status, when = event["event"], event["status_after"], event["event_time"]
        if name == "resumed" and row.get("status") == ERROR and not row["requires_circuit_breaker"]:
            row["poll_count"] = 0
        row |= {
            "status": status or row.get("status"),
            "policy_id": event["policy_id"] or row.get("policy_id"),
            "message": event["message"],
            "invocation_id": event["invocation_id"],
            "last_sequence": max(row["last_sequence"], int(event["sequence"] or 0)),
        }
        if event["policy_data"] is not None and "policy_data" not in row:
            row["policy_data"] = json.loads(event["policy_data"])
        if name in _RESPONSES and event["response"] is not None:
            row[_RESPONSES[name]] = json.loads(event["response"])
        if name == "poll_policy_status":
            row |= {"poll_count": int(event["attempt"] or 0), "last_poll_time": when}
        if name == "circuit_breaker_initiated":
            row["circuit_breaker_initiated"] = True
        if status == POLICY_READY:
            row["requires_circuit_breaker"] = True
        if name == "cancelled":
            row["cancelled_at"] = when
        row["error_message"] = event["message"] if status == ERROR else None
        row["completed"] = status in (COMPLETED, ERROR)
        row["finished_at"] = when if row["completed"] else None
        row["circuit_breaker_completed"] = status == COMPLETED
    return {key: value for key, value in row.items() if value is not None}


# --- bound_json.py
# A statement, what it binds included, stays under 1 MB (facts, 4.5).
BOUND_CHARACTERS = 800_000

Item = TypeVar("Item")


def parts(
    items: Iterable[Item], row: Callable[[Item], Any] = lambda item: item
) -> Iterator[list[Item]]:
    """Cut a list so that the JSON of each part fits into a statement; one item always does."""
    part: list[Item] = []
    size = 0
    for item in items:
        length = len(to_json(row(item)))
        if part and size + length > BOUND_CHARACTERS:
            yield part
            part, size = [], 0
        part.append(item)
        size += length
    if part:
        yield part


def to_json(value: Any) -> str:
    """Write JSON in one line, without NaN."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def parsed(text: str | None) -> Any:
    """Read JSON; None stays None."""
    return None if text is None else json.loads(text)


# --- statements.py
# ruff: noqa: S608  # see above


NOW = "current_timestamp()::timestamp_ntz"
ROWS = "(select parse_json(?) as j) p, lateral flatten(input => p.j) f"

# What a change may set, with the cast from VARIANT; anything else is derived in the statement.
CARRIED_COLUMNS = {
    "policy_id": "::varchar",
    "poll_count": "::number",
    "requires_circuit_breaker": "::boolean",
    "circuit_breaker_initiated": "::boolean",
    "circuit_breaker_completed": "::boolean",
    "api_response": "",
    "policy_status_response": "",
    "circuit_breaker_response": "",
}
EVENT_COLUMNS = {
    "event_id": "::varchar",
    "execution_id": "::varchar",
    "invocation_id": "::varchar",
    "sequence": "::number",
    "step": "::number",
    "attempt": "::number",
    "event": "::varchar",
    "status_before": "::varchar",
    "status_after": "::varchar",
    "policy_id": "::varchar",
    "policy_data": "",
    "http_method": "::varchar",
    "url": "::varchar",
    "http_status": "::number",
    "requests_sent": "::number",
    "duration_ms": "::number",
    "outcome": "::varchar",
    "error_class": "::varchar",
    "message": "::varchar",
    "response": "",
}


def _lease_end(lease_seconds: int) -> str:
    """When a lease ends that is taken now."""
    return f"dateadd(second, {int(lease_seconds)}, current_timestamp())::timestamp_ntz"


def clean_up_sql(state: str, retention_minutes: int) -> str:
    """Delete finished rows older than the retention."""
    return f"""
delete from {state}
where "completed" = true
  and coalesce("finished_at", "last_poll_time", "start_time")
    < dateadd(minute, -{int(retention_minutes)}, current_timestamp())::timestamp_ntz
"""


def claim_sql(state: str, lease_seconds: int) -> str:
    """Insert the missing rows and take over those that nobody drives.

    A row is taken when it is neither completed nor cancelled, and is this driver's, has failed,
    or its lease has run out. One that failed goes back to where its failed step starts.
    """
    return f"""
merge into {state} t
using (
    select
        f.value:execution_id::varchar as execution_id,
        f.value:policy_data as policy_data,
        f.value:invocation_id::varchar as invocation_id
    from {ROWS}
) s
on t."execution_id" = s.execution_id
when matched
    and t."status" <> 'completed'
    and t."cancelled_at" is null
    and (
        t."invocation_id" = s.invocation_id
        or t."lease_expires_at" is null
        or t."lease_expires_at" <= {NOW}
    )
then update set
    "invocation_id" = s.invocation_id,
    "lease_expires_at" = {_lease_end(lease_seconds)},
    "last_sequence" = coalesce(t."last_sequence", 0) + 1,
    "poll_count" = case
        when t."status" = 'error' and not coalesce(t."requires_circuit_breaker", false)
        then 0
        else t."poll_count"
    end,
    "completed" = false,
    "finished_at" = null,
    "error_message" = null,
    "message" = 'taken up again',
    "status" = case
        when t."status" <> 'error' then t."status"
        when t."requires_circuit_breaker" then 'policy_ready'
        when t."policy_id" is not null then 'policy_created'
        else 'pending'
    end
when not matched then insert (
    "execution_id", "poll_count", "status", "start_time", "completed",
    "requires_circuit_breaker", "circuit_breaker_initiated", "circuit_breaker_completed",
    "message", "policy_data", "invocation_id", "lease_expires_at", "last_sequence"
)
values (
    s.execution_id, 0, 'pending', {NOW}, false,
    false, false, false,
    'claimed', s.policy_data, s.invocation_id, {_lease_end(lease_seconds)}, 1
)
"""


def renew_lease_sql(state: str, lease_seconds: int) -> str:
    """Prolong every lease that a driver holds."""
    return f"""
update {state}
set "lease_expires_at" = {_lease_end(lease_seconds)}
where "invocation_id" = ?
  and "completed" = false
  and "lease_expires_at" is not null
"""


def apply_changes_sql(state: str, lease_seconds: int) -> str:
    """Apply changes, each only where the row has the expected status and driver."""
    kept = "\n".join(
        f'    "{column}" = coalesce(s.{column}, t."{column}"),' for column in CARRIED_COLUMNS
    )
    carried = "\n".join(
        f"        f.value:columns:{column}{cast} as {column},"
        for column, cast in CARRIED_COLUMNS.items()
    )
    return f"""
update {state} t
set
{kept}
    "status" = s.status_after,
    "message" = s.message,
    "error_message" = s.error_message,
    "last_sequence" = s.sequence,
    "completed" = s.status_after in ('completed', 'error'),
    "last_poll_time" = case when s.step = 2 then {NOW} else t."last_poll_time" end,
    "finished_at" = case when s.status_after in ('completed', 'error') then {NOW} end,
    "lease_expires_at" = case
        when s.status_after not in ('completed', 'error') then {_lease_end(lease_seconds)}
    end
from (
    select
        f.value:execution_id::varchar as execution_id,
{carried}
        f.value:status_before::varchar as status_before,
        f.value:status_after::varchar as status_after,
        f.value:sequence::number as sequence,
        f.value:step::number as step,
        f.value:message::varchar as message,
        f.value:error_message::varchar as error_message
    from {ROWS}
) s
where t."execution_id" = s.execution_id
  and t."status" = s.status_before
  and t."invocation_id" = ?
"""


def cancel_sql(state: str) -> str:
    """End the executions in a list that are not completed, for good."""
    return f"""
update {state} t
set
    "status" = 'error',
    "completed" = true,
    "error_message" = s.message,
    "message" = s.message,
    "invocation_id" = s.invocation_id,
    "lease_expires_at" = null,
    "finished_at" = {NOW},
    "cancelled_at" = {NOW},
    "last_sequence" = coalesce(t."last_sequence", 0) + 1
from (
    select
        f.value:execution_id::varchar as execution_id,
        f.value:message::varchar as message,
        f.value:invocation_id::varchar as invocation_id
    from {ROWS}
) s
where t."execution_id" = s.execution_id
  and t."status" <> 'completed'
  and t."cancelled_at" is null
"""


def append_events_sql(events: str) -> str:
    """Append a list of events."""
    names = ", ".join(f'"{column}"' for column in EVENT_COLUMNS)
    values = ",\n".join(f"    f.value:{column}{cast}" for column, cast in EVENT_COLUMNS.items())
    return f"""
insert into {events} ({names}, "event_time")
select
{values},
    current_timestamp()
from {ROWS}
"""


def release_sql(state: str) -> str:
    """End the leases of a driver's executions that wait for a poll: another may go on at once."""
    return f"""
update {state}
set "lease_expires_at" = null
where "invocation_id" = ?
  and "status" = 'policy_created'
"""


# --- history_statements.py
# ruff: noqa: S608  # as in statements



RESTORED_COLUMNS = {
    "execution_id": "::varchar",
    **CARRIED_COLUMNS,
    "status": "::varchar",
    "start_time": "::timestamp_ntz",
    "last_poll_time": "::timestamp_ntz",
    "completed": "::boolean",
    "error_message": "::varchar",
    "message": "::varchar",
    "policy_data": "",
    "invocation_id": "::varchar",
    "finished_at": "::timestamp_ntz",
    "cancelled_at": "::timestamp_ntz",
    "last_sequence": "::number",
}

# What is read of an event, in this order, with its expression.
HISTORY_COLUMNS = {
    **{
        name: f'e."{name}"'
        for name in (
            "execution_id",
            "event",
            "step",
            "attempt",
            "status_after",
            "policy_id",
            "sequence",
            "invocation_id",
            "message",
        )
    },
    "event_time": 'e."event_time"::timestamp_ntz::varchar',
    "policy_data": 'to_json(e."policy_data")',
    "response": 'to_json(e."response")',
}


def read_history_sql(events: str) -> str:
    """Read all events of the executions in a list of ids, in their order."""
    columns = ",\n".join(f"    {text}" for text in HISTORY_COLUMNS.values())
    return f"""
select
{columns}
from {events} e
join (select f.value::varchar as execution_id from {ROWS}) s
    on e."execution_id" = s.execution_id
where e."event" <> 'superseded'
order by
    e."execution_id",
    e."sequence"
"""


def restore_sql(state: str) -> str:
    """Insert rows that are not there; one statement, so that two runs do not insert twice."""
    names = ", ".join(f'"{column}"' for column in RESTORED_COLUMNS)
    values = ", ".join(f"s.{column}" for column in RESTORED_COLUMNS)
    columns = ",\n".join(
        f"        f.value:{column}{cast} as {column}" for column, cast in RESTORED_COLUMNS.items()
    )
    return f"""
merge into {state} t
using (
    select
{columns}
    from {ROWS}
) s
on t."execution_id" = s.execution_id
when not matched then insert ({names})
values ({values})
"""


# --- read_statements.py
# ruff: noqa: S608  # as in statements





def _execution_columns(*, with_policies: bool) -> str:
    """What a step needs of a row; a policy may be long, so it is read only where it is sent."""
    policy = 'to_json(t."policy_data")' if with_policies else "null"
    return f"""
    t."execution_id",
    t."status",
    t."policy_id",
    t."poll_count",
    t."invocation_id",
    datediff(second, {NOW}, t."lease_expires_at") as lease_seconds,
    t."last_sequence",
    t."cancelled_at" is not null as cancelled,
    {policy} as policy_data,
    to_json(t."api_response":execution_id) as api_execution_id"""


def read_sql(state: str, *, with_policies: bool) -> str:
    """Read the rows of the executions in a list of ids."""
    return f"""
select{_execution_columns(with_policies=with_policies)}
from {state} t
join (select f.value::varchar as execution_id from {ROWS}) s
    on t."execution_id" = s.execution_id
"""


def driven_sql(state: str, limit: int, *, with_policies: bool) -> str:
    """Read a page of the executions that a driver has at a status, after an execution_id."""
    return f"""
select{_execution_columns(with_policies=with_policies)}
from {state} t
where t."invocation_id" = ?
  and t."status" = ?
  and t."lease_expires_at" is not null
  and t."execution_id" > ?
order by t."execution_id"
limit {int(limit)}
"""


def due_sql(state: str, poll_interval_seconds: int, limit: int) -> str:
    """Read the ids of open executions that nobody drives and whose next step is due, oldest first.

    A poll is due when the interval has passed since the last one; the other steps always are.
    """
    interval = f"dateadd(second, -{int(poll_interval_seconds)}, current_timestamp())"
    return f"""
select t."execution_id"
from {state} t
where t."completed" = false
  and (t."lease_expires_at" is null or t."lease_expires_at" <= {NOW})
  and (
      t."status" <> 'policy_created'
      or t."last_poll_time" is null
      or t."last_poll_time" <= {interval}::timestamp_ntz
  )
order by
    t."start_time",
    t."execution_id"
limit {int(limit)}
"""


def execution_of(row: Sequence[Any]) -> Execution:
    """Make an execution of a row that one of the statements above has read."""
    return Execution(
        execution_id=row[0],
        status=row[1],
        policy_id=row[2],
        poll_count=int(row[3] or 0),
        invocation_id=row[4],
        lease_seconds=None if row[5] is None else int(row[5]),
        sequence=int(row[6] or 0),
        cancelled=bool(row[7]),
        policy_data=parsed(row[8]),
        api_execution_id=parsed(row[9]),
    )


# --- execution_state.py
LOCK_CONTENTION = ("000625", "lock timeout", "number of waiters", "lock wait")
LOCK_TRIES = 8
# Rows read at a time: what a step keeps in memory does not grow with the number of executions.
PAGE_SIZE = 500

Result = TypeVar("Result")
Row = dict[str, Any]


class DuplicateExecutionError(RuntimeError):
    """An execution_id stands twice in the state table."""


class ExecutionState:
    """Reads and writes both tables for one driver.

    Args:
        session: the Snowpark session of the procedure.
        settings: the procedure's settings; the table names in them are fully qualified.
        invocation_id: who drives; only this driver's rows are written.

    """

    def __init__(self, session: Session, settings: Settings, invocation_id: str) -> None:
        self._session = session
        self._invocation_id = invocation_id
        self._state = settings.state_table
        self._events = settings.events_table
        self._lease_seconds = settings.lease_seconds

    def clean_up(self, retention_minutes: int) -> int:
        """Delete finished rows older than the retention; the events keep their history."""
        return self._write_contended(clean_up_sql(self._state, retention_minutes))

    def read(
        self, execution_ids: Iterable[str], *, with_policies: bool = False
    ) -> Iterator[Execution]:
        """Read the rows of these executions, page by page."""
        statement = read_sql(self._state, with_policies=with_policies)
        ids = list(execution_ids)
        for start in range(0, len(ids), PAGE_SIZE):
            found = self._select(statement, to_json(ids[start : start + PAGE_SIZE]))
            yield from map(execution_of, found)

    def driven(
        self,
        status: str,
        ids: Sequence[str] | None = None,
        *,
        just_read: Sequence[Execution] = (),
        with_policies: bool = False,
    ) -> Iterator[list[Execution]]:
        """Read what this driver holds at a status, page by page, with leases that last.

        A page is read when it is asked for, so that memory does not grow with the number of
        executions; what a step has moved on meanwhile lies behind it.

        Args:
            status: where they stand.
            ids: of these executions; None: of all.
            just_read: their rows as they were a moment ago: the first page is not read again.
            with_policies: whether to read the policies, too.

        """
        for found in self._pages(status, ids, just_read, with_policies=with_policies):
            page = [row for row in found if row.status == status and self.drives(row)]
            if page:
                self._keep_lease(page)
                yield page

    def _pages(
        self,
        status: str,
        ids: Sequence[str] | None,
        just_read: Sequence[Execution],
        *,
        with_policies: bool,
    ) -> Iterator[list[Execution]]:
        if ids is not None:
            first_page = list(just_read[:PAGE_SIZE])
            if first_page:
                yield first_page
            for start in range(len(first_page), len(ids), PAGE_SIZE):
                page = ids[start : start + PAGE_SIZE]
                yield list(self.read(page, with_policies=with_policies))
            return
        statement = driven_sql(self._state, PAGE_SIZE, with_policies=with_policies)
        last, full = "", True
        while full:
            found = self._select(statement, self._invocation_id, status, last)
            full = len(found) == PAGE_SIZE
            last = found[-1][0] if found else last
            yield [execution_of(row) for row in found]

    def restore(self, execution_ids: Sequence[str]) -> None:
        """Bring executions back whose rows retention removed, from their events."""
        if not execution_ids:
            return
        found = self._select(read_history_sql(self._events), to_json(execution_ids))
        rows = rows_of_history([dict(zip(HISTORY_COLUMNS, row, strict=True)) for row in found])
        for part in parts(rows):
            self._write_contended(restore_sql(self._state), part)

    def claim(
        self, executions: Iterable[Row], before: Mapping[str, Execution]
    ) -> Iterator[Execution]:
        """Claim executions for this driver, with an event for each; answers all their rows.

        What is not claimed (completed, cancelled, or driven by another run) comes back too, as
        it stands. Claim and event of a part of the list are one transaction.

        Args:
            executions: `execution_id`, and `policy_data` where there is no row yet.
            before: the rows that were there, by id.

        Raises:
            DuplicateExecutionError: when an execution_id stands twice.

        """
        reached("before_claim")
        for part in parts(executions):
            wanted = [{**row, "invocation_id": self._invocation_id} for row in part]
            yield from self._in_transaction(partial(self._claim, wanted, before))
        reached("after_claim")

    def _claim(self, wanted: Sequence[Row], before: Mapping[str, Execution]) -> list[Execution]:
        # The write that takes the lock comes first: what is read after it is what it saw.
        self._write(claim_sql(self._state, self._lease_seconds), wanted)
        given = {row["execution_id"]: row.get("policy_data") for row in wanted}
        rows = list(self.read(given))
        if len({row.execution_id for row in rows}) < len(rows):
            raise DuplicateExecutionError(
                "an execution_id stands twice in the state table; nothing was sent"
            )
        events = []
        for row in rows:
            old = before.get(row.execution_id)
            if row.sequence == (old.sequence if old else 0) or not self.drives(row):
                continue
            events.append(
                event_row(
                    row.execution_id,
                    self._invocation_id,
                    row.sequence,
                    "resumed" if old else "claimed",
                    status_before=old.status if old else None,
                    status_after=row.status,
                    policy_id=row.policy_id,
                    policy_data=None if old else redact(given[row.execution_id]),
                    message="taken up again" if old else "claimed",
                )
            )
        self._append(events)
        return rows

    def due(self, poll_interval_seconds: int, limit: int) -> list[str]:
        """Ids of open executions that nobody drives and whose next step is due, oldest first."""
        found = self._session.sql(due_sql(self._state, poll_interval_seconds, limit)).collect()
        return [row[0] for row in found]

    def release(self) -> None:
        """Give up the executions that wait for a poll, so that another driver may go on at once."""
        self._write_contended(release_sql(self._state), self._invocation_id)

    def drives(self, row: Execution) -> bool:
        """Whether this driver holds an execution."""
        return row.invocation_id == self._invocation_id and not row.cancelled

    def _keep_lease(self, executions: Sequence[Execution]) -> None:
        """Renew this driver's leases when less than two thirds are left of one of them."""
        if min(row.lease_seconds or 0 for row in executions) < self._lease_seconds * 2 / 3:
            self.renew_lease()

    def renew_lease(self) -> None:
        """Prolong the lease of every execution that this driver has open."""
        self._write_contended(
            renew_lease_sql(self._state, self._lease_seconds), self._invocation_id
        )

    def record(self, changes: Sequence[Change]) -> set[str]:
        """Write changes and their events, in one short transaction; answers whose landed.

        A change lands when its row still has the expected status and this driver. One that does
        not land leaves the row as it is, and an event that says so.
        """
        landed: set[str] = set()
        for part in parts(changes, lambda change: change.state_row()):
            landed |= self._in_transaction(partial(self._record, part))
            reached(f"after_write_of_{part[0].event}")
        return landed

    def _record(self, changes: Sequence[Change]) -> set[str]:
        event = changes[0].event
        reached(f"before_write_of_{event}")
        updated = self._write(
            apply_changes_sql(self._state, self._lease_seconds),
            [change.state_row() for change in changes],
            self._invocation_id,
        )
        reached(f"in_write_of_{event}")
        landed = {change.execution_id for change in changes}
        if updated != len(changes):
            landed = self._landed(changes)
        self._append(
            [
                change.event_row(self._invocation_id, landed=change.execution_id in landed)
                for change in changes
            ]
        )
        return landed

    def _landed(self, changes: Sequence[Change]) -> set[str]:
        now = {row.execution_id: row for row in self.read(c.execution_id for c in changes)}
        return {
            change.execution_id
            for change in changes
            if (row := now.get(change.execution_id))
            and self.drives(row)
            and row.status == change.status_after
            and row.sequence == change.execution.sequence + 1
        }

    def cancel(self, execution_id: str, message: str) -> bool:
        """End an execution for good; answers whether it was there to be ended."""
        before = list(self.read([execution_id]))

        def write() -> bool:
            row = {"execution_id": execution_id, "message": message}
            done = self._write(
                cancel_sql(self._state), [{**row, "invocation_id": self._invocation_id}]
            )
            for now in self.read([execution_id]) if done else []:
                event = event_row(
                    execution_id,
                    self._invocation_id,
                    now.sequence,
                    "cancelled",
                    status_before=before[0].status if before else None,
                    status_after=now.status,
                    policy_id=now.policy_id,
                    message=message,
                    error_class="Cancelled",
                )
                self._append([event])
            return done > 0

        return self._in_transaction(write)

    def _append(self, events: Sequence[Row]) -> None:
        for part in parts(events):
            self._write(append_events_sql(self._events), part)

    def _in_transaction(self, write: Callable[[], Result]) -> Result:
        def transaction() -> Result:
            self._session.sql("begin transaction").collect()
            try:
                result = write()
                self._session.sql("commit").collect()
            except BaseException:
                self._session.sql("rollback").collect()
                raise
            return result

        return self._contended(transaction)

    def _write_contended(self, statement: str, *bound: Any) -> int:
        return self._contended(partial(self._write, statement, *bound))

    def _select(self, statement: str, *bound: str) -> list[Any]:
        return self._session.sql(statement, params=list(bound)).collect()

    def _write(self, statement: str, *bound: Any) -> int:
        params = [value if isinstance(value, str) else to_json(value) for value in bound]
        rows = self._session.sql(statement, params=params or None).collect()
        return int(rows[0][0]) if rows else 0

    def _contended(self, write: Callable[[], Result]) -> Result:
        """Repeat a write that lost the queue for the table's lock (facts, 5: error 000625).

        A claim that met another's row, inserted at the same time, was rolled back and is repeated
        as well: keys are not enforced (facts, 5).
        """
        for tried in range(LOCK_TRIES):
            try:
                return write()
            except (SnowparkSQLException, DuplicateExecutionError) as error:
                text = str(error).lower()
                contended = isinstance(error, DuplicateExecutionError) or any(
                    sign in text for sign in LOCK_CONTENTION
                )
                if tried == LOCK_TRIES - 1 or not contended:
                    raise
                time.sleep(random.uniform(0.05, 0.2 * 2**tried))
        raise AssertionError  # the loop returns or raises


# --- steps.py
# A crash loses at most one batch of outcomes, which the idempotency key must then repair.
BATCH_SIZE = 200
LISTED = 20


class Tally:
    """What the caller is told of a step: counts, and the executions while they are few."""

    def __init__(self) -> None:
        self.driven = 0
        self.counts: Counter[str] = Counter()
        self._listed: list[dict[str, Any]] = []
        self._failures: list[dict[str, Any]] = []

    def add(self, changes: Sequence[Change], landed: Collection[str]) -> None:
        """Count changes, of which those of the executions in `landed` are in the table."""
        for change in changes:
            status = change.status_after if change.execution_id in landed else "superseded"
            self.driven += 1
            self.counts[status] += 1
            told = {
                "execution_id": change.execution_id,
                "status": status,
                "attempt": change.attempt,
                "message": change.told,
            }
            if len(self._listed) < LISTED:
                self._listed.append(told)
            if status in {ERROR, "superseded"} and len(self._failures) < LISTED:
                self._failures.append(told)

    def told(self, **more: Any) -> dict[str, Any]:
        """Make the answer: when there are many executions, those that failed are listed."""
        shown = self._listed if self.driven <= LISTED else self._failures
        return {"driven": self.driven, "counts": dict(self.counts), "executions": shown, **more}


class _Writer:
    """Writes outcomes in batches, and keeps this driver's leases while it does."""

    def __init__(self, state: ExecutionState, tally: Tally, lease_seconds: int) -> None:
        self._state = state
        self._tally = tally
        self._patience = lease_seconds / 3
        self._batch: list[Change] = []
        self._written = self._renewed = time.monotonic()

    def add(self, change: Change) -> None:
        if not self._batch:
            self._written = time.monotonic()
        self._batch.append(change)

    def rest(self) -> float:
        """Seconds until something is due."""
        first = min(self._written, self._renewed) if self._batch else self._renewed
        return max(0.0, first + self._patience - time.monotonic())

    def write_what_is_due(self) -> None:
        late = time.monotonic() - self._written >= self._patience
        if len(self._batch) >= BATCH_SIZE or (self._batch and late):
            self.write()
        if time.monotonic() - self._renewed >= self._patience:
            self._state.renew_lease()
            self._renewed = time.monotonic()

    def write(self) -> None:
        if self._batch:
            self._tally.add(self._batch, self._state.record(self._batch))
            self._batch = []


def drive(
    settings: Settings,
    state: ExecutionState,
    event: str,
    pages: Iterable[Sequence[Execution]],
    call: Callable[[PolicyApi, Execution], ApiOutcome],
    change: Callable[[Execution, ApiOutcome], Change],
    tally: Tally,
) -> None:
    """Call the API for each execution, write what came back, and count it.

    HTTP runs in threads; the session and the secret stay on the main thread (facts, 6.2).
    Outcomes are written in batches: when BATCH_SIZE have come, when a third of the lease has
    passed, and at the end. So many calls are under way or queued that no connection is idle while
    a batch is written, and no more: memory does not grow with the number of executions.
    """
    waiting = chain.from_iterable(pages)
    execution = next(waiting, None)
    if execution is None:
        return
    api = PolicyApi(settings, read_authorization(settings))
    done: SimpleQueue[tuple[Execution, ApiOutcome | BaseException]] = SimpleQueue()
    writer = _Writer(state, tally, settings.lease_seconds)
    under_way = 0

    def request(execution: Execution) -> None:
        outcome: ApiOutcome | BaseException
        try:
            reached(f"before_request_of_{event}")
            outcome = call(api, execution)
            reached(f"after_request_of_{event}")
        except BaseException as error:  # noqa: BLE001  # raised on the main thread
            outcome = error
        done.put((execution, outcome))

    with ThreadPoolExecutor(max_workers=settings.connections) as pool:
        try:
            while execution is not None or under_way:
                while execution is not None and under_way < BATCH_SIZE + settings.connections:
                    pool.submit(request, execution)
                    under_way += 1
                    execution = next(waiting, None)
                with suppress(Empty):
                    finished, outcome = done.get(timeout=writer.rest())
                    under_way -= 1
                    if isinstance(outcome, BaseException):
                        raise outcome
                    writer.add(change(finished, outcome))
                if under_way:
                    writer.write_what_is_due()
            writer.write()
        finally:
            pool.shutdown(cancel_futures=True)
            api.close()


def failed(step: int, what: str, execution: Execution, outcome: ApiOutcome) -> str:
    """Say what failed, to which execution, and what was seen."""
    about = f"policy {execution.policy_id}" if execution.policy_id else "the policy"
    request = f"{outcome.method} {outcome.url}"
    return f"Step {step} ({what}) failed for {about}: {outcome.message} [{request}]"


# --- policy_source.py
IDENTIFIER = r'(?:[A-Za-z_][A-Za-z0-9_$]*|"[^"]+")'
RELATION = re.compile(rf"{IDENTIFIER}(?:[.]{IDENTIFIER}){{2}}")
SHOWN_CHARACTERS = 80
# All policies of a relation are kept as text until they are claimed: a procedure has some GB, and
# a run of more is better done in parts.
MAX_CHARACTERS = 100_000_000


class SourceError(Exception):
    """The relation cannot be read, or is no list of policies; the text says why."""


@dataclass
class PolicySource:
    """The policies of a relation, as JSON text by execution_id, and what is wrong with its rows."""

    policies: dict[str, str] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)
    invalid: int = 0

    def refuse(self, row: int, about: str, problem: str) -> None:
        """Note a row that is no policy; the first ones are listed."""
        self.invalid += 1
        if len(self.problems) < LISTED:
            self.problems.append({"row": row, "about": about, "problem": problem})


def read_policy_source(
    session: Session, relation: str, invocation_id: str, max_policy_characters: int
) -> PolicySource:
    """Read and check all rows; nothing is written or sent.

    Args:
        session: the procedure's Snowpark session; the relation is read with its owner's rights.
        relation: a fully qualified name; its column `policy_data` (VARIANT, OBJECT or text) holds
            the policies, `execution_id`, which it need not have, their ids.
        invocation_id: rows without an execution_id get one of this and their number.
        max_policy_characters: the most that one policy may have as JSON.

    Raises:
        SourceError: when it is no relation that this role can read, has no such column, or holds
            more than MAX_CHARACTERS.

    """
    if not RELATION.fullmatch(relation):
        raise SourceError(f"not a fully qualified name: {relation[:200]}")
    found = PolicySource()
    characters = 0
    for number, (text, given_id) in enumerate(_rows(session, relation), 1):
        about = given_id or (text or "NULL")[:SHOWN_CHARACTERS]
        try:
            execution_id = read_execution_id(given_id or f"{invocation_id}-{number}")
            if execution_id in found.policies:
                found.refuse(number, about, "its execution_id stands twice")
                continue
            policy = _checked(text, max_policy_characters)
        except (ValueError, RecursionError) as error:
            found.refuse(number, about, str(error)[:200])
            continue
        found.policies[execution_id] = policy
        characters += len(policy)
        if characters > MAX_CHARACTERS:
            raise SourceError(
                f"it holds more than {MAX_CHARACTERS} characters of policies; run it in parts, "
                "each a view with a condition of its own"
            )
    return found


def _checked(text: str | None, max_characters: int) -> str:
    if text is None:
        raise ValueError("policy_data is NULL")
    if len(text) > max_characters:
        raise ValueError(
            f"policy_data has {len(text)} characters; the var policy_max_policy_characters "
            f"allows {max_characters}"
        )
    if problem := policy_problem(parse_strictly(text)):
        raise ValueError(f"policy_data {problem}")
    return text


def _rows(session: Session, relation: str) -> Iterator[tuple[str | None, str | None]]:
    # The name was checked; columns are as the relation has them.
    try:
        columns = {
            column.name.strip('"').lower(): column
            for column in session.sql(f"select * from {relation}").schema.fields  # noqa: S608
        }
        policy = columns.get("policy_data")
        if policy is None:
            raise SourceError("it has no column policy_data")
        text = _as_text(policy.name, policy.datatype)
        own = columns.get("execution_id")
        id_ = f"{own.name}::varchar" if own else "null"
        rows = session.sql(f"select {text}, {id_} from {relation}")  # noqa: S608
        for row in rows.collect():
            yield row[0], row[1]
    except SnowparkSQLException as error:
        text = re.sub(r"^\(\d+\): ", "", str(error))[:500].rstrip(".")
        raise SourceError(text) from error


def _as_text(column: str, kind: DataType) -> str:
    if isinstance(kind, StringType):
        return column
    if isinstance(kind, VariantType | MapType):
        return f"to_json({column})"
    raise SourceError(
        f"its column policy_data is a {type(kind).__name__.removesuffix('Type').upper()}; it must "
        "be VARIANT, OBJECT or text"
    )


# --- create_policy.py
# A policy as the caller gave it: as JSON, as its text, or not at all, to resume what is there.
Given = dict[str, Any] | str | None


def create_policy(session: Session, request: str) -> dict[str, Any]:
    """Clean up, claim the executions, and send POST /createpolicy for those still pending.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "executions": [{"execution_id": ...,
            "policy_data": {...}}]}`; without `policy_data` an execution is only resumed. Instead
            of `executions`, `policies_from` names a relation with policies (see policy_source),
            each of at most `max_policy_characters`, and `resume_failed: false` leaves alone what
            has failed. Without either it only cleans up, with `retention_minutes` (default: the
            registered one).

    Returns:
        Counts by status; `total`, the number of executions; `standing`, what this driver does not
        hold: count and first ids of the `completed`, the `cancelled`, the `failed`, and the
        `waiting`, which the runs in `drivers` hold; `refused` (executions that exist with another
        policy_data: nothing is sent for any execution of the request), `unknown` (ids to resume
        that are not there) and `cleaned` (rows removed). Of a relation also `source_problem`, why
        it cannot be read, or `invalid` and `invalid_rows`, its rows that are no policies: then,
        too, nothing is sent.

    """
    wanted = read_request(request)
    settings = load_settings()
    state = ExecutionState(session, settings, wanted["invocation_id"])
    given: dict[str, Given] = dict(requested_executions(wanted))
    if relation := wanted.get("policies_from"):
        most = whole_number(wanted, "max_policy_characters", 100_000, 1, 900_000)
        try:
            source = read_policy_source(session, relation, wanted["invocation_id"], most)
        except SourceError as error:
            return Tally().told(source_problem=str(error))
        if source.invalid:
            return Tally().told(
                total=len(source.policies) + source.invalid,
                invalid=source.invalid,
                invalid_rows=source.problems,
            )
        given.update(source.policies)
    retention = wanted.get("retention_minutes")
    cleaned = state.clean_up(settings.retention_minutes if retention is None else int(retention))
    if not given:
        return Tally().told(cleaned=cleaned, total=0)

    known, refused = _known(state, given)
    # Ids made from this invocation are new; any other may have a history.
    made = f"{wanted['invocation_id']}-"
    missing = [id_ for id_ in given if id_ not in known and not id_.startswith(made)]
    if missing:
        state.restore(missing)
        restored, also_refused = _known(state, {id_: given[id_] for id_ in missing})
        known |= restored
        refused += also_refused
    if refused:
        return Tally().told(cleaned=cleaned, refused=refused[:LISTED], refusals=len(refused))
    unknown = [id_ for id_, policy in given.items() if id_ not in known and policy is None]
    left = set(unknown)
    if wanted.get("resume_failed") is False:
        left |= {row.execution_id for row in known.values() if row.status == ERROR}
    wanted_rows = (_claimed_row(id_, policy) for id_, policy in given.items() if id_ not in left)
    claimed = state.claim(wanted_rows, known)
    rows = [*claimed, *(known[id_] for id_ in left & set(known))]
    tally = Tally()
    mine = [row for row in rows if state.drives(row)]
    wanted_policies = {row.execution_id: given[row.execution_id] for row in mine}
    create_policies(settings, state, tally, wanted_policies, mine)
    return tally.told(
        cleaned=cleaned,
        unknown=unknown[:LISTED],
        total=len(given),
        **_standing([row for row in rows if not state.drives(row)]),
    )


def create_policies(
    settings: Settings,
    state: ExecutionState,
    tally: Tally,
    given: Mapping[str, Given],
    just_claimed: Sequence[Execution] = (),
) -> None:
    """Send POST /createpolicy for each execution that is pending.

    A policy that comes from the history without its secrets is not sent: it ends in 'error'.

    Args:
        settings: the procedure's settings.
        state: the tables, for this driver.
        tally: what it comes to.
        given: the executions, each with its policy where the caller has just given it, so that it
            is whole: digits of numbers included, secrets included.
        just_claimed: their rows, in the same order, where the claim has just read them.

    """
    pages = _sendable(state, tally, given, just_claimed)
    drive(settings, state, "create_policy", pages, _create, _after_create, tally)


def _sendable(
    state: ExecutionState,
    tally: Tally,
    given: Mapping[str, Given],
    just_claimed: Sequence[Execution],
) -> Iterator[list[Execution]]:
    # The claim reads no policies.
    resumed = any(policy is None for policy in given.values())
    known = () if resumed else just_claimed
    for page in state.driven(PENDING, list(given), just_read=known, with_policies=resumed):
        rows = [_with_policy(row, given[row.execution_id]) for row in page]
        lost = [
            row
            for row in rows
            if given[row.execution_id] is None and REDACTED in _canonical(row.policy_data)
        ]
        if lost:
            unsendable = [_after_loss(row) for row in lost]
            tally.add(unsendable, state.record(unsendable))
        yield [row for row in rows if row not in lost]


def _known(
    state: ExecutionState, given: Mapping[str, Given]
) -> tuple[dict[str, Execution], list[dict[str, Any]]]:
    """Read what is there, without policies, and which of it has another policy than given."""
    known: dict[str, Execution] = {}
    refused = []
    for row in state.read(given, with_policies=True):
        policy = _parsed(given[row.execution_id])
        if _is_another(row, policy):
            refused.append(
                {
                    "execution_id": row.execution_id,
                    "stored": redact(row.policy_data),
                    "given": redact(policy),
                }
            )
        known[row.execution_id] = replace(row, policy_data=None)
    return known, refused


def _standing(rows: Sequence[Execution]) -> dict[str, Any]:
    """Say how executions stand that this driver does not hold."""
    groups: dict[str, list[str]] = {"completed": [], "cancelled": [], "failed": [], "waiting": []}
    drivers = set()
    for row in rows:
        if row.status == COMPLETED:
            group = "completed"
        elif row.cancelled:
            group = "cancelled"
        elif row.status == ERROR:
            group = "failed"
        else:
            group = "waiting"
            drivers.add(row.invocation_id)
        groups[group].append(row.execution_id)
    return {
        "standing": {
            name: {"count": len(ids), "ids": ids[:LISTED]} for name, ids in groups.items()
        },
        "drivers": sorted(driver for driver in drivers if driver)[:LISTED],
    }


def _claimed_row(execution_id: str, policy: Given) -> dict[str, Any]:
    row: dict[str, Any] = {"execution_id": execution_id}
    return row if policy is None else row | {"policy_data": _parsed(policy)}


def _parsed(policy: Given) -> Any:
    return json.loads(policy) if isinstance(policy, str) else policy


def _is_another(row: Execution, given: Any) -> bool:
    """Whether a policy differs from the stored one, whose secrets a restored row does not have."""
    if given is None or row.policy_data is None:
        return False
    stored = row.policy_data
    return _canonical(stored) != _canonical(given) and _canonical(stored) != _canonical(
        redact(given)
    )


def _canonical(policy: Any) -> str:
    """Text in which true is not 1, and 1 is not '1'."""
    return json.dumps(policy, sort_keys=True, ensure_ascii=False)


def _with_policy(row: Execution, given: Given) -> Execution:
    """Prefer the policy as it was given now."""
    return row if given is None else replace(row, policy_data=_parsed(given))


def _after_loss(row: Execution) -> Change:
    return Change(
        execution=row,
        step=1,
        attempt=1,
        status_after=ERROR,
        event="create_policy",
        columns={},
        message="Step 1 (create policy) was not begun: the history does not keep the policy's "
        "secrets. Run it again with its policy_data",
        error_class="SecretsNotKept",
    )


def _create(api: PolicyApi, execution: Execution) -> ApiOutcome:
    return api.create_policy(execution.execution_id, execution.policy_data)


def _after_create(execution: Execution, outcome: ApiOutcome) -> Change:
    created = outcome.kind == "created"
    message = None if created else failed(1, "create policy", execution, outcome)
    return Change(
        execution=execution,
        step=1,
        attempt=1,
        status_after=POLICY_CREATED if created else ERROR,
        event="create_policy",
        columns={
            "policy_id": outcome.policy_id if created else None,
            "api_response": outcome.response,
        },
        outcome=outcome,
        message=message,
    )


# --- poll_policy_status.py
def poll_policy_status(session: Session, request: str) -> dict[str, Any]:
    """Send GET /policy/{policy_id} once for each execution of this driver at 'policy_created'.

    'Not ready yet' is an outcome of its own; it becomes an error at the last attempt.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "execution_ids": [...], "release": false}`;
            without `execution_ids` all that this driver has; with `release` it gives up what is
            still open, for another to go on with.

    Returns:
        Counts by status; `open` is the number still to be polled.

    """
    wanted = read_request(request)
    settings = load_settings()
    state = ExecutionState(session, settings, wanted["invocation_id"])
    tally = Tally()
    poll_policies(settings, state, tally, selected_ids(wanted))
    if wanted.get("release") is True:
        state.release()
    return tally.told(open=tally.counts[POLICY_CREATED])


def poll_policies(
    settings: Settings, state: ExecutionState, tally: Tally, ids: Sequence[str] | None
) -> None:
    """Send GET /policy/{policy_id} once for each execution that waits for it, of `ids` or all."""

    def change(execution: Execution, outcome: ApiOutcome) -> Change:
        return _after_poll(execution, outcome, settings.max_poll_attempts)

    waiting = state.driven(POLICY_CREATED, ids)
    drive(settings, state, "poll_policy_status", waiting, _poll, change, tally)


def _poll(api: PolicyApi, execution: Execution) -> ApiOutcome:
    return api.poll_policy_status(execution.policy_id or "")


def _after_poll(execution: Execution, outcome: ApiOutcome, max_attempts: int) -> Change:
    attempt = execution.poll_count + 1
    message = outcome.message
    error_class = outcome.error_class
    if outcome.kind == "ready":
        after = POLICY_READY
    elif outcome.kind == "failed":
        after = ERROR
        message = failed(2, "poll policy status", execution, outcome)
    elif attempt >= max_attempts:
        after = ERROR
        seen = failed(2, "poll policy status", execution, outcome)
        message = f"{seen}; not ready after {attempt} of {max_attempts} attempts"
        error_class = error_class or "PolicyNotReady"
    else:
        after = POLICY_CREATED
        message = f"not ready at attempt {attempt} of {max_attempts}: {outcome.message}"
    return Change(
        execution=execution,
        step=2,
        attempt=attempt,
        status_after=after,
        event="poll_policy_status",
        columns={
            "poll_count": attempt,
            "policy_status_response": outcome.response,
            "requires_circuit_breaker": True if after == POLICY_READY else None,
        },
        outcome=outcome,
        message=message,
        error_class=error_class,
    )


# --- trigger_circuit_breaker.py
def trigger_circuit_breaker(session: Session, request: str) -> dict[str, Any]:
    """Send POST /circuit for each execution of this driver that the table says is 'policy_ready'.

    That the request is about to be sent is written, guarded, before it is sent: a row that is no
    longer ready, or no longer this driver's, is not triggered.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "execution_ids": [...]}`; without
            `execution_ids` all that this driver has.

    Returns:
        Counts by status.

    """
    wanted = read_request(request)
    settings = load_settings()
    state = ExecutionState(session, settings, wanted["invocation_id"])
    tally = Tally()
    trigger_circuit_breakers(settings, state, tally, selected_ids(wanted))
    return tally.told()


def trigger_circuit_breakers(
    settings: Settings, state: ExecutionState, tally: Tally, ids: Sequence[str] | None
) -> None:
    """Announce and send POST /circuit for each execution that is ready, of `ids` or all."""
    ready = _announced(settings, state, ids)
    drive(settings, state, "trigger_circuit_breaker", ready, _trigger, _after_trigger, tally)


def _announced(
    settings: Settings, state: ExecutionState, ids: Sequence[str] | None
) -> Iterator[list[Execution]]:
    for page in state.driven(POLICY_READY, ids):
        confirmed = state.record([_announcement(row) for row in page])
        yield [
            replace(row, sequence=row.sequence + 1, lease_seconds=settings.lease_seconds)
            for row in page
            if row.execution_id in confirmed
        ]


def _announcement(execution: Execution) -> Change:
    return Change(
        execution=execution,
        step=3,
        attempt=1,
        status_after=POLICY_READY,
        event="circuit_breaker_initiated",
        columns={"requires_circuit_breaker": True, "circuit_breaker_initiated": True},
        message="the circuit breaker request is about to be sent",
    )


def _trigger(api: PolicyApi, execution: Execution) -> ApiOutcome:
    return api.trigger_circuit_breaker(
        execution.execution_id, execution.policy_id or "", execution.known_to_api_as
    )


def _after_trigger(execution: Execution, outcome: ApiOutcome) -> Change:
    triggered = outcome.kind == "triggered"
    message = None if triggered else failed(3, "trigger circuit breaker", execution, outcome)
    return Change(
        execution=execution,
        step=3,
        attempt=1,
        status_after=COMPLETED if triggered else ERROR,
        event="trigger_circuit_breaker",
        columns={
            "circuit_breaker_completed": True if triggered else None,
            "circuit_breaker_response": outcome.response,
        },
        outcome=outcome,
        message=message,
    )


# --- cancel_policy_execution.py
MAX_REASON_CHARACTERS = 1000


def cancel_policy_execution(session: Session, request: str) -> dict[str, Any]:
    """Set one execution that is not completed to 'error', cancelled; nothing is sent.

    A run that is driving it loses it: what it writes next does not land. A request under way is
    not taken back.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "execution_ids": [one], "reason": ...}`.

    Returns:
        `cancelled`, whether it was there to be cancelled, and `status` as it stands now (None
        when there is no such execution).

    Raises:
        ValueError: when the request is not legal.

    """
    wanted = read_request(request)
    ids = requested_ids(wanted)
    reason = wanted.get("reason")
    if len(ids) != 1:
        raise ValueError("one execution is cancelled at a time")
    if not isinstance(reason, str) or not 0 < len(reason.strip()) <= MAX_REASON_CHARACTERS:
        raise ValueError(f"reason must be a text of 1 to {MAX_REASON_CHARACTERS} characters")
    state = ExecutionState(session, load_settings(), wanted["invocation_id"])
    done = state.cancel(ids[0], f"cancelled: {reason.strip()}")
    rows = list(state.read(ids))
    return {
        "cancelled": done,
        "status": rows[0].status if rows else None,
        "was_cancelled": bool(rows and rows[0].cancelled),
    }


# --- check_policy_api.py
# No API gives this id to a policy: the answer is mostly 404, which shows that the API answers.
PROBED_POLICY_ID = "policy-workflow-check"


def check_policy_api(session: Session, request: str) -> dict[str, Any]:  # noqa: ARG001
    """Send one GET /policy/{id} for a policy that is not there; nothing is written or created.

    Args:
        session: the procedure's Snowpark session; not used.
        request: JSON text, `{"invocation_id": ...}`.

    Returns:
        `http_status` (None without an answer), `outcome`, `error_class`, `message`, `url` and
        `duration_ms` of the request, retries included.

    Raises:
        ValueError: when the request is not legal.

    """
    read_request(request)
    settings = load_settings()
    try:
        authorization = read_authorization(settings)
    except ValueError as error:
        return {"outcome": "rejected", "error_class": "SecretUnusable", "message": str(error)}
    api = PolicyApi(settings, authorization)
    try:
        seen = api.poll_policy_status(PROBED_POLICY_ID)
    finally:
        api.close()
    return {
        "http_status": seen.http_status,
        "outcome": seen.kind,
        "error_class": seen.error_class,
        "message": seen.message,
        "url": seen.url,
        "duration_ms": seen.duration_ms,
    }


# --- advance_policy_workflow.py
MAX_LIMIT = 10_000


def advance_policy_workflow(session: Session, request: str) -> dict[str, Any]:
    """Clean up, claim what is due, and take each execution as far as it goes without waiting.

    An execution that is not ready is polled once and given up, so that the next call, by whomever,
    goes on with it. A Snowflake task can call this; so can any scheduler.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "poll_interval_seconds": ..., "limit": ...}`:
            who calls, how long after a poll the next one is due (default: at once), and how many
            executions to take (default: 1000). A caller that always sends the same text, as a task
            does, lets `invocation_id` end in '*', which is replaced by something unique.

    Returns:
        Counts by status of the changes of this call; `open`, how many of its executions are not
        finished, and `failed`, the ids of those that ended in 'error'.

    Raises:
        ValueError: when the request is not legal.

    """
    wanted = read_request(request)
    interval = whole_number(wanted, "poll_interval_seconds", 0, 0, 86_400)
    limit = whole_number(wanted, "limit", 1000, 1, MAX_LIMIT)
    settings = load_settings()
    state = ExecutionState(session, settings, wanted["invocation_id"])
    cleaned = state.clean_up(settings.retention_minutes)
    ids = state.due(interval, limit)
    tally = Tally()
    if not ids:
        return tally.told(cleaned=cleaned, open=0, failed=[])
    before = {row.execution_id: row for row in state.read(ids)}
    for _ in state.claim([{"execution_id": id_} for id_ in ids], before):
        pass
    create_policies(settings, state, tally, dict.fromkeys(ids))
    poll_policies(settings, state, tally, ids)
    trigger_circuit_breakers(settings, state, tally, ids)
    state.release()
    mine = [row for row in state.read(ids) if row.invocation_id == wanted["invocation_id"]]
    return tally.told(
        cleaned=cleaned,
        open=sum(row.status in (PENDING, POLICY_CREATED, POLICY_READY) for row in mine),
        failed=[row.execution_id for row in mine if row.status == ERROR],
    )
{% endraw %}
{%- endmacro %}

{#- Generated from procedures/ by `make bundle`; do not edit. -#}
{% macro _procedure_body(settings_json) -%}
{% raw %}from __future__ import annotations

import json
from dataclasses import dataclass, fields
import re
import time
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit
import requests
import math
import random
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from urllib3.exceptions import MaxRetryError, ResponseError
from urllib3.util.retry import Retry
from urllib3.util.timeout import Timeout
import base64
from dataclasses import replace
from typing import Any
from urllib.parse import quote
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from snowflake.snowpark import Session
from snowflake.snowpark.exceptions import SnowparkSQLException
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait


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
REDACTED = "[redacted]"
SECRET_KEY = re.compile(
    r"pass(word|wd|phrase)|secret|token|authorization|api[-_]?key|credential|private[-_]?key|cookie",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ApiOutcome:
    """What one call of the API came to.

    `response` is a JSON object: the API's own, or one that says what came instead of it.
    `error_class` and `message` are None only when the call did what it was for.
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


def redact(value: Any, secret: str | None = None) -> Any:
    """Replace values under keys that name secrets, and the secret itself wherever it stands."""
    if isinstance(value, dict):
        return {
            key: REDACTED
            if SECRET_KEY.search(key)
            and isinstance(item, (str, int, float))
            and item not in ("", 0)
            else redact(item, secret)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [redact(item, secret) for item in value]
    if isinstance(value, str) and secret and secret in value:
        return value.replace(secret, REDACTED)
    return value


def answered(
    method: str,
    url: str,
    response: requests.Response,
    content: bytes,
    *,
    secret: str | None,
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
    kept = redact(kept, secret)

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
        return outcome(_error_kind(method, status), f"HTTP {status} from the API", f"HTTP{status}")
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
        part = response.raw.read1(65536, decode_content=True)
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
        return json.loads(
            content.decode("utf-8-sig"),
            parse_constant=_refuse_constant,
            object_pairs_hook=_refuse_duplicates,
        ), None
    except UnicodeDecodeError:
        return None, "the body is not UTF-8"
    except (ValueError, RecursionError) as error:
        return None, f"the body is not JSON ({str(error)[:200]})"


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


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
    never_sent = isinstance(error, requests.exceptions.ConnectTimeout) or any(
        sign in text
        for sign in ("NewConnectionError", "NameResolutionError", "Failed to establish", "SSLError")
    )
    if isinstance(error, requests.exceptions.InvalidURL):
        return ApiOutcome(
            "rejected", method, url, f"the URL is invalid: {text[:200]}", error_class="InvalidURL"
        )
    if never_sent:
        reason = (
            "the name could not be resolved"
            if "resol" in text or "Name or service" in text
            else "the connection failed"
        )
        message = (
            f"{host} cannot be reached: {reason} ({_innermost(error)}). Check the address, "
            "and that the network rule of the external access integration allows this host and port"
        )
        return ApiOutcome("unavailable", method, url, message, error_class=type(error).__name__)
    message = f"no complete answer from {host} ({_innermost(error)})"
    if method == "GET":
        return ApiOutcome("unavailable", method, url, message, error_class=type(error).__name__)
    message += "; the outcome is unknown: the API may have processed the request"
    return ApiOutcome("unknown", method, url, message, error_class=type(error).__name__)


def unusable_body(method: str, url: str, status: int, error: Exception) -> ApiOutcome:
    """Say that an answer's body came too slowly or is too long."""
    slow = isinstance(error, ResponseTooSlowError)
    message = f"HTTP {status}, but the answer is " + (
        "not complete within the timeout" if slow else f"longer than {MAX_RESPONSE_BYTES} bytes"
    )
    kind: OutcomeKind = "not_ready" if method == "GET" else "unknown"
    name = "ResponseTooSlow" if slow else "ResponseTooLarge"
    kept = {"http_status": status, "note": message}
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
        wait = (self.get_retry_after(response) or 0.0) if response is not None else 0.0
        remaining = clock.get().remaining()
        if remaining <= 0 or wait >= remaining:
            reason = error or ResponseError("the deadline comes before the next attempt")
            raise MaxRetryError(_pool, url or "", reason)
        return super().increment(method, url, response, error, _pool, _stacktrace)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Wait as Retry-After says, else as the backoff does, at most until the deadline."""
        wait = (self.get_retry_after(response) or 0.0) if response is not None else 0.0
        wait = min(wait or self.get_backoff_time(), clock.get().remaining())
        if wait > 0:
            time.sleep(wait)


# --- policy_api.py
MAX_POLICY_ID_CHARACTERS = 1024
RETRIED_POST_STATUSES = frozenset({429})
RETRIED_GET_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})


class PolicyApi:
    """Calls the policy API; safe to use from several threads.

    Args:
        settings: the settings of the procedure.
        authorization: the value of the authentication header, or None.

    """

    def __init__(self, settings: Settings, authorization: str | None = None) -> None:
        self._settings = settings
        self._secret = authorization.split(" ", 1)[-1] if authorization else None
        self._http = requests.Session()
        # Proxies and .netrc of the environment are not part of what was registered.
        self._http.trust_env = False
        self._http.headers["Accept"] = "application/json"
        if authorization:
            self._http.headers[settings.auth_header] = authorization
        self._adapters = {
            method: HTTPAdapter(
                pool_maxsize=settings.connections, max_retries=self._retry_rule(method)
            )
            for method in ("GET", "POST")
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
        started = time.monotonic()
        running = CallClock(started + self._settings.step_deadline_seconds)
        clock.set(running)
        try:
            response = self._send(method, url, headers, data)
            try:
                begun = running.attempt_started or started
                limit = min(running.deadline, begun + self._settings.timeout_seconds)
                content = read_body(response, limit)
            finally:
                response.close()
        except (requests.RequestException, HTTPError, OSError) as error:
            outcome = not_answered(method, url, error)
        except (ResponseTooSlowError, ResponseTooLargeError) as error:
            outcome = unusable_body(method, url, response.status_code, error)
        else:
            outcome = answered(
                method, url, response, content, secret=self._secret, may_be_empty=may_be_empty
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


def read_authorization(settings: Settings) -> str | None:
    """Read the token from the procedure's Snowflake SECRET (facts, 6.2), on the main thread."""
    if not settings.secret_type:
        return None
    import _snowflake  # noqa: PLC0415  # exists only inside Snowflake

    alias = "policy_api_secret"
    if settings.secret_type == "password":  # noqa: S105  # a type, not a password
        pair = _snowflake.get_username_password(alias)
        text = base64.b64encode(f"{pair.username}:{pair.password}".encode()).decode()
        return f"Basic {text}"
    if settings.secret_type == "oauth2":  # noqa: S105
        token = _snowflake.get_oauth_access_token(alias)
    else:
        token = _snowflake.get_generic_secret_string(alias)
    return f"{settings.auth_scheme} {token}".strip()


# --- execution.py
PENDING = "pending"
POLICY_CREATED = "policy_created"
POLICY_READY = "policy_ready"
COMPLETED = "completed"
ERROR = "error"

# Every move between statuses that a step may make; the claim of a retry leads back from 'error'.
TRANSITIONS = {
    PENDING: {POLICY_CREATED, ERROR},
    POLICY_CREATED: {POLICY_CREATED, POLICY_READY, ERROR},
    POLICY_READY: {POLICY_READY, COMPLETED, ERROR},
}


@dataclass(frozen=True)
class Execution:
    """One row of the state table, as far as the steps need it."""

    execution_id: str
    status: str
    policy_id: str | None
    poll_count: int
    invocation_id: str | None
    leased: bool
    policy_data: Any
    api_response: Any

    @property
    def api_execution_id(self) -> str:
        """The API's own execution_id where it gave one, else ours."""
        theirs = (
            self.api_response.get("execution_id") if isinstance(self.api_response, dict) else None
        )
        return theirs if isinstance(theirs, str) and theirs else self.execution_id


@dataclass(frozen=True)
class Change:
    """One execution's step forward, with the event that tells of it.

    `columns` holds only what changes; a missing key leaves its column as it is.
    """

    execution_id: str
    step: int
    attempt: int
    status_before: str
    status_after: str
    event: str
    columns: dict[str, Any]
    outcome: ApiOutcome | None = None
    message: str | None = None

    def __post_init__(self) -> None:
        """Refuse a move that the workflow does not know."""
        if self.status_after not in TRANSITIONS.get(self.status_before, set()):
            raise ValueError(f"no step leads from {self.status_before} to {self.status_after}")

    @property
    def told(self) -> str:
        """What the row and the event say about it."""
        return self.message or (self.outcome.message if self.outcome else "")

    def state_row(self) -> dict[str, Any]:
        """What the state table needs; a missing key leaves its column as it is."""
        row: dict[str, Any] = {
            "execution_id": self.execution_id,
            "step": self.step,
            "status_before": self.status_before,
            "status_after": self.status_after,
            "message": self.told,
            "columns": _without_none(self.columns),
        }
        if self.status_after == ERROR:
            row["error_message"] = self.told
        return row

    def event_row(self, invocation_id: str, sequence: int, *, landed: bool) -> dict[str, Any]:
        """What the events table needs; one that did not land is 'superseded'."""
        row: dict[str, Any] = {
            "event_id": uuid.uuid4().hex,
            "execution_id": self.execution_id,
            "invocation_id": invocation_id,
            "sequence": sequence,
            "step": self.step,
            "attempt": self.attempt,
            "event": self.event if landed else "superseded",
            "status_before": self.status_before,
            "status_after": self.status_after if landed else None,
            "message": self.told,
        }
        if self.outcome:
            row |= {
                "http_method": self.outcome.method,
                "url": self.outcome.url,
                "http_status": self.outcome.http_status,
                "requests_sent": self.outcome.requests_sent,
                "duration_ms": self.outcome.duration_ms,
                "outcome": self.outcome.kind,
                "error_class": self.outcome.error_class,
                "response": self.outcome.response,
            }
        return _without_none(row)


def _without_none(row: dict[str, Any]) -> dict[str, Any]:
    """Drop what is None: a missing key reads as SQL NULL, a JSON null would not (facts, 4.4)."""
    return {key: value for key, value in row.items() if value is not None}


# --- execution_state.py
LOCK_CONTENTION = ("000625", "lock timeout", "number of waiters", "lock wait")
LOCK_TRIES = 8

Result = TypeVar("Result")


class ExecutionState:
    """Reads and writes both tables for one driver.

    Args:
        session: the Snowpark session of the procedure.
        settings: the procedure's settings; the table names in them are fully qualified.
        invocation_id: who drives; only this driver's rows are written.

    """

    def __init__(self, session: Session, settings: Settings, invocation_id: str) -> None:
        self._session = session
        self._settings = settings
        self._invocation_id = invocation_id
        self._state = settings.state_table
        self._events = settings.events_table
        self._lease_end = (
            f"dateadd(second, {int(settings.lease_seconds)}, current_timestamp())::timestamp_ntz"
        )

    def clean_up(self, retention_minutes: int) -> int:
        """Delete finished rows older than the retention; the events keep their history."""
        return self._write(
            f"""
            delete from {self._state}
            where "completed" = true
              and coalesce("finished_at", "last_poll_time", "start_time")
                < dateadd(minute, -{int(retention_minutes)}, current_timestamp())::timestamp_ntz
            """,  # noqa: S608  # names come from the registration, the number is an int
        )

    def read(self, execution_ids: Iterable[str]) -> list[Execution]:
        """Read the rows of these executions."""
        rows = self._session.sql(
            f"""
            select t."execution_id", t."status", t."policy_id", t."poll_count",
                   t."invocation_id",
                   t."lease_expires_at" > current_timestamp()::timestamp_ntz as leased,
                   to_json(t."policy_data") as policy_data,
                   to_json(t."api_response") as api_response
            from {self._state} t
            join (
                select f.value::varchar as execution_id
                from (select parse_json(?) as j) p, lateral flatten(input => p.j) f
            ) s on t."execution_id" = s.execution_id
            """,  # noqa: S608
            params=[_json(list(execution_ids))],
        ).collect()
        return [
            Execution(
                execution_id=row[0],
                status=row[1],
                policy_id=row[2],
                poll_count=int(row[3] or 0),
                invocation_id=row[4],
                leased=bool(row[5]),
                policy_data=_parsed(row[6]),
                api_response=_parsed(row[7]),
            )
            for row in rows
        ]

    def claim(self, executions: Sequence[dict[str, Any]]) -> None:
        """Insert the missing rows and take over those that nobody drives; one MERGE.

        A row is taken when it is not completed and is this driver's, has failed, or its lease
        has run out. One that failed goes back to where its failed step starts.
        """
        self._write(
            f"""
            merge into {self._state} t
            using (
                select f.value:execution_id::varchar as execution_id,
                       f.value:policy_data as policy_data,
                       f.value:invocation_id::varchar as invocation_id
                from (select parse_json(?) as j) p, lateral flatten(input => p.j) f
            ) s
            on t."execution_id" = s.execution_id
            when matched
                and t."status" <> 'completed'
                and (
                    t."invocation_id" = s.invocation_id
                    or t."lease_expires_at" is null
                    or t."lease_expires_at" <= current_timestamp()::timestamp_ntz
                )
            then update set
                "invocation_id" = s.invocation_id,
                "lease_expires_at" =
                    {self._lease_end},
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
                "requires_circuit_breaker", "circuit_breaker_initiated",
                "circuit_breaker_completed", "message", "policy_data", "invocation_id",
                "lease_expires_at"
            )
            values (
                s.execution_id, 0, 'pending', current_timestamp()::timestamp_ntz, false,
                false, false,
                false, 'claimed', s.policy_data, s.invocation_id,
                {self._lease_end}
            )
            """,  # noqa: S608
            [_json([{**row, "invocation_id": self._invocation_id} for row in executions])],
        )

    def renew_lease(self) -> None:
        """Prolong the lease of every execution that this driver has open."""
        self._write(
            f"""
            update {self._state}
            set "lease_expires_at" =
                {self._lease_end}
            where "invocation_id" = ?
              and "completed" = false
            """,  # noqa: S608
            [self._invocation_id],
        )

    def record(self, changes: Sequence[Change]) -> set[str]:
        """Write changes and their events in one short transaction; answer whose landed.

        A change lands when its row still has the expected status and this driver. One that does
        not land leaves the row as it is, and an event that says so.
        """
        if not changes:
            return set()
        return self._contended(lambda: self._record(changes))

    def _record(self, changes: Sequence[Change]) -> set[str]:
        payload = _json([change.state_row() for change in changes])
        self._session.sql("begin transaction").collect()
        try:
            updated = self._session.sql(
                self._update_statement(), params=[payload, self._invocation_id]
            ).collect()
            landed = {change.execution_id for change in changes}
            if int(updated[0][0]) != len(changes):
                landed = self._landed(changes)
            self._append_events(changes, landed)
            self._session.sql("commit").collect()
        except Exception:
            self._session.sql("rollback").collect()
            raise
        return landed

    def _landed(self, changes: Sequence[Change]) -> set[str]:
        now = {row.execution_id: row for row in self.read(c.execution_id for c in changes)}
        return {
            change.execution_id
            for change in changes
            if (row := now.get(change.execution_id))
            and row.status == change.status_after
            and row.invocation_id == self._invocation_id
        }

    def _update_statement(self) -> str:
        keep = "\n".join(
            f"""                "{column}" = coalesce(s.{column}, t."{column}"),"""
            for column in _CARRIED
        )
        extracts = "\n".join(
            f"                       f.value:columns:{column}{cast} as {column},"
            for column, cast in _CARRIED.items()
        )
        return f"""
            update {self._state} t
            set
{keep}
                "status" = s.status_after,
                "message" = s.message,
                "error_message" = s.error_message,
                "completed" = s.status_after in ('completed', 'error'),
                "last_poll_time" = case
                    when s.step = 2 then current_timestamp()::timestamp_ntz
                    else t."last_poll_time"
                end,
                "finished_at" = case
                    when s.status_after in ('completed', 'error')
                    then current_timestamp()::timestamp_ntz
                end,
                "lease_expires_at" = case
                    when s.status_after not in ('completed', 'error')
                    then {self._lease_end}
                end
            from (
                select f.value:execution_id::varchar as execution_id,
{extracts}
                       f.value:status_before::varchar as status_before,
                       f.value:status_after::varchar as status_after,
                       f.value:step::number as step,
                       f.value:message::varchar as message,
                       f.value:error_message::varchar as error_message
                from (select parse_json(?) as j) p, lateral flatten(input => p.j) f
            ) s
            where t."execution_id" = s.execution_id
              and t."status" = s.status_before
              and t."invocation_id" = ?
            """  # noqa: S608

    def _append_events(self, changes: Sequence[Change], landed: set[str]) -> None:
        rows = [
            change.event_row(self._invocation_id, sequence, landed=change.execution_id in landed)
            for sequence, change in enumerate(changes)
        ]
        extracts = ",\n".join(
            f"                   f.value:{column}{cast}" for column, cast in _EVENT_COLUMNS.items()
        )
        names = ", ".join(f'"{column}"' for column in _EVENT_COLUMNS)
        self._session.sql(
            f"""
            insert into {self._events} ({names}, "event_time")
            select {extracts.strip()},
                   current_timestamp()
            from (select parse_json(?) as j) p, lateral flatten(input => p.j) f
            """,  # noqa: S608
            params=[_json(rows)],
        ).collect()

    def _write(self, statement: str, params: list[str] | None = None) -> int:
        rows = self._contended(lambda: self._session.sql(statement, params=params).collect())
        return int(rows[0][0]) if rows else 0

    def _contended(self, write: Callable[[], Result]) -> Result:
        """Repeat a write that lost the queue for the table's lock (facts, 5: error 000625)."""
        for tried in range(LOCK_TRIES):
            try:
                return write()
            except SnowparkSQLException as error:
                text = str(error).lower()
                if tried == LOCK_TRIES - 1 or not any(sign in text for sign in LOCK_CONTENTION):
                    raise
                time.sleep(random.uniform(0.05, 0.2 * 2**tried))
        raise AssertionError  # the loop returns or raises


# What a change may set, with the cast from VARIANT; anything else is derived in the statement.
_CARRIED = {
    "policy_id": "::varchar",
    "poll_count": "::number",
    "requires_circuit_breaker": "::boolean",
    "circuit_breaker_initiated": "::boolean",
    "circuit_breaker_completed": "::boolean",
    "api_response": "",
    "policy_status_response": "",
    "circuit_breaker_response": "",
}

_EVENT_COLUMNS = {
    "event_id": "::varchar",
    "execution_id": "::varchar",
    "invocation_id": "::varchar",
    "sequence": "::number",
    "step": "::number",
    "attempt": "::number",
    "event": "::varchar",
    "status_before": "::varchar",
    "status_after": "::varchar",
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


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)


# --- steps.py
# A crash loses at most one batch of outcomes, which the idempotency key must then repair.
BATCH_SIZE = 200
LISTED_EXECUTIONS = 20


def drive(
    settings: Settings,
    state: ExecutionState,
    executions: Sequence[Execution],
    call: Callable[[PolicyApi, Execution], ApiOutcome],
    change: Callable[[Execution, ApiOutcome], Change],
) -> tuple[list[Change], set[str]]:
    """Call the API for each execution and write what came back.

    HTTP runs in threads; the session and the secret stay on the main thread (facts, 6.2).
    Outcomes are written in batches: when BATCH_SIZE have come, when a third of the lease has
    passed, and at the end.

    Returns:
        All changes, and the ids of those that landed.

    """
    changes: list[Change] = []
    landed: set[str] = set()
    if not executions:
        return changes, landed
    api = PolicyApi(settings, read_authorization(settings))
    workers = min(settings.connections, len(executions))
    patience = settings.lease_seconds / 3
    batch: list[Change] = []
    last_write = time.monotonic()

    def write() -> None:
        nonlocal last_write
        if batch:
            landed.update(state.record(batch))
            changes.extend(batch)
            batch.clear()
        last_write = time.monotonic()

    with ThreadPoolExecutor(max_workers=workers) as pool:
        open_calls: dict[Future[ApiOutcome], Execution] = {
            pool.submit(call, api, execution): execution for execution in executions
        }
        try:
            while open_calls:
                due = max(0.0, patience - (time.monotonic() - last_write))
                done, _ = wait(open_calls, timeout=due, return_when=FIRST_COMPLETED)
                batch.extend(change(open_calls.pop(future), future.result()) for future in done)
                late = time.monotonic() - last_write >= patience
                if len(batch) >= BATCH_SIZE or late:
                    write()
                if late and open_calls:
                    state.renew_lease()
            write()
        finally:
            pool.shutdown(cancel_futures=True)
            api.close()
    return changes, landed


def failed(step: int, what: str, execution: Execution, outcome: ApiOutcome) -> str:
    """Say what failed, to which execution, and what was seen."""
    about = f"policy {execution.policy_id}" if execution.policy_id else "the policy"
    request = f"{outcome.method} {outcome.url}"
    return f"Step {step} ({what}) failed for {about}: {outcome.message} [{request}]"


def summary(changes: Sequence[Change], landed: set[str], **more: Any) -> dict[str, Any]:
    """Tell the caller what a step came to: counts, and the list when it is short."""
    counts: dict[str, int] = {}
    listed = []
    for change in changes:
        status = change.status_after if change.execution_id in landed else "superseded"
        counts[status] = counts.get(status, 0) + 1
        listed.append(
            {
                "execution_id": change.execution_id,
                "status": status,
                "attempt": change.attempt,
                "message": change.message or (change.outcome.message if change.outcome else ""),
            }
        )
    failures = [row for row in listed if row["status"] in {ERROR, "superseded"}]
    shown = listed if len(listed) <= LISTED_EXECUTIONS else failures[:LISTED_EXECUTIONS]
    return {"driven": len(changes), "counts": counts, "executions": shown, **more}


def read_request(request: str) -> dict[str, Any]:
    """Parse the argument of a procedure.

    Raises:
        ValueError: when it is not the JSON object that the macros send.

    """
    parsed = json.loads(request)
    if not isinstance(parsed, dict) or not parsed.get("invocation_id"):
        raise ValueError("the request must be a JSON object with an invocation_id")
    return parsed


# --- create_policy.py
def create_policy(session: Session, request: str) -> dict[str, Any]:
    """Clean up, claim the executions, and send POST /createpolicy for those still pending.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "executions": [{"execution_id": ...,
            "policy_data": {...}}]}`; without `executions` it only cleans up, with
            `retention_minutes` (default: the registered one).

    Returns:
        Counts by status, `waiting` (ids that another run drives), `done` (completed before),
        `refused` (ids that exist with another policy_data) and `cleaned` (rows removed).

    """
    wanted = read_request(request)
    settings = load_settings()
    state = ExecutionState(session, settings, wanted["invocation_id"])
    retention = wanted.get("retention_minutes")
    cleaned = state.clean_up(settings.retention_minutes if retention is None else int(retention))
    executions = wanted.get("executions") or []
    if not executions:
        return {"driven": 0, "counts": {}, "executions": [], "cleaned": cleaned}

    by_id = {execution["execution_id"]: execution for execution in executions}
    refused = [
        {"execution_id": row.execution_id, "stored": row.policy_data}
        for row in state.read(by_id)
        if row.policy_data is not None and row.policy_data != by_id[row.execution_id]["policy_data"]
    ]
    for row in refused:
        by_id.pop(row["execution_id"])
    if by_id:
        state.claim(list(by_id.values()))
    rows = state.read(by_id)
    if len({row.execution_id for row in rows}) < len(rows):
        raise RuntimeError("an execution_id stands twice in the state table; nothing was sent")
    mine = [row for row in rows if row.invocation_id == wanted["invocation_id"]]
    todo = [row for row in mine if row.status == PENDING]
    changes, landed = drive(settings, state, todo, _create, _after_create)
    return summary(
        changes,
        landed,
        cleaned=cleaned,
        refused=refused,
        done=[row.execution_id for row in rows if row.status == COMPLETED],
        waiting=[
            row.execution_id
            for row in rows
            if row.status != COMPLETED and row.invocation_id != wanted["invocation_id"]
        ],
    )


def _create(api: PolicyApi, execution: Execution) -> ApiOutcome:
    return api.create_policy(execution.execution_id, execution.policy_data)


def _after_create(execution: Execution, outcome: ApiOutcome) -> Change:
    created = outcome.kind == "created"
    message = None if created else failed(1, "create policy", execution, outcome)
    return Change(
        execution_id=execution.execution_id,
        step=1,
        attempt=1,
        status_before=PENDING,
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
        request: JSON text, `{"invocation_id": ..., "execution_ids": [...]}`.

    Returns:
        Counts by status; `open` is the number still to be polled.

    """
    wanted = read_request(request)
    settings = load_settings()
    state = ExecutionState(session, settings, wanted["invocation_id"])
    todo = [
        row
        for row in state.read(wanted["execution_ids"])
        if row.status == POLICY_CREATED and row.invocation_id == wanted["invocation_id"]
    ]

    def change(execution: Execution, outcome: ApiOutcome) -> Change:
        return _after_poll(execution, outcome, settings.max_poll_attempts)

    changes, landed = drive(settings, state, todo, _poll, change)
    still_open = [c for c in changes if c.status_after == POLICY_CREATED]
    return summary(changes, landed, open=len(still_open))


def _poll(api: PolicyApi, execution: Execution) -> ApiOutcome:
    return api.poll_policy_status(execution.policy_id or "")


def _after_poll(execution: Execution, outcome: ApiOutcome, max_attempts: int) -> Change:
    attempt = execution.poll_count + 1
    message = outcome.message
    if outcome.kind == "ready":
        after = POLICY_READY
    elif outcome.kind == "failed":
        after = ERROR
        message = failed(2, "poll policy status", execution, outcome)
    elif attempt >= max_attempts:
        after = ERROR
        seen = failed(2, "poll policy status", execution, outcome)
        message = f"{seen}; not ready after {attempt} of {max_attempts} attempts"
    else:
        after = POLICY_CREATED
        message = f"not ready at attempt {attempt} of {max_attempts}: {outcome.message}"
    return Change(
        execution_id=execution.execution_id,
        step=2,
        attempt=attempt,
        status_before=POLICY_CREATED,
        status_after=after,
        event="poll_policy_status",
        columns={
            "poll_count": attempt,
            "policy_status_response": outcome.response,
            "requires_circuit_breaker": True if after == POLICY_READY else None,
        },
        outcome=outcome,
        message=message,
    )


# --- trigger_circuit_breaker.py
def trigger_circuit_breaker(session: Session, request: str) -> dict[str, Any]:
    """Send POST /circuit for each execution of this driver that the table says is 'policy_ready'.

    That the request is about to be sent is written, guarded, before it is sent: a row that is no
    longer ready, or no longer this driver's, is not triggered.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ..., "execution_ids": [...]}`.

    Returns:
        Counts by status.

    """
    wanted = read_request(request)
    settings = load_settings()
    state = ExecutionState(session, settings, wanted["invocation_id"])
    ready = [
        row
        for row in state.read(wanted["execution_ids"])
        if row.status == POLICY_READY and row.invocation_id == wanted["invocation_id"]
    ]
    confirmed = state.record([_announcement(row) for row in ready])
    todo = [row for row in ready if row.execution_id in confirmed]
    changes, landed = drive(settings, state, todo, _trigger, _after_trigger)
    return summary(changes, landed)


def _announcement(execution: Execution) -> Change:
    return Change(
        execution_id=execution.execution_id,
        step=3,
        attempt=1,
        status_before=POLICY_READY,
        status_after=POLICY_READY,
        event="circuit_breaker_initiated",
        columns={"requires_circuit_breaker": True, "circuit_breaker_initiated": True},
        message="the circuit breaker request is about to be sent",
    )


def _trigger(api: PolicyApi, execution: Execution) -> ApiOutcome:
    return api.trigger_circuit_breaker(
        execution.execution_id, execution.policy_id or "", execution.api_execution_id
    )


def _after_trigger(execution: Execution, outcome: ApiOutcome) -> Change:
    triggered = outcome.kind == "triggered"
    message = None if triggered else failed(3, "trigger circuit breaker", execution, outcome)
    return Change(
        execution_id=execution.execution_id,
        step=3,
        attempt=1,
        status_before=POLICY_READY,
        status_after=COMPLETED if triggered else ERROR,
        event="trigger_circuit_breaker",
        columns={
            "circuit_breaker_completed": True if triggered else None,
            "circuit_breaker_response": outcome.response,
        },
        outcome=outcome,
        message=message,
    )
{% endraw %}
{%- endmacro %}

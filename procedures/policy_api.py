"""The HTTP client of the policy API's three endpoints.

Every call comes back as an `ApiOutcome`: an API that misbehaves is data here, not an exception.
"""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from procedures.api_outcome import (
    ApiOutcome,
    OutcomeKind,
    ResponseTooLargeError,
    ResponseTooSlowError,
    answered,
    not_answered,
    not_sent,
    read_body,
    unusable_body,
)
from procedures.deadline import AttemptTimeout, CallClock, DeadlineRetry, clock
from procedures.pace import HeldTooLongError, Pace
from procedures.settings import Settings

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

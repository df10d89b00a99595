"""The HTTP client of the policy API's three endpoints.

Every call returns an `ApiOutcome`, whatever the API answers and whatever goes wrong: here a wrong
answer is data, not an exception.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import quote

from procedures.answers.judgement import (
    Judgement,
    Show,
    judge_created,
    judge_polled,
    judge_triggered,
)
from procedures.common.bound_json import to_json
from procedures.common.redaction import Redactor
from procedures.common.settings import Settings
from procedures.domain.api_outcome import ApiOutcome
from procedures.domain.ownership import NotPermittedError
from procedures.http.answer_reading import AnswerReader, Judge
from procedures.http.authorization import Authorization
from procedures.http.rate_limiter import HeldTooLongError, RateLimiter
from procedures.http.retry import backoff, is_sent_again, retry_after
from procedures.http.transport import Answer, NoAnswerError, Transport


@dataclass
class _Request:
    """A request, and what happened to it so far."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    data: bytes | None = None
    requests_sent: int = 0
    started: float | None = None

    def milliseconds(self) -> int:
        return round((time.monotonic() - self.started) * 1000) if self.started else 0


class PolicyApi:
    """Calls the policy API; safe to use from several threads.

    Args:
        settings: the settings of the procedure.
        authorization: the authentication header, or None.

    """

    def __init__(self, settings: Settings, authorization: Authorization | None = None) -> None:
        self._settings = settings
        self._redactor = Redactor(authorization.secrets if authorization else ())
        self._rate_limiter = RateLimiter(settings.requests_per_second)
        headers = {"Accept": "application/json"}
        if authorization:
            headers[settings.auth_header] = authorization.header
        tls = settings.base_url.startswith("https:")
        self._transport = Transport(settings.connections, headers, tls=tls)
        self._check: Callable[[], None] | None = None

    def checked(self, check: Callable[[], None]) -> Self:
        """Return the same client, which calls `check` before each request is sent.

        When `check` raises NotPermittedError before anything was sent, the client's call raises it.
        """
        api = copy.copy(self)
        api._check = check
        return api

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def create_policy(self, execution_id: str, policy: Mapping[str, Any] | str) -> ApiOutcome:
        """Send POST /createpolicy with the policy; a policy given as text is sent unchanged."""

        def sent() -> Mapping[str, Any]:
            return json.loads(policy) if isinstance(policy, str) else policy

        def judge(body: dict[str, Any], _: int, show: Show) -> Judgement:
            return judge_created(body, sent, self._settings, show, self._redactor.holds_part)

        return self._call("POST", "createpolicy", judge, policy, f"{execution_id}:create_policy")

    def poll_policy_status(self, policy_id: str) -> ApiOutcome:
        """Send GET /policy/{policy_id}; an unclear answer is 'not_ready'."""

        def judge(body: dict[str, Any], status: int, show: Show) -> Judgement:
            return judge_polled(body, policy_id, self._settings, show, http_status=status)

        return self._call("GET", f"policy/{quote(policy_id, safe='')}", judge)

    def trigger_circuit_breaker(
        self, execution_id: str, policy_id: str, api_execution_id: str
    ) -> ApiOutcome:
        """Send POST /circuit; a status 2xx with a body that confirms, or without body, confirms."""

        def judge(body: dict[str, Any], status: int, show: Show) -> Judgement:
            return judge_triggered(body, policy_id, self._settings, show, http_status=status)

        request = {
            "policy_id": policy_id,
            "execution_id": api_execution_id,
            "trigger_reason": self._settings.trigger_reason,
        }
        key = f"{execution_id}:trigger_circuit_breaker"
        return self._call("POST", "circuit", judge, request, key, may_be_empty=True)

    def _call(
        self,
        method: str,
        path: str,
        judge: Judge,
        body: Mapping[str, Any] | str | None = None,
        idempotency_key: str | None = None,
        *,
        may_be_empty: bool = False,
    ) -> ApiOutcome:
        url = f"{self._settings.base_url.rstrip('/')}/{path}"
        reader = AnswerReader(method, url, self._redactor)
        request = _Request(method, url)
        came: Answer | NoAnswerError | None = None
        try:
            if idempotency_key:
                text = body if isinstance(body, str) else to_json(body)
                request.headers["Idempotency-Key"] = idempotency_key
                request.headers["Content-Type"] = "application/json"
                request.data = text.encode()
            came = self._sent(request)
            if isinstance(came, NoAnswerError):
                outcome = reader.not_answered(came)
            else:
                outcome = reader.answered(came, judge, may_be_empty=may_be_empty)
        except NotPermittedError:
            raise
        except HeldTooLongError as error:
            outcome = reader.not_sent(error)
        except Exception as error:  # noqa: BLE001  # the error becomes the outcome of this execution
            answer = came if isinstance(came, Answer) else None
            outcome = reader.broken(error, answer, sent=request.requests_sent > 0)
        return replace(
            outcome, duration_ms=request.milliseconds(), requests_sent=request.requests_sent
        )

    def _sent(self, request: _Request) -> Answer | NoAnswerError:
        """Send a request, and repeat it where that is safe, until the deadline of the call.

        The wait for a turn among our own requests does not count for the deadline.

        Raises:
            HeldTooLongError: when the API's pause lasts longer than a call; nothing was sent.
            NotPermittedError: when the request must not be sent; nothing was sent.
            ValueError: when the arguments make no legal request; nothing was sent.

        """
        settings = self._settings
        self._rate_limiter.wait_for_turn(settings.step_deadline_seconds)
        request.started = time.monotonic()
        deadline = request.started + settings.step_deadline_seconds
        came: Answer | NoAnswerError | None = None
        while True:
            try:
                came = self._once(request, deadline)
            except NotPermittedError:
                if came is None:
                    raise
                return came
            asked = retry_after(came) if isinstance(came, Answer) else None
            if asked and isinstance(came, Answer):
                self._rate_limiter.hold(asked, came.status)
            retries = request.requests_sent - 1
            if retries == settings.max_retries or not is_sent_again(request.method, came):
                return came
            if asked is None:
                time.sleep(min(backoff(retries), max(0.0, deadline - time.monotonic())))
            begun, held = time.monotonic(), self._rate_limiter.held()
            if held >= deadline - begun:
                return came
            try:
                self._rate_limiter.wait_for_turn(deadline - begun)
            except HeldTooLongError:
                return came
            deadline += max(0.0, time.monotonic() - begun - held)

    def _once(self, request: _Request, deadline: float) -> Answer | NoAnswerError:
        if self._check:
            begun = time.monotonic()
            self._check()
            deadline += time.monotonic() - begun
        limit = min(deadline, time.monotonic() + self._settings.timeout_seconds)
        request.requests_sent += 1
        try:
            return self._transport.exchange(
                request.method, request.url, request.headers, request.data, limit, self._check
            )
        except NoAnswerError as error:
            return error
        except (ValueError, NotPermittedError):
            request.requests_sent -= 1
            raise

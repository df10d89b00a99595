"""The HTTP client of the policy API, for the requests that the description names.

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
from urllib.parse import urlsplit

from procedures.answers.described import (
    judge_confirmation,
    judge_found,
    judge_statuses,
)
from procedures.answers.judgement import (
    Judgement,
    Show,
    judge_created,
    judge_id,
    judge_polled,
    judge_triggered,
)
from procedures.answers.pointers import (
    Place,
    Received,
    collections_of,
    first_index,
    in_headers,
    look_up,
)
from procedures.answers.signs import levels, policy_ids
from procedures.common.redaction import Redactor
from procedures.common.settings import Settings
from procedures.description.description import Description, Endpoint, read_description
from procedures.description.templates import (
    PlaceholderError,
    Values,
    fill_body,
    fill_form,
    fill_text,
    fill_url,
)
from procedures.domain.api_breaker import BreakerOpenError, EndpointBreaker
from procedures.domain.api_outcome import EARLIER_TRY, ApiOutcome
from procedures.domain.ownership import NotBegunError, NotPermittedError
from procedures.domain.request import ENDPOINTS
from procedures.http.addresses import wire_address
from procedures.http.answer_reading import AnswerReader, Meaning
from procedures.http.credentials import Credentials
from procedures.http.rate_limiter import LOOK_AGAIN_SECONDS, HeldTooLongError, RateLimiter
from procedures.http.retry import backoff, is_sent_again, retry_after
from procedures.http.transport import Answer, NoAnswerError, Transport


@dataclass
class Request:
    """A request, and what happened to it so far.

    `counted_retries` is the number of retries but for those after a status that means busy.
    `is_in_doubt` says that a try may have been processed which was repeated.
    """

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    data: bytes | None = None
    requests_sent: int = 0
    counted_retries: int = 0
    is_in_doubt: bool = False
    started: float | None = None

    def milliseconds(self) -> int:
        """For how long the request has been under way."""
        return round((time.monotonic() - self.started) * 1000) if self.started else 0


@dataclass(frozen=True)
class Call:
    """One request for one execution: what to send, and how to understand the answer."""

    endpoint: Endpoint
    values: Values
    meaning: Meaning
    idempotency_key: str = ""


def _is_of_list(endpoint: Endpoint) -> bool:
    """Whether the description reads the answer as a list."""
    return any(first_index(place) is not None for place in endpoint.places)


def _turn(
    limiter: RateLimiter,
    breaker: EndpointBreaker,
    call: object,
    longest_hold: float,
    may_begin: Callable[[], None] = lambda: None,
    *,
    is_repeated: bool = False,
) -> int:
    """Wait until a request may be sent, by rate, pause and breaker; returns its number there.

    Args:
        limiter: the limiter of the request's host.
        breaker: the breaker of the request's endpoint.
        call: whose request it is, for the breaker.
        longest_hold: the longest pause of the API that is waited for, in seconds.
        may_begin: called again and again during the wait; what it raises ends the wait.
        is_repeated: whether a request of the call was sent before.

    Raises:
        BreakerOpenError: when the breaker lets no such request pass.
        HeldTooLongError: when the API's pause lasts longer.

    """
    while True:
        limiter.wait_for_turn(longest_hold, may_begin)
        number = breaker.begin(call, is_repeated=is_repeated)
        if number is not None:
            return number
        breaker.wait(LOOK_AGAIN_SECONDS)


class PolicyApi:
    """Calls the policy API; safe to use from several threads.

    Args:
        settings: the settings of the procedure.
        credentials: the values of the secrets that the description names.

    """

    def __init__(self, settings: Settings, credentials: Credentials | None = None) -> None:
        self._settings = settings
        self._credentials = credentials or Credentials()
        self._redactor = Redactor(self._credentials.secrets)
        self.description: Description = read_description(settings.api)
        urls = [wire_address(endpoint.url) for endpoint in self.description.endpoints]
        # A Retry-After counts for a host, and so does the rate.
        self._rate_limiters = {
            urlsplit(url).netloc: RateLimiter(settings.requests_per_second) for url in urls
        }
        tls = any(url.startswith("https:") for url in urls)
        # Each request has its own headers, so that no secret goes to a host that must not see it.
        self._transport = Transport(settings.connections, {}, tls=tls)
        self.breakers = {
            name: EndpointBreaker(settings.breaker_failures, settings.connections)
            for name in ENDPOINTS
        }
        self._check: Callable[[], None] | None = None
        self._may_begin: Callable[[], None] = lambda: None

    def checked(
        self, check: Callable[[], None], may_begin: Callable[[], None] = lambda: None
    ) -> Self:
        """Return the same client, which asks before it sends.

        Args:
            check: called just before each request is sent; it may raise NotPermittedError.
            may_begin: called while the first request of a call waits; it may raise NotBegunError.
                What the two raise before anything was sent, the client's call raises.

        """
        api = copy.copy(self)
        api._check = check
        api._may_begin = may_begin
        return api

    def rest(self) -> float:
        """Seconds until the next request may leave, by the API's pause and by the rate."""
        return max(limiter.rest() for limiter in self._rate_limiters.values())

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def find_policy(self, execution_id: str, policy: Mapping[str, Any] | str) -> ApiOutcome:
        """Ask whether the policy of an execution is there: 'found', 'absent', or a failure.

        An API may show a policy late, so a policy counts as absent only when the API has said so
        again after the pause of the description.
        """
        call = self.finding(execution_id, policy)
        outcome = self.send(call)
        pause = call.endpoint.again_after_seconds
        if outcome.kind != "absent" or not pause:
            return outcome
        time.sleep(pause)
        again = self.send(call)
        return replace(again, requests_sent=outcome.requests_sent + again.requests_sent)

    def create_policy(
        self, execution_id: str, policy: Mapping[str, Any] | str, *, was_sent_before: bool = False
    ) -> ApiOutcome:
        """Create the policy; a policy given as text is sent unchanged.

        Args:
            execution_id: the execution.
            policy: the policy.
            was_sent_before: whether the request may have been sent before.

        """
        return self.send(self.creating(execution_id, policy, was_sent_before=was_sent_before))

    def poll_policy_status(
        self, policy_id: str, values: Mapping[str, str] | None = None, policy: str | None = None
    ) -> ApiOutcome:
        """Ask for the status of a policy; an unclear answer is 'not_ready'."""
        return self.send(self.polling(policy_id, values, policy))

    def trigger_circuit_breaker(
        self,
        execution_id: str,
        policy_id: str,
        api_execution_id: str,
        policy: str | None = None,
        *,
        was_sent_before: bool = False,
    ) -> ApiOutcome:
        """Trigger the circuit breaker of a policy."""
        call = self.triggering(
            execution_id, policy_id, api_execution_id, policy, was_sent_before=was_sent_before
        )
        return self.send(call)

    def finding(self, execution_id: str, policy: Mapping[str, Any] | str) -> Call:
        """The request that asks whether a policy is there."""
        endpoint = self.description.find
        if endpoint is None or endpoint.id_at is None:
            raise ValueError("the description of the policy API has no find")
        id_at = endpoint.id_at

        def judge(seen: Received, show: Show) -> Judgement:
            if seen.status in endpoint.absent:
                return Judgement("absent", f"the API has no such policy: HTTP {seen.status}")
            return judge_found(self._located(seen), id_at, show, self._redactor.holds_part)

        values = self._values({"execution_id": execution_id}, policy)
        meaning = Meaning(judge, may_be_any_json=True, may_be_any_text=in_headers(id_at))
        return Call(endpoint, values, meaning)

    def creating(
        self, execution_id: str, policy: Mapping[str, Any] | str, *, was_sent_before: bool
    ) -> Call:
        """The request that creates a policy."""
        endpoint = self.description.create
        id_at = endpoint.id_at
        is_secret = self._redactor.holds_part

        def sent() -> Mapping[str, Any]:
            return json.loads(policy) if isinstance(policy, str) else policy

        def judge(seen: Received, show: Show) -> Judgement:
            seen = self._located(seen)
            if seen.status in endpoint.already:
                return self._judge_already_created(seen, id_at)
            return judge_created(seen, id_at, sent, self._settings, show, is_secret)

        in_head = id_at is not None and in_headers(id_at)
        meaning = Meaning(
            judge,
            may_be_any_json=_is_of_list(endpoint),
            may_be_any_text=in_head,
            was_sent_before=was_sent_before,
        )
        values = self._values({"execution_id": execution_id}, policy)
        return Call(endpoint, values, meaning, f"{execution_id}:create_policy")

    def polling(
        self, policy_id: str, values: Mapping[str, str] | None = None, policy: str | None = None
    ) -> Call:
        """The request for the status of a policy."""
        endpoint = self.description.poll

        def judge(seen: Received, show: Show) -> Judgement:
            if endpoint.status_at:
                return judge_statuses(seen, endpoint, policy_id, self._settings, show)
            return judge_polled(seen, endpoint.id_at, policy_id, self._settings, show)

        known = self._values({"policy_id": policy_id, **(values or {})}, policy)
        return Call(endpoint, known, Meaning(judge, may_be_any_json=_is_of_list(endpoint)))

    def triggering(
        self,
        execution_id: str,
        policy_id: str,
        api_execution_id: str,
        policy: str | None = None,
        *,
        was_sent_before: bool,
    ) -> Call:
        """The request that triggers the circuit breaker of a policy."""
        endpoint = self.description.trigger
        if endpoint is None:
            raise ValueError("the description of the policy API has no circuit breaker")
        confirmation = endpoint.confirmation

        def judge(seen: Received, show: Show) -> Judgement:
            if seen.status in endpoint.already:
                message = f"circuit breaker confirmed by an earlier request (HTTP {seen.status})"
                return Judgement("triggered", message)
            if confirmation:
                return judge_confirmation(seen, endpoint, confirmation, policy_id, show)
            return judge_triggered(seen, endpoint.id_at, policy_id, self._settings, show)

        values = self._values(
            {
                "policy_id": policy_id,
                "execution_id": execution_id,
                "api_execution_id": api_execution_id,
                "trigger_reason": self._settings.trigger_reason,
            },
            policy,
        )
        meaning = Meaning(
            judge,
            may_be_empty=True,
            may_be_any_json=_is_of_list(endpoint),
            was_sent_before=was_sent_before,
        )
        return Call(endpoint, values, meaning, f"{execution_id}:trigger_circuit_breaker")

    def probing(self, url: str) -> Call:
        """A request that only shows whether a host answers; any answer is 'ready'.

        The request has the headers of a request that the description sends to this host.
        """

        def judge(seen: Received, _: Show) -> Judgement:
            return Judgement("ready", f"the host answers with HTTP {seen.status}")

        meaning = Meaning(judge, may_be_any_text=True)
        host = urlsplit(url).netloc
        own = [e.headers for e in self.description.endpoints if urlsplit(e.url).netloc == host]
        endpoint = Endpoint("poll", "GET", url, headers=own[0] if own else {})
        return Call(endpoint, self._values({}), meaning)

    def prepared(self, call: Call) -> Request:
        """Make the request of a call.

        Raises:
            PlaceholderError: when a placeholder has no value that can stand at its place.

        """
        endpoint = call.endpoint
        address = fill_url(wire_address(endpoint.url), call.values)
        request = Request(endpoint.method, address, self._headers_of(endpoint))
        key, text_of_key = endpoint.key, call.idempotency_key
        if key and key.header:
            request.headers[key.header] = text_of_key
        if endpoint.body is not None:
            in_body = (key.body, text_of_key) if key and key.body else None
            fill = fill_form if endpoint.is_form else fill_body
            text = fill(endpoint.body, call.values, in_body)
            if endpoint.content_type is None:
                request.headers["Content-Type"] = "application/json"
            request.data = text.encode()
        return request

    def read(self, call: Call, answer: Answer) -> ApiOutcome:
        """Understand an answer to a call, without a request."""
        return self._reader(call).answered(answer, call.meaning)

    def send(self, call: Call) -> ApiOutcome:
        """Send the request of a call, and understand its answer."""
        reader = self._reader(call)
        request = Request(call.endpoint.method, wire_address(call.endpoint.url))
        came: Answer | NoAnswerError | None = None
        try:
            request = self.prepared(call)
            came = self._sent(request, call, reader)
            if isinstance(came, NoAnswerError):
                outcome = reader.not_answered(came)
            else:
                outcome = reader.answered(came, call.meaning)
        except (NotPermittedError, NotBegunError):
            raise
        except HeldTooLongError as error:
            outcome = reader.not_sent(error)
        except Exception as error:  # noqa: BLE001  # the error becomes the outcome of this execution
            answer = came if isinstance(came, Answer) else None
            outcome = reader.broken(error, answer, sent=request.requests_sent > 0)
        if request.is_in_doubt and outcome.kind in ("rejected", "unavailable"):
            outcome = replace(outcome, message=f"{outcome.message}; {EARLIER_TRY}")
        return replace(
            outcome, duration_ms=request.milliseconds(), requests_sent=request.requests_sent
        )

    def _headers_of(self, endpoint: Endpoint) -> dict[str, str]:
        known = self._values({})
        return {name: fill_text(text, known) for name, text in endpoint.headers.items()}

    def _values(
        self, texts: Mapping[str, str], policy: Mapping[str, Any] | str | None = None
    ) -> Values:
        return Values({**self._credentials.texts, **texts}, policy)

    def _reader(self, call: Call) -> AnswerReader:
        address = wire_address(call.endpoint.url)
        try:
            shown = fill_url(address, call.values, shown=True)
        except PlaceholderError:
            shown = address
        return AnswerReader(call.endpoint, shown, self._redactor)

    def _located(self, seen: Received) -> Received:
        """The same answer, with what a Location cannot have as an id."""
        create, poll = self.description.create.url, self.description.poll.url
        return replace(seen, collections=collections_of(create, poll.partition("{policy_id}")[0]))

    def _judge_already_created(self, seen: Received, id_at: str | None) -> Judgement:
        """Judge an answer which says that an earlier request created the policy."""
        if id_at is not None:
            place = look_up(id_at, seen)
        else:
            named = policy_ids(levels(seen.body))
            place = Place("found", named[0].value) if named else Place("elsewhere")
        judged = judge_id(place, id_at or "policy_id", self._redactor.holds_part)
        if judged.policy_id is not None:
            return replace(judged, message="policy created by an earlier request")
        message = (
            f"HTTP {seen.status} from the API: an earlier request created the policy, and the "
            "answer does not hold its policy_id"
        )
        return Judgement("unknown", message, "AlreadyWithoutId")

    def _sent(self, request: Request, call: Call, reader: AnswerReader) -> Answer | NoAnswerError:
        """Send a request, and repeat it where that is safe, until the deadline of the call.

        The wait for a turn among our own requests does not count for the deadline.

        Raises:
            HeldTooLongError: when the API's pause lasts longer than a call; nothing was sent.
            NotBegunError: when the breaker of the endpoint is open; nothing was sent.
            NotPermittedError: when the request must not be sent; nothing was sent.
            ValueError: when the arguments make no legal request; nothing was sent.

        """
        settings, endpoint = self._settings, call.endpoint
        breaker = self.breakers[endpoint.step]
        limiter = self._rate_limiters[urlsplit(request.url).netloc]
        mine = object()

        def may_begin() -> None:
            breaker.check()
            self._may_begin()

        number = _turn(limiter, breaker, mine, settings.step_deadline_seconds, may_begin)
        request.started = time.monotonic()
        deadline = request.started + settings.step_deadline_seconds
        came: Answer | NoAnswerError | None = None
        while True:
            try:
                came = self._once(request, deadline)
            except BaseException as error:
                breaker.withdraw(mine)
                if came is None or not isinstance(error, NotPermittedError):
                    raise
                return came
            asked = retry_after(came, endpoint.busy) if isinstance(came, Answer) else None
            if asked is None:
                breaker.note(mine, number, reader.says_down(came, call.meaning))
            elif isinstance(came, Answer):
                # A Retry-After asks for patience: the API neither works nor is down.
                breaker.withdraw(mine, f"HTTP {came.status} with Retry-After")
                limiter.hold(asked, came.status)
            retries = request.requests_sent - 1
            is_busy = isinstance(came, Answer) and came.status in endpoint.busy
            if not is_busy and request.counted_retries == settings.max_retries:
                return came
            if breaker.is_open or not is_sent_again(endpoint, came):
                return came
            request.counted_retries += not is_busy
            is_away = isinstance(came, Answer) and came.status == 503 and not is_busy
            request.is_in_doubt |= is_away and not endpoint.is_read
            if asked is None:
                left = deadline - time.monotonic()
                if is_busy and left <= 0:
                    return came
                time.sleep(min(backoff(retries), max(0.0, left)))
            begun, held = time.monotonic(), limiter.held()
            if held >= deadline - begun:
                return came
            try:
                number = _turn(limiter, breaker, mine, deadline - begun, is_repeated=True)
            except (HeldTooLongError, BreakerOpenError):
                return came
            deadline += max(0.0, time.monotonic() - begun - held)

    def _once(self, request: Request, deadline: float) -> Answer | NoAnswerError:
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

"""Turns what came over the wire into a typed outcome: the only place that reads an answer.

All endpoints use it. A text is redacted first and cut afterwards, and every table can hold it.
"""

from __future__ import annotations

import errno
import json
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import requests

from procedures.answers.answer_json import parse_answer
from procedures.answers.judgement import Judgement, Show
from procedures.answers.pointers import Received
from procedures.answers.signs import TooManyPartsError
from procedures.common.printable import printable
from procedures.common.redaction import Redactor
from procedures.description.description import Endpoint
from procedures.description.templates import PlaceholderError
from procedures.domain.api_outcome import API_BUSY, OUTCOME_UNKNOWN, ApiOutcome, OutcomeKind
from procedures.http.rate_limiter import HeldTooLongError
from procedures.http.retry import never_left
from procedures.http.transport import Answer, NoAnswerError

KEPT_TEXT_CHARACTERS = 2000
# How much of a text is redacted; the number above says how much of that is kept.
READ_TEXT_BYTES = 64 * 1024
# A statement with all that it binds stays under 1 MB (docs/snowflake_facts.md#sizes).
KEPT_JSON_BYTES = 256 * 1024
SHOWN_CHARACTERS = 200
MESSAGE_CHARACTERS = 1000

Judge = Callable[[Received, Show], Judgement]
REPEATED_CONFLICT = (
    "HTTP 409 from the API to a request that may have been sent before: the first request may have "
    "taken effect"
)


@dataclass(frozen=True)
class Meaning:
    """How an answer is to be understood.

    Args:
        judge: says what a whole answer with a status 2xx means.
        may_be_empty: whether an empty body means the same as an object without fields.
        may_be_any_json: whether the body may be any JSON, and not only an object.
        may_be_any_text: whether the body need not be JSON, as only the headers count.
        was_sent_before: whether the request may have been sent before, in another call.

    """

    judge: Judge
    may_be_empty: bool = False
    may_be_any_json: bool = False
    may_be_any_text: bool = False
    was_sent_before: bool = False


class AnswerReader:
    """Reads the answers to one kind of request.

    Args:
        endpoint: the kind of request: whether it changes something at the API, and what its
            statuses mean.
        url: the address of the request.
        redactor: removes secrets.

    """

    def __init__(self, endpoint: Endpoint, url: str, redactor: Redactor) -> None:
        self._endpoint = endpoint
        self._url = url
        self._redactor = redactor

    def show(self, text: object) -> str:
        """Make a text from elsewhere fit for a message: redacted, on one line, then cut."""
        return printable(self._redactor.text(str(text)), SHOWN_CHARACTERS)

    def quote(self, value: Any) -> str:
        """Make a value of an answer fit for a message: a text in quotes, anything else as JSON."""
        if isinstance(value, str):
            return f"'{self.show(value)}'"
        return self.show(json.dumps(self._redactor.value(value), ensure_ascii=False))

    def outcome(
        self,
        kind: OutcomeKind,
        message: str,
        error_class: str | None,
        answer: Answer | None = None,
        response: dict[str, Any] | None = None,
    ) -> ApiOutcome:
        """Make an outcome; its texts are redacted."""
        return ApiOutcome(
            kind=kind,
            method=self._endpoint.method,
            url=printable(self._redactor.text(self._url)),
            message=printable(self._redactor.text(message), MESSAGE_CHARACTERS),
            http_status=answer.status if answer else None,
            error_class=error_class,
            response=response,
        )

    def answered(self, answer: Answer, meaning: Meaning) -> ApiOutcome:
        """Turn an answer into an outcome, which keeps what was received and invents nothing."""
        value, problem = parse_answer(answer.body)
        problem = answer.problem or problem
        if problem is None and not (isinstance(value, dict) or meaning.may_be_any_json):
            problem = f"the body is JSON, but not an object: {type(value).__name__}"
        kept = self._kept(answer, value, problem)
        status = answer.status
        if 300 <= status < 400:
            message = f"HTTP {status}: a redirect to {self._host(answer)}, not followed"
            if status == 303 and not self._endpoint.is_read:
                # 303: the request was processed, and its result is elsewhere (RFC 9110, 15.4.4).
                return self.outcome("unknown", message + OUTCOME_UNKNOWN, "Redirect", answer, kept)
            return self.outcome("rejected", message, "Redirect", answer, kept)
        if status < 200:
            return self.outcome(
                "unreadable", f"HTTP {status} from the API", f"HTTP{status}", answer, kept
            )
        if status >= 400 and not self._counts_as_answer(answer, meaning):
            return self._refused(answer, kept, meaning)
        if answer.problem:
            return self._incomplete(answer, kept)
        is_empty = not answer.body.strip(b" \t\r\n")
        only_head_counts = status >= 400 or meaning.may_be_any_text
        if problem and (only_head_counts or (meaning.may_be_empty and is_empty)):
            value, problem = {}, None
        if problem is None:
            try:
                judged = meaning.judge(Received(value, status, answer.headers), self.quote)
            except TooManyPartsError as error:
                problem = str(error)
            else:
                kind, message, name = judged.kind, judged.message, judged.error_class
                outcome = self.outcome(kind, message, name, answer, kept)
                return replace(outcome, policy_id=judged.policy_id)
        kind = "not_ready" if self._endpoint.is_read else "unreadable"
        message = f"HTTP {status}, but {problem}"
        return self.outcome(kind, message, "UnreadableAnswer", answer, kept)

    def _counts_as_answer(self, answer: Answer, meaning: Meaning) -> bool:
        """Whether a status of 400 and more is an answer that the description gives a meaning.

        That a policy is absent no page says: a gateway answers so for an API that is away.
        """
        if answer.status in self._endpoint.absent:
            return not answer.body.lstrip(b" \t\r\n\xef\xbb\xbf").startswith(b"<")
        return answer.status in self._endpoint.already and meaning.was_sent_before

    def _refused(self, answer: Answer, kept: dict[str, Any], meaning: Meaning) -> ApiOutcome:
        """Make the outcome of an answer with a status of 400 and more."""
        status = answer.status
        if status in self._endpoint.busy:
            message = f"HTTP {status} from the API: busy, and no time is left for another try"
            return self.outcome("unavailable", message, API_BUSY, answer, kept)
        if status == 409 and meaning.was_sent_before:
            return self.outcome("unknown", REPEATED_CONFLICT, "RepeatedConflict", answer, kept)
        kind = self._error_kind(status)
        doubt = OUTCOME_UNKNOWN if kind == "unknown" else ""
        message = f"HTTP {status} from the API{doubt}"
        return self.outcome(kind, message, f"HTTP{status}", answer, kept)

    def not_answered(self, error: NoAnswerError) -> ApiOutcome:
        """Make the outcome of a request without an answer: never sent, or of unknown fate."""
        cause = error.__cause__ or error
        host = urlsplit(self._url).netloc
        if never_left(error) or isinstance(cause, requests.exceptions.ConnectTimeout):
            unresolved = any(_is_no_name(seen) for seen in _chain(cause))
            reason = "the name could not be resolved" if unresolved else "the connection failed"
            message = (
                f"{host} cannot be reached: {reason} ({self._innermost(cause)}). Check the "
                "address, and that the network rule of the external access integration allows "
                "this host and port"
            )
            return self.outcome(
                "unavailable", message, "NameNotResolved" if unresolved else "ConnectionFailed"
            )
        message = f"no complete answer from {host} ({self._innermost(cause)})"
        if self._endpoint.is_read:
            return self.outcome("unavailable", message, "NoAnswer")
        return self.outcome("unknown", message + OUTCOME_UNKNOWN, "NoAnswer")

    def not_sent(self, error: HeldTooLongError) -> ApiOutcome:
        """Make the outcome of a request that was held back: the API's pause was too long."""
        message = (
            f"not sent: {error} (HTTP {error.status} with Retry-After), which is longer than "
            "policy_api_step_deadline_seconds"
        )
        return self.outcome("unavailable", message, f"HTTP{error.status}")

    def says_down(self, came: Answer | NoAnswerError, meaning: Meaning) -> str | None:
        """Say why an answer, or its absence, says that the API is down; None when it does not.

        The API is down when no connection or no whole answer came in time, and when it answers with
        HTTP 5xx, or with a page in place of JSON. A refusal says that the API is there.
        """
        if isinstance(came, NoAnswerError):
            return self.not_answered(came).message.removesuffix(OUTCOME_UNKNOWN)
        if came.status >= 500:
            named = self._endpoint.busy | self._endpoint.absent | self._endpoint.already
            return None if came.status in named else f"HTTP {came.status} from the API"
        if not 200 <= came.status < 300 or came.too_large:
            return None
        if came.problem:
            return f"HTTP {came.status}, but the answer is unusable: {came.problem}"
        begins = came.body.lstrip(b" \t\r\n\xef\xbb\xbf")[:1]
        if meaning.may_be_any_text or begins in (b"", b"{", b"["):
            return None
        _, problem = parse_answer(came.body)
        return problem and f"HTTP {came.status}, but {problem}"

    def broken(self, error: Exception, answer: Answer | None, *, sent: bool) -> ApiOutcome:
        """Make the outcome of an unexpected error in this client.

        Args:
            error: the error.
            answer: the answer, if it had arrived before the error.
            sent: whether the request may have been sent.

        """
        if isinstance(error, PlaceholderError):
            message = f"the request cannot be made; nothing was sent: {self.show(error)}"
            return self.outcome("rejected", message, error.error_class)
        what = f"{type(error).__name__}: {error}"
        if not sent:
            message = f"the request cannot be made; nothing was sent ({self.show(what)})"
            return self.outcome("rejected", message, "InvalidRequest")
        message = f"the call broke off ({self.show(what)})"
        if self._endpoint.is_read:
            return self.outcome("unavailable", message, "CallBroken", answer)
        return self.outcome("unknown", message + OUTCOME_UNKNOWN, "CallBroken", answer)

    def _kept(self, answer: Answer, value: Any, problem: str | None) -> dict[str, Any]:
        if isinstance(value, dict):
            kept: dict[str, Any] = self._redactor.value(value)
            text = json.dumps(kept, ensure_ascii=False)
            size = len(text.encode())
            if size <= KEPT_JSON_BYTES:
                return kept
            problem = f"the answer has {size} bytes as JSON, of which this is the beginning"
        elif value is not None:
            text = json.dumps(self._redactor.value(value), ensure_ascii=False)
        else:
            text = answer.body[:READ_TEXT_BYTES].decode("utf-8", "replace")
            text = self._redactor.broken_text(text)
        about = {
            "http_status": answer.status,
            "content_type": self.show(answer.headers.get("content-type", "")),
            "body": text.replace("\x00", "\ufffd")[:KEPT_TEXT_CHARACTERS],
            "note": problem,
        }
        # Step 3 needs the API's own id of the execution.
        own = value.get("execution_id") if isinstance(value, dict) else None
        return about | {"execution_id": self.show(own)} if isinstance(own, str) else about

    def _incomplete(self, answer: Answer, kept: dict[str, Any]) -> ApiOutcome:
        """Make the outcome of an answer with a status 2xx that is not whole."""
        name = "IncompleteAnswer"
        if answer.too_slow:
            name = "ResponseTooSlow"
        elif answer.too_large:
            name = "ResponseTooLarge"
        message = f"HTTP {answer.status}, but the answer is unusable: {answer.problem}"
        if self._endpoint.is_read:
            return self.outcome("not_ready", message, name, answer, kept)
        return self.outcome("unknown", message + OUTCOME_UNKNOWN, name, answer, kept)

    def _host(self, answer: Answer) -> str:
        try:
            return self.show(urlsplit(answer.headers.get("location", "")).netloc or "elsewhere")
        except ValueError:
            return "an address that is none"

    def _error_kind(self, status: int) -> OutcomeKind:
        if status in {425, 429} or (status in {408, 503} and self._endpoint.is_repeatable):
            return "unavailable"
        if status == 408 or status >= 500:
            return "unavailable" if self._endpoint.is_read else "unknown"
        return "rejected"

    def _innermost(self, error: BaseException) -> str:
        seen = _chain(error)[-1]
        text = self.show(seen)
        return f"{type(seen).__name__}: {text}" if text else type(seen).__name__


def _chain(error: BaseException) -> list[BaseException]:
    """List an error and its causes: requests and urllib3 wrap the real error in their own."""
    chain = [error]
    while len(chain) < 10:
        seen = chain[-1]
        inner = getattr(seen, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((arg for arg in seen.args if isinstance(arg, BaseException)), None)
        # urllib3 before 2.0 names the cause in words only.
        inner = inner or seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
        if inner is None or inner in chain:
            break
        chain.append(inner)
    return chain


def _is_no_name(error: BaseException) -> bool:
    """Whether an error says that the name of a host could not be resolved.

    Snowflake raises EBUSY when no network rule allows the host, in place of an error of name
    resolution (docs/snowflake_facts.md#egress-errors).
    """
    return isinstance(error, socket.gaierror) or (
        isinstance(error, OSError) and error.errno == errno.EBUSY
    )

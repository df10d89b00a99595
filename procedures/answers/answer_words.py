"""The words in which APIs say yes, no or later; the module signs uses them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from procedures.answers.answer_json import NumberText
from procedures.common.remembered import remembered

# Fields that say how the request went; each must hold a word that means yes.
STATUS = {"status", "state", "result"}
# Keys that end with one of these words say how something ended.
OUTCOMES = {"status", "state", "result", "outcome", "conclusion", "verdict", "decision"}
# Fields inside a status that is an object, the best field first.
STATUS_PARTS = ("name", "value", "text", "label", "phase", "message", "code")
# Objects that wrap the answer itself (JSend, JSON:API, AWS style and others).
ENVELOPES = {
    "data", "result", "results", "response", "payload", "body", "content", "attributes", "output",
    "item", "items", "resource", "meta", "d", "properties", "policy", "circuit", "circuitbreaker",
    "breaker", "trigger", "policies",
}  # fmt: skip
# The envelopes that are about the circuit breaker.
CIRCUITS = {"circuit", "circuitbreaker", "breaker", "trigger"}
# Objects that repeat the request, or are about something else.
ASIDE = {
    "request", "policydata", "input", "inputs", "parameters", "params", "args", "arguments",
    "config", "configuration", "settings", "options", "definition", "spec", "schema", "links",
    "headers", "metadata", "tags", "labels", "history", "warnings", "events", "transitions",
    "versions", "shards",
}  # fmt: skip
EARLIER = ("previous", "prior", "last", "old")
# False under a key that ends with one of these words means no; each request has its own set.
FLAGS = {"ok", "success", "succeeded", "successful", "accepted"}
CREATE_FLAGS = {*FLAGS, "created"}
POLL_FLAGS = {*FLAGS, "ready", "active", "completed", "done", "finished", "valid"}
TRIGGER_FLAGS = {
    *POLL_FLAGS, "triggered", "tripped", "open", "opened", "armed", "confirmed", "acknowledged",
    "applied", "executed", "activated", "complete", "processed", "allowed", "authorized",
    "authenticated", "permitted", "granted", "circuit", "initiated",
}  # fmt: skip
_ERRORS = {
    "error", "errors", "err", "exception", "exceptions", "fault", "faults", "faultstring",
    "faultcode", "violation", "violations", "stacktrace", "traceback",
}  # fmt: skip
_ERROR = re.compile(
    r"err(or)?s?(code|codes|msg|message|messages|type|name|description|details?|info|reason|no|id"
    r"|summary|count)?|modelstate|problems|issues|invalidparams"
)
# Words that make a key with `error` in its name no error: error_rate, errorPolicy.
_MEASURES = {
    "rate", "ratio", "threshold", "budget", "limit", "percent", "percentage", "policy", "handling",
    "handler", "mode", "level", "page", "url", "window", "timeout", "total", "max",
}  # fmt: skip
_COUNTED = {"error", "errors", "errorcode", "errcode", "errno", "errorcount"}
# A value that is not empty under one of these keys means no: true, a number, a text.
_FAILED = {
    "fail", "failed", "failure", "rejected", "denied", "refused", "aborted", "unauthorized",
    "forbidden", "cancelled", "canceled", "skipped", "ignored", "invalid", "expired", "timedout",
}  # fmt: skip
_FAILED_NAMES = {"notfound", "noop", "blocked"}
_FAILED_WHY = {"fail", "failed", "failure", "rejection", "reject", "denial", "deny"}
# Keys that say what to do in a case: on_error, default_action.
_IN_CASE = {"on", "if", "when", "default", "handle"}
_WHY = {"reason", "code", "message", "type", "detail", "details", "cause", "count"}
HTTP_STATUS = {"statuscode", "httpstatus", "httpcode", "httpstatuscode", "responsecode"}
RETURN_CODES = {"returncode", "retcode", "rc", "exitcode", "resultcode"}
REFUSALS = {
    "fail", "failed", "failure", "error", "errors", "denied", "access_denied", "deny", "rejected",
    "refused", "forbidden", "unauthorized", "unauthenticated", "invalid", "aborted", "cancelled",
    "canceled", "timeout", "timed_out", "not_found", "bad_request", "conflict", "unavailable",
    "internal_server_error", "internal_error", "internal", "unsuccessful", "ko", "nok", "expired",
    "permission_denied", "quota_exceeded", "declined", "blocked", "failed_precondition", "unknown",
    "invalid_argument", "resource_exhausted", "unimplemented", "data_loss", "out_of_range",
    "deadline_exceeded", "already_exists", "bad_gateway", "gateway_timeout", "service_unavailable",
    "too_many_requests", "unprocessable_entity", "validation_failed", "method_not_allowed",
}  # fmt: skip
_SQUASHED = {found.replace("_", "") for found in REFUSALS}
# Words of a field such as status that mean: accepted, and not done yet.
ACCEPTED = {
    "accepted", "queued", "enqueued", "pending", "processing", "in_progress", "inprogress",
    "scheduled", "submitted", "received", "running", "started", "starting", "working", "waiting",
    "deferred", "initiated", "requested", "async",
}  # fmt: skip
# Stand beside the code of an error, also where there is none.
_LOG_IDS = {"id", "logid", "requestid", "traceid", "correlationid"}
_FALSE = {"false", "no", "0", "n", "f", "off", "never"}
# A policy that is new may have such a status: the request was not refused.
_NOT_YET = {"unknown", "blocked"}
_NOT_DONE = re.compile(
    r"not_(found|exist|allowed|permitted|authori[sz]ed|authenticated|accept|supported|implemented"
    r"|valid|created|ok$|successful|eligible|possible|enough|unique|saved|stored|licensed)"
)
# Words of a status, without the marks between them, that refuse a creation: CreateFailed.
_REFUSES_CREATION = re.compile(
    r"(?!no_?errors?$|0)(.*(failed|failure|denied|rejected|refused|errors?|alreadyexist(s|ing)?"
    r"|duplicated?)|(failedto|rejectedby|cannot|doesnot|nopermission|insufficient|ratelimited"
    r"|throttled|not(found|authori[sz]ed|allowed|permitted|created|supported|accepted)).*"
    r"|exists|nack)"
)
_NOTHING = {
    "", "none", "null", "nil", "false", "ok", "success", "successful", "n/a", "na", "undefined",
}  # fmt: skip
_KEY = re.compile(r"[\w.:@$#-]+( [\w.:@$#-]+){0,3}")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def word(value: Any) -> str | None:
    """Normalise a value to compare it with lists of words; None for a value that is no word."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int | float | str):
        return None
    found = re.sub(r"[\s_-]+", "_", str(value).strip(" \t\r\n.!").casefold())
    found = found.replace("canceled", "cancelled")
    return re.sub(r"^(http_|(circuit_)?(breaker_)?(?=[a-z]))", "", found)


def words_of(values: Iterable[str]) -> set[str]:
    """The normalised words of a setting."""
    return {found for value in values if (found := word(value))}


@remembered
def plain(key: str) -> str:
    """A key without case and marks: errorMessage, error_message and ERROR-MESSAGE are the same."""
    return re.sub(r"[\W_]+", "", key).casefold()


@remembered
def words_of_key(key: str) -> tuple[str, ...]:
    """Split a key into words: isCircuitOpen gives is, circuit, open; a sentence gives none."""
    if not _KEY.fullmatch(key):
        return ()
    return tuple(found.lower() for found in _WORDS.findall(key))


def is_earlier(name: str) -> bool:
    """Whether a plain key is about an earlier state."""
    return name.startswith(EARLIER)


def is_refusal(said: str | None) -> bool:
    """Whether a word means no under any key."""
    if not said:
        return False
    return (
        said in REFUSALS
        or said.startswith(("not_", "invalid_", "missing_", "no_such_"))
        or said.replace("_", "") in _SQUASHED
    )


def refuses_creation(said: str) -> bool:
    """Whether the word of a status says that a policy was not created: CREATE_FAILED, duplicate."""
    return _REFUSES_CREATION.fullmatch(said.replace("_", "")) is not None


def is_not_yet(said: str | None, *, is_named: bool) -> bool:
    """Whether a word that may mean no can also say that a policy has not begun: NOT_STARTED.

    Args:
        said: the word.
        is_named: whether the description names the place of the id, so that the word is about it.

    """
    said = said or ""
    if said in _NOT_YET:
        return is_named
    return said.startswith("not_") and not _NOT_DONE.match(said)


def is_false(said: str | None) -> bool:
    """Whether a word means no under a key that asks a question, such as `success`."""
    return said in _FALSE or is_refusal(said)


def is_ok_number(said: str | None) -> bool:
    """Whether a word is an HTTP status of success other than 202, with or without its phrase."""
    return bool(re.fullmatch(r"2\d\d(_(ok|created|no_content))?", said or "")) and said != "202"


def code_says_no(name: str, said: str | None) -> bool:
    """Whether a code means no: an HTTP status, the exit code of a process, or a code in words."""
    digits = re.match(r"_?(\d+)(_|$)", said or "")
    if not digits:
        return is_refusal(said) or bool(re.fullmatch(r"e(rr(or)?)?_?(\d+|_[a-z_]+)", said or ""))
    number = digits[1]
    if not number.strip("0"):
        return False
    if name in RETURN_CODES:
        return not re.fullmatch(r"2\d\d", number)
    if name in HTTP_STATUS:
        return bool(re.fullmatch(r"[1345]\d\d", number))
    return bool(re.fullmatch(r"[45]\d\d", number))


def tells_of_error(key: str, value: Any) -> bool:
    """Whether a field reports an error, and is not empty."""
    name, words = plain(key), words_of_key(key)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_earlier(name) or not words or words[0] in _IN_CASE:
        return False
    if _ERROR.fullmatch(name) or _ERRORS & set(words):
        if set(words) & _MEASURES or (number and name not in _COUNTED):
            return False
        return says_something(value)
    if (
        words[-1] in _FAILED
        or name in _FAILED_NAMES
        or (words[0] in _FAILED_WHY and words[-1] in _WHY)
    ):
        # A circuit breaker counts failures, so a number of failures is no error.
        return says_something(value) and not (number and "failure" in words)
    return name == "failures" and isinstance(value, list | dict) and says_something(value)


def says_something(value: Any) -> bool:
    """Whether the value of a field such as `error` says that there is an error."""
    if isinstance(value, dict):
        code = next((item for key, item in value.items() if plain(key) == "code"), None)
        if isinstance(code, int | str) and not says_something(code):
            value = {key: item for key, item in value.items() if plain(key) not in _LOG_IDS}
        return any(map(says_something, value.values()))
    if isinstance(value, list):
        return any(map(says_something, value))
    if isinstance(value, str) and not isinstance(value, NumberText):
        said = word(value) or ""
        return not (said in _NOTHING or said.startswith("no_error") or not said.strip("0_"))
    return bool(value)

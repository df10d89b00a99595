"""The words in which APIs say yes, no, and later; see signs for what is made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from procedures.answers.answer_json import NumberText

# Fields that say how it went; each has to hold a word that means yes.
STATUS = {"status", "state", "result"}
# Inside a status that is an object, the best one first.
STATUS_PARTS = ("name", "value", "text", "label", "phase", "message", "code")
# Objects that hold the answer proper (JSend, JSON:API, AWS style and others).
ENVELOPES = {
    "data", "result", "results", "response", "payload", "body", "content", "attributes", "output",
    "item", "items", "resource", "meta", "d", "properties", "policy", "circuit", "circuitbreaker",
    "breaker", "trigger", "policies",
}  # fmt: skip
# Of them, those that are about the circuit breaker.
CIRCUITS = {"circuit", "circuitbreaker", "breaker", "trigger"}
# Objects that repeat what was asked, or tell of something else.
ASIDE = {
    "request", "policydata", "input", "inputs", "parameters", "params", "args", "arguments",
    "config", "configuration", "settings", "options", "definition", "spec", "schema", "links",
    "headers", "metadata", "tags", "labels", "history", "warnings", "events", "transitions",
    "versions", "shards",
}  # fmt: skip
EARLIER = ("previous", "prior", "last", "old")
# False under a key that ends with one of these is a no; which of them count depends on the request.
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
# What has an `error` in its name and is none: error_rate, errorPolicy.
_MEASURES = {
    "rate", "ratio", "threshold", "budget", "limit", "percent", "percentage", "policy", "handling",
    "handler", "mode", "level", "page", "url", "window", "timeout", "total", "max",
}  # fmt: skip
_COUNTED = {"error", "errors", "errorcode", "errcode", "errno", "errorcount"}
# True, or a number, or anything else that is not empty under these is a no.
_FAILED = {
    "fail", "failed", "failure", "rejected", "denied", "refused", "aborted", "unauthorized",
    "forbidden", "cancelled", "canceled", "skipped", "ignored", "invalid", "expired", "timedout",
}  # fmt: skip
_FAILED_NAMES = {"notfound", "noop", "blocked"}
_FAILED_WHY = {"fail", "failed", "failure", "rejection", "reject", "denial", "deny"}
# What to do in case of: on_error, default_action.
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
# Words of a field such as status for: taken, and not done yet.
ACCEPTED = {
    "accepted", "queued", "enqueued", "pending", "processing", "in_progress", "inprogress",
    "scheduled", "submitted", "received", "running", "started", "starting", "working", "waiting",
    "deferred", "initiated", "requested", "async",
}  # fmt: skip
_FALSE = {"false", "no", "0", "n", "f", "off", "never"}
_NOTHING = {
    "", "none", "null", "nil", "false", "ok", "success", "successful", "n/a", "na", "undefined",
}  # fmt: skip
_KEY = re.compile(r"[\w.:@$#-]+( [\w.:@$#-]+){0,3}")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def word(value: Any) -> str | None:
    """A value as it is compared with lists of words; None for what is no word."""
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
    """The words of a list of settings."""
    return {found for value in values if (found := word(value))}


def plain(key: str) -> str:
    """A key without case and marks: errorMessage, error_message and ERROR-MESSAGE are one."""
    return re.sub(r"[\W_]+", "", key).casefold()


def words_of_key(key: str) -> list[str]:
    """The words of a key: of isCircuitOpen, is, circuit and open; a sentence is no key."""
    if not _KEY.fullmatch(key):
        return []
    return [found.lower() for found in _WORDS.findall(key)]


def is_earlier(name: str) -> bool:
    """Whether a plain key tells of what was before."""
    return name.startswith(EARLIER)


def is_refusal(said: str | None) -> bool:
    """Whether a word says no by itself."""
    if not said:
        return False
    return (
        said in REFUSALS
        or said.startswith(("not_", "invalid_", "missing_", "no_such_"))
        or said.replace("_", "") in _SQUASHED
    )


def is_false(said: str | None) -> bool:
    """Whether a word says no as the answer to a question."""
    return said in _FALSE or is_refusal(said)


def is_ok_number(said: str | None) -> bool:
    """Whether a word is an HTTP status of success but 202, with or without its phrase."""
    return bool(re.fullmatch(r"2\d\d(_(ok|created|no_content))?", said or "")) and said != "202"


def code_says_no(name: str, said: str | None) -> bool:
    """Whether a code under a plain key says no: HTTP's, a process's, or one in words."""
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
    """Whether a field is one of those that stand there when something failed, and is not empty."""
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
        # A circuit breaker counts failures for a living.
        return says_something(value) and not (number and "failure" in words)
    return name == "failures" and isinstance(value, list | dict) and says_something(value)


def says_something(value: Any) -> bool:
    """Whether what stands under `error` or the like is one."""
    if isinstance(value, dict):
        return any(map(says_something, value.values()))
    if isinstance(value, list):
        return any(map(says_something, value))
    if isinstance(value, str) and not isinstance(value, NumberText):
        said = word(value) or ""
        return not (said in _NOTHING or said.startswith("no_error") or not said.strip("0_"))
    return bool(value)

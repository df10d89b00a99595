"""Judges answers at the places that a description names.

A place that is named decides, and the other fields may say what they like. Only a plain failure
of the request still counts, because many APIs answer a failure with HTTP 200 and `errors`. Which
policy an answer is about is decided in one place for all answers (see identity).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from procedures.answers.answer_words import (
    FLAGS,
    HTTP_STATUS,
    OUTCOMES,
    code_says_no,
    plain,
    says_something,
    word,
    words_of,
)
from procedures.answers.identity import another_policy, read_levels
from procedures.answers.judgement import QUOTE, TRIGGER_ACCEPTED, Judgement, Show, judge_id
from procedures.answers.pointers import Received, look_up
from procedures.answers.signs import MAX_OBJECTS, deferrals, is_later, refusals
from procedures.common.redaction import REDACTED, names_secret
from procedures.common.settings import Settings
from procedures.description.description import Confirmation, Endpoint
from procedures.description.templates import segments

_ERROR_KEYS = {"error", "errors", "exception", "fault"}
_OUTCOME_FLAGS = {"ok", "success"}
# Keys by which a list says that it is not the whole list.
_INCOMPLETE = re.compile(
    r"timedout|(is)?(truncated|partial|incomplete)(results?)?|has(more|next)(pages?|results?)?"
    r"|more(results|records|items|data|pages?)?|lastevaluatedkey|continue"
    r"|(\w*next|continuation)(pages?|pages?token|token|cursor|link|url|key|offset|marker|index)?"
)
_WHOLE = {"islast", "islastpage", "lastpage", "last", "complete", "iscomplete"}
# How many there are: of an empty list, none.
_TOTALS = re.compile(r"(total|result)?(count|results|records|items|hits|elements)|total|numfound")
# Parts that repeat the question.
_QUESTION = {"query", "request", "params", "parameters", "filter", "filters", "criteria"}
_NEXT_LINK = re.compile(r"""\brel\s*=\s*("[^"]*\bnext\b|next\b)""", re.IGNORECASE)
_INCOMPLETE_PROSE = re.compile(
    r"\btim(ed|e|ing)[ -]?out|incomplete|partial|truncated", re.IGNORECASE
)
_SEARCH_MESSAGES = {"message", "msg", "detail", "warning", "reason"}


def judge_found(
    seen: Received, id_at: str, show: Show, is_secret: Callable[[str], bool]
) -> Judgement:
    """Judge the answer to the question whether a policy is there.

    The policy is there when its id stands at the place. The policy is not there only when the
    answer says so: by a list that is too short, or by a null.
    """
    place = look_up(id_at, seen)
    if place.state == "nothing" and (reason := _no_answer(seen, id_at, show)):
        message = f"the answer does not say whether the policy is there: {reason}"
        return Judgement("unreadable", message, "FindUnclear")
    if error := _error(seen, [id_at], show):
        return Judgement("unreadable", f"the API's answer says failure: {error}", "FindUnclear")
    if place.state == "nothing":
        return Judgement("absent", f"the API has no such policy: nothing stands at {id_at}")
    if place.state == "elsewhere":
        message = f"the answer does not say whether the policy is there: it has no {id_at}"
        return Judgement("unreadable", message, "FindUnclear")
    judged = judge_id(place, id_at, is_secret)
    if judged.policy_id is None:
        return judged
    return Judgement("found", "the policy is there", policy_id=judged.policy_id)


def _no_answer(seen: Received, id_at: str, show: Show) -> str | None:
    """Say why an answer without the policy is no answer: it reports a failure, or comes later."""
    if seen.status == 202:
        return "HTTP 202"
    if more := _says_incomplete(seen, show):
        return f"{more}, so the answer is not the whole list"
    read = read_levels(seen.body, [id_at])
    said = refusals(read, FLAGS, set(), details=False) or deferrals(read, FLAGS)
    if not said:
        return None
    path = "/" + "/".join(said[0].path)
    return f"{path} is {_shown_value(path, said[0].value, show)}"


def _says_incomplete(seen: Received, show: Show) -> str | None:
    """Find what says that a search broke off, or that its list goes on elsewhere."""
    headers = seen.headers or {}
    if _NEXT_LINK.search(headers.get("link", "")) or headers.get("x-next-page", "").strip():
        return "a header names the next page"
    left: list[tuple[str, Any]] = [("", seen.body)]
    for path, level in left:
        for key, value in level.items() if isinstance(level, dict) else ():
            name, at = plain(key), f"{path}/{key}"
            if name in _QUESTION:
                continue
            if _is_part(name, value):
                return f"{show(at).strip(QUOTE)} is {_shown_value(at, value, show)}"
            if isinstance(value, dict) and len(left) < MAX_OBJECTS:
                left.append((at, value))
    return None


def _is_part(name: str, value: Any) -> bool:
    """Whether a field says that a list is a part of another one, or that the search broke off."""
    if _INCOMPLETE.fullmatch(name):
        return _is_something(value)
    if name in _WHOLE:
        return value is False
    if _TOTALS.fullmatch(name):
        return isinstance(value, int) and not isinstance(value, bool) and value > 0
    if name in OUTCOMES:
        return (word(value) or "").startswith("partial")
    is_prose = isinstance(value, str) and name in _SEARCH_MESSAGES
    return is_prose and _INCOMPLETE_PROSE.search(value) is not None


def _is_something(value: Any) -> bool:
    """Whether a value is true, a token, a number of a page, or an object with an address."""
    if isinstance(value, dict | list):
        return says_something(value)
    return bool(value) and word(value) not in ("false", "null", "none", "0", "no", "")


def judge_statuses(
    seen: Received, endpoint: Endpoint, policy_id: str, settings: Settings, show: Show
) -> Judgement:
    """Judge the statuses of a policy: it is ready when all of them are words of success."""
    id_at, places = endpoint.id_at, endpoint.places
    if other := another_policy(seen, id_at, places, policy_id, show, with_bare_ids=True):
        return Judgement("not_ready", other + _and_error(seen, places, show), "AnotherPolicy")
    success = words_of(settings.success_statuses)
    failure = words_of(settings.failure_statuses) - success
    said = []
    for at in endpoint.status_at:
        value = look_up(at, seen).value
        said.append((word(value), f"the API reports {at} {_shown_value(at, value, show)}", at))
    for found, reported, _ in said:
        if found in failure:
            return Judgement("failed", reported, "PolicyFailed")
    for found, reported, at in said:
        if not found:
            return Judgement("not_ready", f"the answer holds no status at {at}", "MissingStatus")
        if found not in success:
            return Judgement("not_ready", reported)
    if seen.status == 202:
        message = f"{said[-1][1]}, with HTTP 202: not finished"
        return Judgement("not_ready", message, "StatusContradicted")
    if error := _error(seen, places, show):
        message = f"{said[-1][1]}, and its answer says otherwise: {error}"
        return Judgement("not_ready", message, "StatusContradicted")
    return Judgement("ready", said[-1][1])


def judge_confirmation(
    seen: Received, endpoint: Endpoint, confirmation: Confirmation, policy_id: str, show: Show
) -> Judgement:
    """Judge whether an answer confirms the circuit breaker as the description says."""
    id_at, places = endpoint.id_at, endpoint.places
    if other := another_policy(seen, id_at, places, policy_id, show, with_bare_ids=False):
        return Judgement("failed", other + _and_error(seen, places, show), "AnotherPolicy")
    if error := _error(seen, places, show):
        return Judgement("failed", f"the API's answer says failure: {error}", "CircuitRefused")
    at, place = confirmation.at, look_up(confirmation.at, seen)
    if place.state != "found":
        message = f"the circuit breaker is not confirmed: the answer holds nothing at {at}"
        return Judgement("failed", message, "CircuitNotConfirmed")
    reported = f"{at} is {_shown_value(at, place.value, show)}"
    if any(_is_equal(place.value, value) for value in confirmation.values):
        return Judgement("triggered", f"circuit breaker confirmed: {reported}")
    if is_later(word(place.value)):
        return Judgement("accepted", f"{TRIGGER_ACCEPTED} ({reported})", "CircuitAccepted")
    message = f"the circuit breaker is not confirmed: {reported}"
    return Judgement("failed", message, "CircuitNotConfirmed")


def _is_equal(found: Any, wanted: Any) -> bool:
    """Whether a value of an answer is one that confirms; texts are compared as words."""
    if isinstance(found, str) and isinstance(wanted, str):
        return word(found) == word(wanted)
    return isinstance(found, bool) == isinstance(wanted, bool) and bool(found == wanted)


def _and_error(seen: Received, places: Iterable[str], show: Show) -> str:
    """What an answer that names no policy, or another policy, says of a failure."""
    error = _error(seen, places, show)
    return f", and {error}" if error else ""


def _error(seen: Received, places: Iterable[str], show: Show) -> str | None:
    """Find a field of the answer itself that says that the request failed."""
    for level in read_levels(seen.body, places):
        for key, value in level.fields.items() if level.proper else ():
            name = plain(key)
            is_error = name in _ERROR_KEYS and says_something(value)
            is_code = name in HTTP_STATUS and code_says_no(name, word(value))
            if is_error or is_code or (name in _OUTCOME_FLAGS and value is False):
                path = "/" + "/".join(level.at(key))
                return f"{path} is {_shown_value(path, value, show)}"
    return None


def _shown_value(pointer: str, value: Any, show: Show) -> str:
    return REDACTED if any(map(names_secret, segments(pointer))) else show(value)

"""Judges what an answer means at its endpoint: created, ready, triggered, or a kind of failure.

The endpoints share one reading of an answer (see signs). Only what an answer says positively is a
success; the message of anything else quotes the answer. Where a description names the places in an
answer, those places decide (see described).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from procedures.answers.answer_words import (
    CREATE_FLAGS,
    OUTCOMES,
    POLL_FLAGS,
    TRIGGER_FLAGS,
    is_not_yet,
    refuses_creation,
    words_of,
    words_of_key,
)
from procedures.answers.identity import another_policy, read_levels
from procedures.answers.pointers import LOCATION, Place, Received, look_up
from procedures.answers.signs import (
    Sign,
    deferrals,
    hints,
    id_text,
    is_later,
    own_ids,
    policy_ids,
    refusals,
    says_yes,
    status_words,
)
from procedures.common.printable import printable
from procedures.common.redaction import REDACTED, names_secret
from procedures.common.settings import Settings
from procedures.domain.api_outcome import OutcomeKind
from procedures.domain.execution import MAX_POLICY_ID_CHARACTERS

# What programs write for an id that they do not have.
NO_IDS = {".", "..", "undefined", "null", "none", "nan", "[object object]"}
# A flag such as isSuccess says how far a policy is.
_ASKS = {"is", "was", "has"}
_ABOUT_PROGRESS = {"ok", "success", "successful", "succeeded"}
_OF_THE_REQUEST = {"ok", "true", "1", "succeeded", "successful"}
TRIGGER_ACCEPTED = (
    "the API accepted the request and has not confirmed the circuit breaker; take it up again later"
)
NO_ID = "MissingPolicyId"
_AN_ID = (
    f"an id is a whole number of at most 38 digits, or a text of 1 to {MAX_POLICY_ID_CHARACTERS} "
    "printable characters that is no secret and no word such as null"
)
_MAY_EXIST = "; a policy may exist at the API"
# Shows a value of an answer in a message: redacted, on one line, cut, and a text in quotes.
Show = Callable[[Any], str]
QUOTE = "'"


@dataclass(frozen=True)
class Judgement:
    """What an answer means; `error_class` is None when the API answered as it should."""

    kind: OutcomeKind
    message: str
    error_class: str | None = None
    policy_id: str | None = None


def judge_created(
    seen: Received,
    id_at: str | None,
    sent: Callable[[], Mapping[str, Any]],
    settings: Settings,
    show: Show,
    is_secret: Callable[[str], bool],
) -> Judgement:
    """Judge the answer to the request that creates a policy.

    A policy is created when the answer names its id and nothing in the answer says no.

    Args:
        seen: the answer.
        id_at: the place of the policy's id; None for the usual places.
        sent: returns the policy that was sent; a field that the answer only repeats says nothing.
            The policy may be long and is seldom needed, so it is parsed on demand.
        settings: for the words that mean failure.
        show: for messages.
        is_secret: says whether a text is our own token, or a part of it.

    """
    read = read_levels(seen.body, [id_at])
    failure = words_of(settings.failure_statuses)
    said = refusals(read, CREATE_FLAGS, set(), details=False)
    said += [
        sign
        for sign in status_words(read, of_policy=True)
        if sign.says in failure or sign.value is False or refuses_creation(sign.says)
    ]
    said = [sign for sign in said if not _is_not_begun(sign, is_named=id_at is not None)]
    if said := _not_repeated(said, sent):
        message = f"the API's answer says failure: {_stated(said[0], show)}"
        return Judgement("rejected", message, "CreateRefused")
    if id_at is not None:
        # Only these say of a Location that it is what was created (RFC 9110, 10.2.2).
        is_there = id_at != LOCATION or seen.status in (201, 202)
        place = look_up(id_at, seen) if is_there else Place("elsewhere")
        return judge_id(place, id_at, is_secret)
    named = policy_ids(read)
    if not named:
        named = own_ids(read)[:1]
        # An `id` may belong to a request that was refused.
        if named and (doubts := _not_repeated(hints(read, set()), sent)):
            message = f"the API's answer says failure: {_stated(doubts[0], show)}"
            return Judgement("rejected", message, "CreateRefused")
    ids = {sign.says for sign in named}
    if not ids or "" in ids:
        return Judgement("unreadable", f"the answer holds no policy_id{_MAY_EXIST}", NO_ID)
    return _created(named[0].says if len(ids) == 1 else "", is_secret)


def _is_not_begun(sign: Sign, *, is_named: bool) -> bool:
    """Whether a no is about a policy that has not begun, and not about the request.

    Args:
        sign: the no.
        is_named: whether the description names the place of the id. Then a flag such as is_success
            is about the policy; a mere `success`, and is_created, are about the request.

    """
    words = words_of_key(sign.path[-1])
    if words[-1] in OUTCOMES:
        return is_not_yet(sign.says, is_named=is_named)
    return is_named and words[0] in _ASKS and words[-1] in _ABOUT_PROGRESS


def judge_id(place: Place, id_at: str, is_secret: Callable[[str], bool]) -> Judgement:
    """Judge the policy's id that stands at a place of an answer: created, if it is an id."""
    if place.state == "unclear":
        message = f"it is not clear which part of the {id_at} is the policy_id{_MAY_EXIST}"
        return Judgement("unreadable", message, "UnreadableAnswer")
    policy_id = id_text(place.value)
    if policy_id is None:
        no_id = f"; {_AN_ID}" if place.state == "found" else ""
        message = f"the answer holds no policy_id at {id_at}{no_id}{_MAY_EXIST}"
        return Judgement("unreadable", message, NO_ID)
    return _created(policy_id, is_secret)


def _created(policy_id: str, is_secret: Callable[[str], bool]) -> Judgement:
    usable = (
        0 < len(policy_id) <= MAX_POLICY_ID_CHARACTERS
        and policy_id.casefold() not in NO_IDS
        and printable(policy_id) == policy_id
        and not is_secret(policy_id)
    )
    if not usable:
        message = f"the policy_id is unusable; {_AN_ID}{_MAY_EXIST}"
        return Judgement("unreadable", message, "InvalidPolicyId")
    return Judgement("created", "policy created", policy_id=policy_id)


def judge_polled(
    seen: Received, id_at: str | None, policy_id: str, settings: Settings, show: Show
) -> Judgement:
    """Judge the answer about the status of a policy, where its description names no status.

    A policy is ready when each status in the answer is a word of success, and nothing says no. An
    answer with the HTTP status 202 means that the rest comes later.

    Args:
        seen: the answer.
        id_at: the place of the policy's id; None for the usual places.
        policy_id: the policy that was asked for.
        settings: for the words that mean ready and failed.
        show: for messages.

    """
    read = read_levels(seen.body, [id_at])
    if other := another_policy(seen, id_at, [], policy_id, show, with_bare_ids=True):
        return Judgement("not_ready", other, "AnotherPolicy")
    words = [sign for sign in status_words(read, of_policy=True) if sign.says]
    success = words_of(settings.success_statuses)
    failed = [sign for sign in words if sign.says in words_of(settings.failure_statuses) - success]
    if failed:
        return Judgement("failed", _reported(failed[0], show), "PolicyFailed")
    if not words:
        return Judgement("not_ready", "the answer holds no status", "MissingStatus")
    # Beside the policy's own status, a mere `ok` is about the request.
    own = [sign for sign in words if sign.says not in _OF_THE_REQUEST - success]
    unready = [sign for sign in own or words if sign.says not in success]
    if unready:
        return Judgement("not_ready", _reported(unready[0], show))
    if said := refusals(read, POLL_FLAGS, success, details=True):
        message = f"{_reported(words[0], show)}, and its answer says otherwise: "
        return Judgement("not_ready", message + _stated(said[0], show), "StatusContradicted")
    if seen.status == 202:
        message = f"{_reported(words[0], show)}, with HTTP 202: not finished"
        return Judgement("not_ready", message, "StatusContradicted")
    return Judgement("ready", _reported(words[-1], show))


def judge_triggered(
    seen: Received, id_at: str | None, policy_id: str, settings: Settings, show: Show
) -> Judgement:
    """Judge the answer about the circuit breaker, where its description names no confirmation.

    A circuit breaker is confirmed when all statuses are words that confirm, and nothing says no.
    The HTTP status 202 is no confirmation.

    Args:
        seen: the answer; an object that says nothing about success or failure is a confirmation.
        id_at: the place of the policy's id; None for the usual places.
        policy_id: the policy of the circuit breaker.
        settings: for the words that confirm.
        show: for messages.

    """
    read = read_levels(seen.body, [id_at])
    if other := another_policy(seen, id_at, [], policy_id, show, with_bare_ids=False):
        return Judgement("failed", other, "AnotherPolicy")
    yes = words_of(settings.confirmed_statuses) | {"true"}
    said = refusals(read, TRIGGER_FLAGS, yes, details=True, null_is_no=True)
    words = [sign for sign in status_words(read, of_policy=False) if sign.says not in yes]
    later = [sign for sign in words if is_later(sign.says)]
    unknown = [sign for sign in words if sign not in later]
    if not said and not unknown and not says_yes(read, TRIGGER_FLAGS, yes):
        said = hints(read, yes)
    if said:
        message = f"the API's answer says failure: {_stated(said[0], show)}"
        return Judgement("failed", message, "CircuitRefused")
    if unknown:
        message = f"the circuit breaker is not confirmed: {_reported(unknown[0], show)}"
        return Judgement("failed", message, "CircuitNotConfirmed")
    later += deferrals(read, TRIGGER_FLAGS)
    if later or seen.status == 202:
        reported = _reported(later[0], show) if later else "HTTP 202"
        return Judgement("accepted", f"{TRIGGER_ACCEPTED} ({reported})", "CircuitAccepted")
    return Judgement("triggered", "circuit breaker confirmed")


def _not_repeated(signs: list[Sign], sent: Callable[[], Mapping[str, Any]]) -> list[Sign]:
    policy = sent() if signs else {}
    return [sign for sign in signs if not _repeats(sign, policy)]


def _repeats(sign: Sign, sent: Mapping[str, Any]) -> bool:
    """Whether the policy has the same field with the same value."""
    found: Any = sent
    for part in sign.path:
        if not isinstance(found, Mapping) or part not in found:
            return False
        found = found[part]
    return bool(found == sign.value)


def _reported(sign: Sign, show: Show) -> str:
    return f"the API reports {_path(sign, show)} {_value(sign, show)}"


def _stated(sign: Sign, show: Show) -> str:
    return f"{_path(sign, show)} is {_value(sign, show)}"


def _path(sign: Sign, show: Show) -> str:
    return show(".".join(sign.path)).strip(QUOTE)


def _value(sign: Sign, show: Show) -> str:
    return REDACTED if any(map(names_secret, sign.path)) else show(sign.value)

"""Finds in an answer's JSON what says yes, no or later, and which policy the answer is about.

All endpoints share this reading. An API can say no in more ways than any list holds. So success
must be said positively: a field such as `status` must hold a word from a list. The known ways of
saying no (see answer_words) serve for the fields beside `status`, and for answers without it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from procedures.answers.answer_json import NumberText, parse_answer
from procedures.answers.answer_words import (
    ACCEPTED,
    ASIDE,
    CIRCUITS,
    ENVELOPES,
    HTTP_STATUS,
    OUTCOMES,
    RETURN_CODES,
    STATUS,
    STATUS_PARTS,
    code_says_no,
    is_earlier,
    is_false,
    is_ok_number,
    is_refusal,
    plain,
    tells_of_error,
    word,
    words_of_key,
)
from procedures.common.redaction import names_secret

# An answer about one policy has fewer objects and fields than these.
MAX_OBJECTS = 2000
MAX_FIELDS = 20_000
TOO_MANY = "the answer has too many parts to be read"
_POLICY_STATUS = {"policystatus", "policystate", "provisioningstate", "phase"}
_MESSAGES = {"message", "msg", "detail", "title", "description", "reason", "statusmessage"}
_JSON_TEXTS = {"body", "data", "payload", "response", "result", "message", "detail"}
_REFUSING_PROSE = re.compile(
    r"\b(not|no such|fail(s|ed|ure)?|errors?|denied|forbidden|unauthori[sz]ed|invalid|refused"
    r"|rejected|unable|cannot|can't|couldn't|missing|exceeded|exception|tim(ed?|ing)[ -]?out"
    r"|throttl(ed|ing)|no (permission|access|route|healthy|quota|credentials))\b",
    re.IGNORECASE,
)
_OK_CODES = {"created", "no_error", "none", "true"}
_GOOD_CONDITIONS = {"ready", "available", "active", "healthy", "succeeded", "complete"}


class TooManyPartsError(ValueError):
    """The answer has more objects or fields than can be read in reasonable time."""


@dataclass(frozen=True)
class Sign:
    """One place in an answer, and what it says.

    `says` is the normalised word or the id at this place; an empty text when it is neither.
    """

    path: tuple[str, ...]
    value: Any
    says: str


@dataclass(frozen=True)
class Level:
    """An object in an answer; `proper` means that it is the answer itself, and not a detail."""

    path: tuple[str, ...]
    fields: dict[str, Any]
    proper: bool

    @property
    def name(self) -> str:
        """The plain key of this object."""
        return plain(self.path[-1]) if self.path else ""

    @property
    def in_policy(self) -> bool:
        """Whether this object is a policy, or stands inside a policy."""
        return any(plain(part) in {"policy", "policies"} for part in self.path)

    @property
    def in_circuit(self) -> bool:
        """Whether this object is a circuit breaker, or stands inside a circuit breaker."""
        return any(plain(part) in CIRCUITS for part in self.path)

    def at(self, key: str) -> tuple[str, ...]:
        """The path of a field of this object."""
        return (*self.path, key)


def levels(body: dict[str, Any]) -> list[Level]:
    """List the objects of an answer that are read, the outer objects first.

    Raises:
        TooManyPartsError: when there are more than MAX_OBJECTS objects or MAX_FIELDS fields.

    """
    found = [Level((), body, proper=True)]
    fields = 0
    for level in found:
        inner = [(key, o) for key, value in level.fields.items() for o in _objects(key, value)]
        fields += len(level.fields)
        if len(found) + len(inner) > MAX_OBJECTS or fields > MAX_FIELDS:
            raise TooManyPartsError(TOO_MANY)
        # An object with a status or id of its own is more than an envelope of the object in it.
        own_words = {*STATUS, "policyid", "id"}
        said = any(plain(key) in own_words and word(v) for key, v in level.fields.items())
        alone = len({key for key, _ in inner}) == 1 and not said
        for key, fields_of_it in inner:
            name = plain(key)
            own = name in ENVELOPES | STATUS or (alone and name != "conditions")
            found.append(Level(level.at(key), fields_of_it, proper=level.proper and own))
    return found


def _objects(key: str, value: Any) -> list[dict[str, Any]]:
    """The objects under a key: an object, lists of objects, or the JSON text of either."""
    name = plain(key)
    if name in ASIDE or is_earlier(name) or names_secret(key):
        return []
    if isinstance(value, str) and name in _JSON_TEXTS and value.lstrip()[:1] in ("{", "["):
        value, _ = parse_answer(value.encode())
    found, left = [], [value]
    while left:
        item = left.pop()
        if isinstance(item, dict):
            found.append(item)
        elif isinstance(item, list):
            left += [part for part in reversed(item) if isinstance(part, dict | list)]
        if len(found) + len(left) > MAX_FIELDS:
            raise TooManyPartsError(TOO_MANY)
    return found


def status_words(read: list[Level], *, of_policy: bool) -> list[Sign]:
    """Read the words of the fields that say how the request went, at the top and in envelopes.

    A number from 200 to 299 is left out: it repeats the HTTP status. Only 202 counts as a word: it
    says that the rest comes later.

    Args:
        read: the objects of the answer.
        of_policy: whether the answer is about the status of a policy.

    """
    signs = []
    for level in read:
        if not level.proper or (level.in_circuit if of_policy else level.in_policy):
            continue
        for key, value in level.fields.items():
            name = plain(key)
            if name in STATUS or (of_policy and name in _POLICY_STATUS):
                signs += _status(level.at(key), value, may_be_nothing=name == "result")
            elif name in HTTP_STATUS and word(value) == "202":
                signs.append(Sign(level.at(key), value, "202"))
    return signs


def _status(path: tuple[str, ...], value: Any, *, may_be_nothing: bool) -> list[Sign]:
    if isinstance(value, dict):
        # A status, state or result inside this object is read as a level of its own.
        own = {plain(part): item for part, item in value.items()}
        if may_be_nothing or any(word(own.get(part)) for part in STATUS):
            return []
        best = next((part for part in STATUS_PARTS if word(own.get(part))), None)
        return _word(path, own[best]) if best else [Sign(path, value, "")]
    if isinstance(value, list):
        if len(value) > MAX_OBJECTS:
            raise TooManyPartsError(TOO_MANY)
        plain_items = [item for item in value if not isinstance(item, dict | list)]
        signs = [sign for item in plain_items for sign in _word(path, item)]
        return signs if value or may_be_nothing else [Sign(path, value, "")]
    return [] if value is None and may_be_nothing else _word(path, value)


def _word(path: tuple[str, ...], value: Any) -> list[Sign]:
    said = word(value)
    return [] if is_ok_number(said) else [Sign(path, value, said or "")]


def refusals(
    read: list[Level], flags: set[str], agreed: set[str], *, details: bool, null_is_no: bool = False
) -> list[Sign]:
    """Find all places that say no; such a place outweighs any yes.

    Args:
        read: the objects of the answer.
        flags: the endings of keys under which false means no.
        agreed: words that mean yes to the caller, whatever they mean elsewhere.
        details: whether details count too, and not only the answer itself.
        null_is_no: whether an empty flag means no.

    """
    return [
        Sign(level.at(key), value, word(value) or "")
        for level in read
        if level.proper or details
        for key, value in level.fields.items()
        if _says_no(level, key, value, flags, agreed, null_is_no=null_is_no)
    ]


def _says_no(
    level: Level, key: str, value: Any, flags: set[str], agreed: set[str], *, null_is_no: bool
) -> bool:
    if tells_of_error(key, value):
        return True
    name, said, words = plain(key), word(value), words_of_key(key)
    if name in ASIDE or is_earlier(name) or not words:
        return False
    number = re.match(r"_?\d{3}(_|$)", said or "")
    if name in {*HTTP_STATUS, *RETURN_CODES, "code"} or (name in STATUS and number):
        return code_says_no(name, said) and said not in agreed
    if words[-1] in flags:
        return is_false(said) or (null_is_no and value in (None, "", [], {}))
    if name == "status" and plain(str(level.fields.get("type", ""))) in _GOOD_CONDITIONS:
        return said == "false"
    outcome = words[-1] in OUTCOMES and (level.proper or null_is_no)
    return outcome and is_refusal(said) and said not in agreed


def hints(read: list[Level], agreed: set[str]) -> list[Sign]:
    """Find weak signs of a no, for answers without a yes: a word, a code or prose at any key.

    Where some words are agreed to mean yes, a code of the answer itself in other words is a sign.
    """
    return [
        Sign(level.at(key), value, word(value) or "")
        for level in read
        for key, value in level.fields.items()
        if _hints_at_no(key, value, agreed)
        or (_may_have_code(level) and agreed and _is_unknown_code(key, value, agreed))
    ]


def _may_have_code(level: Level) -> bool:
    """Whether a code there is one of the answer, and not of a policy or a circuit breaker."""
    return level.proper and not (level.in_policy or level.in_circuit)


def _is_unknown_code(key: str, value: Any, agreed: set[str]) -> bool:
    if plain(key) not in {*HTTP_STATUS, *RETURN_CODES, "code", "subcode"}:
        return False
    if not isinstance(value, str):
        return value is False or (isinstance(value, dict | list) and bool(value))
    said = word(value) or ""
    is_fine = said in agreed | _OK_CODES or is_ok_number(said) or is_later(said)
    return not (is_fine or re.fullmatch(r"[a-z]?_?0*|1", said))


def _hints_at_no(key: str, value: Any, agreed: set[str]) -> bool:
    name, said = plain(key), word(value)
    if name in ASIDE or is_earlier(name):
        return False
    if name == "code" and str(said).lstrip("_").isdigit():
        return said != "1" and str(said).strip("0") != "" and not is_ok_number(said)
    if name == "detail" and isinstance(value, list):
        return bool(value)
    if not isinstance(value, str):
        return name == "dryrun" and value is True
    return (
        ((said in {"closed", "half_open"} or is_refusal(said)) and said not in agreed)
        or (name in _MESSAGES and _REFUSING_PROSE.search(value) is not None)
        or (name in {"type", "name", "object"} and "error" in words_of_key(value))
        or (name == "body" and value.lstrip().startswith("<"))
    )


def says_yes(read: list[Level], flags: set[str], agreed: set[str]) -> bool:
    """Whether anything in an answer says yes: a status, a flag, or the state of a circuit."""
    for level in read:
        for key, value in level.fields.items():
            words, said = words_of_key(key), word(value)
            if not level.proper or not words:
                continue
            if words[-1] in OUTCOMES | {"circuit", "breaker"} and said in agreed:
                return True
            if words[-1] in flags and (value is True or said in {"true", "yes", "1", *agreed}):
                return True
    return False


def is_later(said: str | None) -> bool:
    """Whether a word says that the rest comes later: queued, pending_approval, 202."""
    first = (said or "").split("_")[0]
    return said in ACCEPTED or first in ACCEPTED | {"202"} or said == "not_started"


def deferrals(read: list[Level], flags: set[str]) -> list[Sign]:
    """Find the places that say that the request was accepted, and that the rest comes later."""
    found = []
    for level in read:
        for key, value in level.fields.items() if level.proper else ():
            words, said = words_of_key(key), word(value)
            flag = bool(words) and words[-1] in ACCEPTED - {"accepted"} and value is True
            later = bool(words) and words[-1] in {*OUTCOMES, *_MESSAGES, *flags} and is_later(said)
            if flag or later:
                found.append(Sign(level.at(key), value, said or ""))
    return found


def policy_ids(read: list[Level]) -> list[Sign]:
    """Find all fields that name the policy, without those that are null or empty.

    A sign's `says` is the id; an empty text when the value cannot be an id.
    """
    proper = [level for level in read if level.proper]
    named = [sign for level in proper for sign in _ids(level, "policyid", "policyuuid")]
    return named or [
        sign
        for level in proper
        if (level.in_policy and level.name in {"policy", "policies", "data"})
        or plain(str(level.fields.get("type", ""))) in {"policy", "policies"}
        for sign in _ids(level, "id")
    ]


def own_ids(read: list[Level]) -> list[Sign]:
    """Find each `id` of the answer and of its envelopes, for answers that name no policy."""
    # JSON-RPC puts the id of the request there.
    return [
        sign
        for level in read
        if level.proper
        and level.name not in {*STATUS - {"result"}, *CIRCUITS, "meta"}
        and "jsonrpc" not in level.fields
        for sign in _ids(level, "id")
    ]


def _ids(level: Level, *names: str) -> list[Sign]:
    return [
        Sign(level.at(key), value, id_text(value) or "")
        for key, value in level.fields.items()
        if plain(key) in names and value is not None and value != ""
    ]


def id_text(value: Any) -> str | None:
    """An id as text; None for a value that cannot be an id."""
    if isinstance(value, bool | NumberText) or not isinstance(value, int | str):
        return None
    return str(value) if str(value).strip() else None

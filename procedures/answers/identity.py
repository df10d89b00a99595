"""Says which policy an answer is about: one rule for all steps.

Where the description names the place of the id, only this place identifies, and what other fields
name is about something else. Where the description names none, the fields that usually name a
policy do (see signs).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from procedures.answers.pointers import Received, first_index, look_up
from procedures.answers.signs import Level, Sign, id_text, levels, own_ids, policy_ids
from procedures.common.redaction import REDACTED, names_secret
from procedures.description.description import NO_PLACE
from procedures.description.templates import segments


def read_levels(body: Any, places: Iterable[str | None]) -> list[Level]:
    """List the objects of an answer that are read.

    Args:
        body: the JSON of the answer. Of a list, the items that a place names are the answer.
        places: where the description says that something stands.

    Raises:
        TooManyPartsError: as `levels`.

    """
    if isinstance(body, dict):
        return levels(body)
    if not isinstance(body, list):
        return []
    named = dict.fromkeys(first_index(place) for place in places)
    return [
        level
        for index in named
        if index is not None and index < len(body)
        for level in levels({str(index): body[index]})
    ]


def another_policy(
    seen: Received,
    id_at: str | None,
    places: Iterable[str | None],
    policy_id: str,
    show: Callable[[Any], str],
    *,
    with_bare_ids: bool,
) -> str | None:
    """Say where an answer names another policy than the one that was asked for; None if nowhere.

    Args:
        seen: the answer.
        id_at: the place of the id; None where the description names none, and NO_PLACE where it
            says that the answer names no policy.
        places: all places that the description names in this answer.
        policy_id: the policy that was asked for.
        show: makes a value fit for a message.
        with_bare_ids: whether a mere `id` names the policy, where nothing else does.

    """
    if id_at == NO_PLACE:
        return None
    if id_at is not None:
        found = look_up(id_at, seen).value
        is_right, path, names = id_text(found) == policy_id, id_at, segments(id_at)
    else:
        sign = _other(read_levels(seen.body, places), policy_id, with_bare_ids=with_bare_ids)
        is_right, found = sign is None, sign.value if sign else None
        names = sign.path if sign else ()
        path = show(".".join(names)).strip("'")
    if is_right:
        return None
    value = REDACTED if any(map(names_secret, names)) else show(found)
    return f"the answer is about another policy: {path} is {value}"


def _other(read: list[Level], policy_id: str, *, with_bare_ids: bool) -> Sign | None:
    """Find the place in an answer that names another policy."""
    named = policy_ids(read)
    for sign in named:
        if sign.says != policy_id:
            return sign
    own = own_ids(read) if with_bare_ids and not named else []
    return own[0] if own and policy_id not in {sign.says for sign in own} else None

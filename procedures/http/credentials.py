"""Reads the Snowflake SECRETs of the procedure, for headers and bodies."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from procedures.description.description import Description, read_description
from procedures.description.templates import names_in

PREFIX = "secret."
# The shortest user name that may be a key.
SHORTEST_KEY = 12
_HAS_DIGIT_BEFORE_LETTER = re.compile(r"[0-9].*[a-z]", re.IGNORECASE)
_NO_KEY_HOLDS = re.compile(r"[@\s]")


class SecretError(ValueError):
    """A SECRET cannot be used.

    Args:
        alias: the secret's name in the description.
        problem: what is wrong with the secret, without a word of its value.
        found: the secret's type, where another one is needed.

    """

    def __init__(self, alias: str, problem: str, found: str | None = None) -> None:
        super().__init__(f"the secret {alias} {problem}")
        self.alias = alias
        self.problem = problem
        self.found = found

    def as_answer(self) -> dict[str, Any]:
        """What the answer of a procedure says of the secret."""
        return {"alias": self.alias, "problem": self.problem, "type": self.found}


@dataclass(frozen=True)
class Credentials:
    """The values of the placeholders `{secret...}`, and the texts in them that are secret."""

    texts: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()


def read_credentials(description: Description) -> Credentials:
    """Read the secrets that the description names.

    Only the main thread may read a secret (docs/snowflake_facts.md#secrets).

    Raises:
        SecretError: when a secret is empty, is of another type than the description says, or cannot
            stand in a header (RFC 9110, 5.5).

    """
    texts: dict[str, str] = {}
    secrets: list[str] = []
    for alias, kind in description.secrets.items():
        found, hidden = _secret_of(alias, kind)
        texts |= found
        secrets += [text for text in hidden if text]
    for name in _secrets_in([endpoint.body for endpoint in description.endpoints]):
        _check_not_empty(name, texts[name])
    for name in _secrets_in([dict(endpoint.headers) for endpoint in description.endpoints]):
        _check_not_empty(name, texts[name])
        if not texts[name].isascii():
            raise _unusable(
                name, "holds a character that is not ASCII, which no HTTP header carries"
            )
        if not texts[name].isprintable():
            problem = "holds a line break or a control character, which no HTTP header carries"
            raise _unusable(name, problem)
    return Credentials(texts, tuple(secrets))


def secret_problem(api: Mapping[str, Any]) -> dict[str, Any]:
    """Say why the secrets cannot be used, as the answer of a procedure has it; or nothing."""
    try:
        read_credentials(read_description(api))
    except SecretError as error:
        return {"secret_problem": error.as_answer()}
    return {}


def masked_credentials(description: Description) -> Credentials:
    """Make the values of all secrets as they are shown to people."""
    names = [
        f"{PREFIX}{alias}{part}"
        for alias in description.secrets
        for part in ("", ".username", ".password")
    ]
    return Credentials({name: f"[{name}]" for name in names})


def _secret_of(alias: str, kind: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """The values of one secret by their placeholders, and those of them that are secret."""
    import _snowflake  # noqa: PLC0415  # exists only inside Snowflake

    name = f"{PREFIX}{alias}"
    try:
        if kind == "password":
            pair = _snowflake.get_username_password(alias)
            return _of_pair(name, pair.username or "", pair.password or "")
        if kind == "oauth2":
            token = _snowflake.get_oauth_access_token(alias)
        else:
            token = _snowflake.get_generic_secret_string(alias)
    except Exception as error:  # noqa: BLE001  # what Snowflake raises here is not documented.
        # Its words are left out: nobody knows whether they repeat the secret.
        problem = f"cannot be read as type {kind} ({type(error).__name__})"
        found = None
        with suppress(Exception):
            found = str(_snowflake.get_secret_type(alias)).lower()
        if found in (None, kind):
            raise SecretError(alias, problem) from None
        problem = f"is of type {found}, and the settings say {kind}"
        raise SecretError(alias, problem, found) from None
    token = (token or "").strip()
    _check_not_empty(name, token)
    return {name: token}, (token,)


def _of_pair(name: str, username: str, password: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """The values of a secret of type password.

    A line break at an end comes from a file, and is no part of the value; a blank may be one.
    """
    username, password = username.strip("\r\n"), password.strip("\r\n")
    both = f"{username}:{password}" if username or password else ""
    token = base64.b64encode(both.encode()).decode()
    texts = {name: token, f"{name}.username": username, f"{name}.password": password}
    return texts, (token, password, username if _may_be_key(username) else "")


def _may_be_key(username: str) -> bool:
    """Whether a user name is a secret: some APIs take the key as the user, and no password.

    Ordinary names are none: their redaction would take words of every answer.
    """
    return (
        len(username) >= SHORTEST_KEY
        and not _NO_KEY_HOLDS.search(username)
        and _HAS_DIGIT_BEFORE_LETTER.search(username) is not None
    )


def _secrets_in(template: Any) -> Iterator[str]:
    return (name for name in names_in(template) if name.startswith(PREFIX))


def _check_not_empty(name: str, text: str) -> None:
    if not text:
        raise _unusable(name, "is empty")


def _unusable(name: str, problem: str) -> SecretError:
    """Make the error about the value of a placeholder: a whole secret, or a part of it."""
    alias, _, part = name.removeprefix(PREFIX).partition(".")
    return SecretError(alias, f"{problem} (its {part})" if part else problem)

"""Reads the Snowflake SECRETs of the procedure, for headers and bodies."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from procedures.description.description import Description
from procedures.description.templates import names_in

PREFIX = "secret."


@dataclass(frozen=True)
class Credentials:
    """The values of the placeholders `{secret...}`, and the texts in them that are secret."""

    texts: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()


def read_credentials(description: Description) -> Credentials:
    """Read the secrets that the description names.

    Only the main thread may read a secret (docs/snowflake_facts.md#secrets).

    Raises:
        ValueError: when a secret is empty or cannot stand in a header (RFC 9110, 5.5).

    """
    texts: dict[str, str] = {}
    secrets: list[str] = []
    for alias, kind in description.secrets.items():
        found, hidden = _secret_of(alias, kind)
        texts |= found
        secrets += [text for text in hidden if text]
    for name in names_in([dict(endpoint.headers) for endpoint in description.endpoints]):
        if not texts[name].isascii() or not texts[name].isprintable():
            raise ValueError(f"{_named(name)} holds what an HTTP header cannot carry")
    return Credentials(texts, tuple(secrets))


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
    if kind == "password":
        pair = _snowflake.get_username_password(alias)
        token = base64.b64encode(f"{pair.username}:{pair.password}".encode()).decode()
        texts = {
            name: token,
            f"{name}.username": pair.username,
            f"{name}.password": pair.password,
        }
        return texts, (token, pair.password)
    if kind == "oauth2":
        token = _snowflake.get_oauth_access_token(alias)
    else:
        token = _snowflake.get_generic_secret_string(alias)
    token = token.strip()
    if not token:
        raise ValueError(f"{_named(name)} is empty")
    return {name: token}, (token,)


def _named(name: str) -> str:
    return f"the secret {name.removeprefix(PREFIX)}"

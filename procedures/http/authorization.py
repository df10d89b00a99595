"""Makes the authentication header from the procedure's Snowflake SECRET."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from procedures.common.settings import Settings


@dataclass(frozen=True)
class Authorization:
    """The value of the authentication header, and the secret texts in it."""

    header: str
    secrets: tuple[str, ...]


def read_authorization(settings: Settings) -> Authorization | None:
    """Read the token from the procedure's Snowflake SECRET.

    Only the main thread may read a secret (docs/snowflake_facts.md#secrets).

    Raises:
        ValueError: when the secret is empty or cannot stand in a header (RFC 9110, 5.5).

    """
    if not settings.secret_type:
        return None
    import _snowflake  # noqa: PLC0415  # exists only inside Snowflake

    alias = "policy_api_secret"
    if settings.secret_type == "password":  # noqa: S105  # a type, not a password
        pair = _snowflake.get_username_password(alias)
        token = base64.b64encode(f"{pair.username}:{pair.password}".encode()).decode()
        return Authorization(f"Basic {token}", tuple(t for t in (token, pair.password) if t))
    if settings.secret_type == "oauth2":  # noqa: S105
        token = _snowflake.get_oauth_access_token(alias)
    else:
        token = _snowflake.get_generic_secret_string(alias)
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable():
        raise ValueError("the secret is empty, or holds what an HTTP header cannot carry")
    return Authorization(f"{settings.auth_scheme} {token}".strip(), (token,))

"""Who signed in to a session."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class SignedIn:
    """A session's user, and the role and the warehouse that the session has now."""

    user: str
    role: str
    warehouse: str | None
    session_id: int

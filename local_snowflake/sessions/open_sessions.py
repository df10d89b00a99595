"""The sessions that are open, by the token that the client sends with each statement."""

from __future__ import annotations

from local_snowflake.sessions.session import Session


class OpenSessions:
    """All open sessions."""

    def __init__(self) -> None:
        self._by_token: dict[str, Session] = {}

    def add(self, session: Session) -> None:
        """Add a session, which its token then finds."""
        self._by_token[session.token] = session

    def find(self, token: str) -> Session | None:
        """The session of a token, where it is open."""
        return self._by_token.get(token)

    def drop(self, session: Session) -> None:
        """End a session."""
        self._by_token.pop(session.token, None)
        session.close()

    def all(self) -> list[Session]:
        """All open sessions."""
        return list(self._by_token.values())

"""SHOW PARAMETERS, and ALTER SESSION, ACCOUNT and USER, as statements of a session."""

from __future__ import annotations

import re

from local_snowflake.sessions.parameters import alter_parameters
from local_snowflake.sessions.session import Session
from local_snowflake.sql.errors import sql_error, unsupported
from local_snowflake.sql.names import identifier
from local_snowflake.values.results import Result


def refuse_in_procedure(session: Session, kind: str) -> None:
    """Refuse a statement that a procedure may not send."""
    if session.procedure is not None:
        message = f"Stored procedure execution error: Unsupported statement type '{kind}'."
        raise sql_error(message, 90236, "42601")


def show(session: Session, match: re.Match[str], text: str) -> Result:
    """SHOW PARAMETERS."""
    if session.procedure is not None:
        raise unsupported("SHOW PARAMETERS in an owner's-rights procedure")
    return session.parameters.show(match["like"], text[match.end() :])


def alter_session(session: Session, match: re.Match[str], text: str) -> Result:  # noqa: ARG001
    """ALTER SESSION SET or UNSET."""
    refuse_in_procedure(session, "ALTER_SESSION")
    return session.parameters.alter(text)


def alter_default(session: Session, match: re.Match[str], text: str) -> Result:
    """ALTER ACCOUNT or USER: set the values that new sessions begin with."""
    account = session.account
    if match["user"]:
        values = account.user_parameters.setdefault(identifier(match["user"]), {})
        return alter_parameters(values, text)
    return alter_parameters(account.parameters, text)

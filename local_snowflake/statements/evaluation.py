"""Helpers of the pipeline and the handlers: what the engine needs of a session, and evaluation."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from local_snowflake.access.statement_access import check_expression
from local_snowflake.engine.running import Runner, columns_of
from local_snowflake.sessions.session import Session
from local_snowflake.sql.names import qualified
from local_snowflake.statements.context import answer_context, values_of
from local_snowflake.statements.information_schema import resolved


def runner_of(session: Session) -> Runner:
    """The runner of a session, after the engine has got the session's parameters."""

    def columns(table: str) -> Mapping[str, str]:
        name = qualified(table, session.database, session.schema).upper()
        return session.account.types.of(name, lambda: columns_of(session.engine, name))

    mode = session.parameters.apply_to(session.engine)
    return Runner(
        session.connection, session.account.translations, session.transaction, columns, mode
    )


def with_answers(
    session: Session, expression: exp.Expression
) -> contextlib.AbstractContextManager[exp.Expression]:
    """Put into a statement what only this session knows, while the statement runs."""
    values = values_of(session)
    return resolved(
        answer_context(expression, values), session.engine, session.catalog, session.role,
        session.database,
        owners_only=session.account.hides_procedures_of_others,
        hidden_definition="" if session.account.empties_definitions_of_others else None,
    )  # fmt: skip


def evaluate(session: Session, value: exp.Expression) -> tuple[Any, str]:
    """Answer the value and the type of an expression, as of an argument of CALL."""
    if isinstance(value, exp.Literal) and value.is_string:
        return value.this, "text"
    query = exp.select(value)
    check_expression(session, query)
    runner = runner_of(session)
    with with_answers(session, query) as answered:
        return runner.evaluate(answered)

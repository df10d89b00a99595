"""Runs a statement from start to end.

The steps: a handler, where the statement has one; else access, the locks, the form of the
statement, names and types, and the engine. Errors of the engine are put into Snowflake's words.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from snowflake.connector.errors import Error
from sqlglot import exp
from sqlglot.errors import SqlglotError

from local_snowflake.access import managed_access
from local_snowflake.access.made_objects import existing, note_ddl
from local_snowflake.access.statement_access import check_expression
from local_snowflake.compilation import strictness
from local_snowflake.compilation.engine_words import in_snowflakes_words
from local_snowflake.compilation.relations import Relations
from local_snowflake.compilation.statement_check import check
from local_snowflake.engine.connection import EngineError
from local_snowflake.engine.running import DML
from local_snowflake.engine.translation import KEPT_CHARACTERS, TRANSLATED
from local_snowflake.procedures.create_procedure import create_procedure
from local_snowflake.sessions.session import Session
from local_snowflake.sql.errors import sql_error, unsupported
from local_snowflake.sql.names import qualified, written
from local_snowflake.sql.statement_text import bare
from local_snowflake.statements.comments import take_comments, write_comments
from local_snowflake.statements.describe import describe
from local_snowflake.statements.evaluation import runner_of, with_answers
from local_snowflake.statements.handlers import handle
from local_snowflake.values.results import Result, text_result

logger = logging.getLogger("local_snowflake")

DDL = exp.Create | exp.Alter | exp.Drop | exp.Comment
# DuckDB lets no two changes of its catalogue run at once; Snowflake queues them.
CATALOGUE = "the catalogue"


def execute(session: Session, sql: str, params: Sequence[Any] | None) -> Result:
    """Run one statement.

    Args:
        session: the session that sends the statement.
        sql: the statement.
        params: the values bound to `?`.

    Raises:
        snowflake.connector.errors.Error: in Snowflake's class, for everything that fails.

    """
    with session.lock:
        try:
            return _or_mended(session, sql, params)
        except Error:
            raise
        except SqlglotError as error:
            message = f"SQL compilation error:\nsyntax error: {str(error)[:300]}"
            raise sql_error(message, 1003, "42000") from None
        except EngineError as error:
            message = f"SQL execution error: {str(error)[:500]}"
            failed = sql_error(message, 100038, "22018")
            raise in_snowflakes_words(failed, None, sql) from None
        except Exception as error:
            logger.debug("unexpected failure of %r", sql[:500], exc_info=error)
            raise unsupported(f"{type(error).__name__}: {str(error)[:300]}") from None


def _or_mended(session: Session, sql: str, params: Sequence[Any] | None) -> Result:
    """Run one statement; a statement that fails leaves an open transaction as it was."""
    try:
        return _execute(session, bare(sql), params)
    except Exception:
        session.transaction.mend(session.engine)
        raise


def _execute(session: Session, text: str, params: Sequence[Any] | None) -> Result:
    managed = managed_access.read_create(text)
    if managed:
        create = partial(_execute, session, managed.plain, None)
        return managed_access.create(session, managed, create)
    handled = handle(session, text)
    if handled is not None:
        return handled
    statements = session.account.translations.parse(text)
    if len(statements) != 1:
        message = (
            f"Actual statement count {len(statements)} did not match the desired statement count 1."
        )
        raise sql_error(message, 8, "0A000")
    expression = statements[0]
    check_expression(session, expression)
    if isinstance(expression, exp.Create) and expression.kind == "PROCEDURE":
        return create_procedure(
            session.catalog, session.role, expression, text, session.database, session.schema
        )
    if isinstance(expression, DDL) and session.transaction.is_open:
        _run(session, exp.Commit(), "commit", None)  # Snowflake commits before DDL
    try:
        # A transaction of the engine sees what was committed at its first look; Snowflake sees what
        # was committed when the statement began. So the lock comes before any look, also before
        # a look at types.
        for name in _locked_names(session, expression):
            session.account.locks.acquire(session.token, name, session.account.lock_timeout_seconds)
        return _checked(session, expression, text, params)
    except (Error, EngineError) as error:
        raise in_snowflakes_words(error, expression, text) from None
    finally:
        if not session.transaction.is_open:
            session.account.locks.release_all(session.token)


def _checked(
    session: Session, expression: exp.Expression, text: str, params: Sequence[Any] | None
) -> Result:
    """Check a statement that has its locks, and run it."""
    strictness.check_statement(
        expression,
        in_procedure=session.procedure is not None,
        owner_rights=session.procedure is not None and session.procedure.execute_as == "OWNER",
        params=params,
    )
    _compile(session, expression, text)
    if isinstance(expression, exp.Describe):
        described = describe(session, expression)
        if described is not None:
            return described
    rest, comments = take_comments(expression)
    if rest is None:
        write_comments(session, comments)
        return text_result(["status"], [["Statement executed successfully."]])
    with with_answers(session, rest) as answered:
        admitted = session.temporary.admit(
            answered, session.engine, session.database, session.schema
        )
        given = text
        if admitted is not expression:
            text = admitted.sql(dialect="snowflake")
        existed = existing(session, admitted)
        result = _run(session, admitted, text, params)
        note_ddl(session, admitted, existed, text=given)
    write_comments(session, comments)
    return result


def _compile(session: Session, expression: exp.Expression, text: str) -> None:
    """Refuse names and types that do not fit; a text that fits is read once."""
    read = partial(check, expression, Relations(session), text)
    if len(text) > KEPT_CHARACTERS:
        read()
    else:
        kept_text, _ = session.account.translations.without_ids(text)
        session.account.types.of((kept_text, session.database, session.schema), read)


def _run(
    session: Session, expression: exp.Expression, text: str, params: Sequence[Any] | None
) -> Result:
    """Let the engine run a statement; what the statement may have changed is looked up again."""
    account, runner = session.account, runner_of(session)
    if not isinstance(expression, TRANSLATED):
        account.types.forget()
    if isinstance(expression, DDL):
        account.translations.types_may_change()
    try:
        return runner.run(expression, text, params)
    finally:
        if not isinstance(expression, TRANSLATED):
            account.types.forget()
        if isinstance(expression, DDL):
            account.translations.types_may_change()
        if not session.transaction.is_open:
            account.locks.release_all(session.token)


def _locked_names(session: Session, expression: exp.Expression) -> list[str]:
    """What a statement holds while it runs: a writer its table, DDL the catalogue as well."""
    if not isinstance(expression, DML | DDL):
        return []
    if isinstance(expression, DDL) and expression.args.get("kind") in ("SCHEMA", "DATABASE"):
        return [CATALOGUE]
    name = written(expression)
    names = [qualified(name, session.database, session.schema)] if name else []
    return [CATALOGUE, *names] if isinstance(expression, DDL) else names

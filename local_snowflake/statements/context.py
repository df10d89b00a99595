"""The functions that answer who is signed in, and where: CURRENT_USER(), CURRENT_SCHEMA(), ..."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from local_snowflake.sessions.session import Session
from local_snowflake.sql.errors import unsupported

ACCOUNT = "LOCAL"
REGION = "LOCAL"
VERSION = "10.40.0"
# The engine itself answers these functions, also in a view or a default.
_ALSO_ENGINES = (exp.CurrentDatabase, exp.CurrentSchema)


def values_of(session: Session) -> dict[type[exp.Expression], str | None]:
    """What each of the functions answers in this session."""
    return {
        exp.CurrentAccount: ACCOUNT,
        exp.CurrentDatabase: session.database,
        exp.CurrentRegion: REGION,
        exp.CurrentRole: session.role,
        exp.CurrentSchema: session.schema,
        exp.CurrentSession: str(session.signed_in.session_id),
        exp.CurrentTransaction: session.transaction.id,
        exp.CurrentUser: session.signed_in.user,
        exp.CurrentVersion: VERSION,
        exp.CurrentWarehouse: session.warehouse,
    }


def answer_context(
    expression: exp.Expression, values: Mapping[type[exp.Expression], str | None]
) -> exp.Expression:
    """Answer a statement with the session's values in the place of the functions.

    Args:
        expression: the statement; without any of the functions it is answered unchanged.
        values: what each of the functions answers.

    Raises:
        ProgrammingError: where the value would stay for other sessions, as in a view.

    """
    if not expression.find(*values):
        return expression
    answered = expression.copy()
    kept = isinstance(answered, exp.Create) and answered.kind == "VIEW"
    found = []
    for function in answered.find_all(*values):
        if not kept and function.find_ancestor(exp.ColumnDef) is None:
            found.append(function)
        elif not isinstance(function, _ALSO_ENGINES):
            raise unsupported(f"{function.sql(dialect='snowflake')} in a view or a default")
    for function in found:
        _name_column(function)
    for function in found:
        value = values[type(function)]
        literal = exp.Null() if value is None else exp.Literal.string(value)
        function.replace(exp.cast(literal, "varchar"))
    return answered


def _name_column(function: exp.Expression) -> None:
    """Name the unnamed column of a SELECT, in which a function stands, after its text."""
    node: exp.Expr = function
    while node.parent is not None and not isinstance(node.parent, exp.Select):
        node = node.parent
        if isinstance(node, exp.Alias | exp.Query):
            return
    if node.parent is not None and node.arg_key == "expressions":
        text = node.sql(dialect="snowflake", comments=False)
        named = exp.Alias(alias=exp.to_identifier(text, quoted=True))
        node.replace(named)
        named.set("this", node)

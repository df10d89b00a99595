"""Comments on objects and columns, which are taken out of a statement before it runs.

The engine has no comments on objects, and fakesnow puts comments into its SQL without quoting them.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlglot import exp

from local_snowflake.compilation.relations import Relations
from local_snowflake.sessions.session import Session
from local_snowflake.sql.errors import compilation_error, unsupported
from local_snowflake.sql.names import parts, plain, stored


class Comments(NamedTuple):
    """The comments in a statement."""

    of: exp.Expression | None = None  # the name of the object
    kind: str = "TABLE"
    text: str | None = None  # None: no comment on the object itself
    columns: tuple[tuple[str | int, str | None], ...] = ()  # by name, or in a view by position


def take_comments(expression: exp.Expression) -> tuple[exp.Expression | None, Comments]:
    """Answer the rest of a statement without its comments (None: no rest), and the comments.

    Args:
        expression: the statement; not changed.

    """
    if isinstance(expression, exp.Comment):
        return None, _commented(expression)
    if isinstance(expression, exp.Create) and expression.kind in (
        "TABLE",
        "VIEW",
        "SCHEMA",
        "DATABASE",
    ):
        if expression.find(exp.SchemaCommentProperty, exp.CommentColumnConstraint) is None:
            return expression, Comments()
        rest = expression.copy()
        return rest, Comments(
            rest.find(exp.Table), str(expression.kind), _property(rest), _of_columns(rest)
        )
    if isinstance(expression, exp.Alter):
        return _altered(expression)
    return expression, Comments()


def _commented(comment: exp.Comment) -> Comments:
    kind, text = str(comment.args["kind"]).upper(), comment.expression.name
    if kind == "COLUMN":
        *table, column = comment.this.parts
        of = exp.table_(*reversed([part.copy() for part in table]))
        return Comments(of, "TABLE", None, ((stored(column), text),))
    if kind not in ("TABLE", "VIEW", "SCHEMA", "DATABASE"):
        raise unsupported(f"COMMENT ON {kind}")
    return Comments(comment.this, kind, text)


def _property(create: exp.Expression) -> str | None:
    found = create.find(exp.SchemaCommentProperty)
    properties = create.args.get("properties")
    if found is None or properties is None:
        return None
    kept = [one for one in properties.expressions if one is not found]
    create.set("properties", exp.Properties(expressions=kept) if kept else None)
    return str(found.this.name)


def _of_columns(create: exp.Create) -> tuple[tuple[str | int, str | None], ...]:
    columns: list[tuple[str | int, str | None]] = []
    schema = create.this
    for place, one in enumerate(schema.expressions if isinstance(schema, exp.Schema) else []):
        comment = one.find(exp.CommentColumnConstraint) if isinstance(one, exp.ColumnDef) else None
        if comment is None:
            continue
        columns.append((place if create.kind == "VIEW" else stored(one.this), comment.this.name))
        if comment.parent is not None:
            comment.parent.pop()
        if create.kind == "VIEW":
            one.replace(one.this.copy())
    return tuple(columns)


def _altered(alter: exp.Alter) -> tuple[exp.Expression | None, Comments]:
    columns: list[tuple[str | int, str | None]] = []
    text, kept = None, []
    for action in alter.args.get("actions") or []:
        comment = action.find(exp.SchemaCommentProperty)
        unset = isinstance(action, exp.Set) and action.args.get("unset")
        if isinstance(action, exp.AlterColumn) and action.args.get("comment") is not None:
            columns.append((stored(action.this), action.args["comment"].name))
        elif isinstance(action, exp.AlterSet) and comment is not None:
            text = comment.this.name
        elif unset and [stored(one) for one in action.expressions] == ["COMMENT"]:
            text = ""
        else:
            kept.append(action)
    if text is None and not columns:
        return alter, Comments()
    if kept:
        raise unsupported("ALTER of a comment and of something else")
    return None, Comments(alter.this, "TABLE", text, tuple(columns))


def write_comments(session: Session, comments: Comments) -> None:
    """Keep the comments, after the rest of the statement has run.

    Raises:
        ProgrammingError: for a column that is not there.

    """
    if comments.of is None:
        return
    catalog, relations = session.catalog, Relations(session)
    if comments.kind in ("SCHEMA", "DATABASE"):
        name = _place(session, comments)
    else:
        name = ".".join(relations.path(comments.of))
    kind = "TABLE" if comments.kind == "VIEW" else comments.kind
    if kind == "TABLE" and relations.columns(comments.of) is None:
        return  # the statement has IF EXISTS, and there is no such object
    if comments.text is not None:
        with catalog.changed():
            made = catalog.made_by(kind, name)
            made.comment = comments.text
            catalog.made[f"{kind} {name}"] = made
    if not comments.columns:
        return
    names = list(relations.columns(comments.of) or {})
    path = ".".join(f'"{part}"' for part in relations.path(comments.of))
    for column, text in comments.columns:
        found = names[column] if isinstance(column, int) else column
        if found not in names:
            message = f"Object '{plain(found)}' does not exist or not authorized."
            raise compilation_error(message, 2003, "42S02")
        literal = exp.Literal.string(text or "").sql("duckdb")
        quoted = found.replace('"', '""')
        session.engine.execute(f'comment on column {path}."{quoted}" is {literal}')


def _place(session: Session, comments: Comments) -> str:
    given = [stored(part) for part in parts(comments.of)]
    if comments.kind == "SCHEMA" and len(given) == 1:
        given = [str(session.database), *given]
    return ".".join(given)

"""The tables and views, each by its exact name, with the types of the columns."""

from __future__ import annotations

from functools import partial

from snowflake.connector.errors import ProgrammingError
from sqlglot import exp

from local_snowflake.sessions.session import Session
from local_snowflake.sql.errors import compilation_error
from local_snowflake.sql.names import parts, plain, stored
from local_snowflake.sql.sql_types import of_engine

Columns = dict[str, str | None]
_COLUMNS = (
    "select column_name, data_type, ext_character_maximum_length from duckdb_columns()"
    " left join _fs_global._fs_information_schema._fs_columns_ext on"
    " ext_table_catalog = database_name and ext_table_schema = schema_name"
    " and ext_table_name = table_name and ext_column_name = column_name"
    " where database_name = ? and schema_name = ? and table_name = ? order by column_index"
)


class Relations:
    """The tables and views, as a session finds them by name."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def path(self, table: exp.Expression) -> tuple[str, ...]:
        """Database, schema and name of a table in a statement; shorter without a current schema."""
        given = [stored(part) for part in parts(table)]
        missing = [self._session.database, self._session.schema][: max(0, 3 - len(given))]
        return (*(part for part in missing if part), *given)

    def columns(self, table: exp.Expression) -> Columns | None:
        """The columns of a table or view with their types; None where there is none."""
        path = self.path(table)
        if len(path) != 3:
            return None
        found: Columns = self._session.account.types.of(path, partial(self._look_up, path))
        return found or None

    def _look_up(self, path: tuple[str, ...]) -> Columns:
        rows = self._session.engine.execute(_COLUMNS, list(path)).fetchall()
        made = self._session.catalog.made.get(f"TABLE {'.'.join(path)}")
        kept = (made.types if made else None) or {}
        return {name: kept.get(name) or of_engine(kind, length) for name, kind, length in rows}

    def missing(self, table: exp.Expression, kind: str, *, full: bool = False) -> ProgrammingError:
        """The error for a missing table, or for its missing schema or database.

        Args:
            table: the table that a statement names.
            kind: Table, View or Object, as the statement asks.
            full: whether the message has the whole name where the statement gives the last part.

        """
        path = self.path(table)
        if len(path) == 3:
            for level, name in (("Database", path[:1]), ("Schema", path[:2])):
                if not self.is_there(*name):
                    return _not_there(level, name)
        whole = full or len(parts(table)) > 1
        return _not_there(kind, path if whole else path[-1:])

    def check_place(self, named: exp.Expression, kind: str) -> None:
        """Refuse a schema or a database that is not there.

        Args:
            named: the name in a statement.
            kind: SCHEMA or DATABASE.

        """
        if not self.has_place(named, kind):
            raise _not_there(kind.capitalize(), self._place(named, kind))

    def has_place(self, named: exp.Expression, kind: str) -> bool:
        """Whether there is a SCHEMA or a DATABASE of the name that a statement gives."""
        return self.is_there(*self._place(named, kind))

    def _place(self, named: exp.Expression, kind: str) -> tuple[str, ...]:
        path = tuple(stored(part) for part in parts(named))
        if kind == "SCHEMA" and len(path) == 1:
            path = (str(self._session.database), *path)
        return path

    def is_there(self, database: str, schema: str | None = None) -> bool:
        """Whether there is a database, or a schema in it, of exactly this name."""
        if schema == "INFORMATION_SCHEMA":
            schema = None
        query = "select 1 from duckdb_schemas() where database_name = ?"
        values = [database]
        if schema is not None:
            query += " and schema_name = ?"
            values.append(schema)
        return bool(self._session.engine.execute(query, values).fetchone())


def _not_there(kind: str, path: tuple[str, ...]) -> ProgrammingError:
    name = ".".join(plain(part) for part in path)
    states = {"Database": (2003, "02000"), "Schema": (2003, "02000")}
    message = f"{kind} '{name}' does not exist or not authorized."
    return compilation_error(message, *states.get(kind, (2003, "42S02")))

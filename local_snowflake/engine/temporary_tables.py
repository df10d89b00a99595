"""Temporary tables: the engine has them only in a catalogue of their own, without schemas.

Here a temporary table is an ordinary table that is dropped when its session ends. On Snowflake it
would hide a permanent table of the same name; here such a name is refused.
"""

from __future__ import annotations

from sqlglot import exp

from local_snowflake.engine.connection import Engine
from local_snowflake.sql.errors import unsupported
from local_snowflake.sql.names import qualified, written


class TemporaryTables:
    """The temporary tables of one session."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def admit(
        self,
        expression: exp.Expression,
        engine: Engine,
        database: str | None,
        schema: str | None,
    ) -> exp.Expression:
        """Answer, for a statement that creates a temporary table, the same with an ordinary table.

        Args:
            expression: the statement; any other statement is answered unchanged.
            engine: knows which tables there are.
            database: the current one.
            schema: the current one.

        Raises:
            ProgrammingError: when a permanent table has the name.

        """
        properties = expression.args.get("properties")
        temporary = properties and properties.find(exp.TemporaryProperty)
        if not isinstance(expression, exp.Create) or expression.kind != "TABLE" or not temporary:
            return expression
        name = qualified(written(expression), database, schema)
        if name not in self._names and self._is_there(engine, name):
            raise unsupported(f"a temporary table with the name of a permanent one, {name}")
        self._names.add(name)
        admitted = expression.copy()
        for found in list(admitted.args["properties"].find_all(exp.TemporaryProperty)):
            found.pop()
        return admitted

    def drop_all(self, engine: Engine) -> bool:
        """Drop the tables, as their session ends; answers whether there were any."""
        found = bool(self._names)
        for name in self._names:
            quoted = ".".join(f'"{part}"' for part in name.split("."))
            engine.execute(f"drop table if exists {quoted}")
        self._names.clear()
        return found

    @staticmethod
    def _is_there(engine: Engine, name: str) -> bool:
        found = engine.execute(
            "select 1 from information_schema.tables where upper(table_catalog) = ?"
            " and upper(table_schema) = ? and upper(table_name) = ?",
            [part.upper() for part in name.split(".")],
        ).fetchone()
        return found is not None

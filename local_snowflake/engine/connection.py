"""A session's connection to the engine: DuckDB, with fakesnow over it."""

from __future__ import annotations

from duckdb import DuckDBPyConnection as Engine
from duckdb import Error as EngineError
from fakesnow.conn import FakeSnowflakeConnection
from fakesnow.cursor import FakeSnowflakeCursor

__all__ = ["Connection", "Engine", "EngineError"]


class Connection:
    """The connection of one session."""

    def __init__(self, connection: FakeSnowflakeConnection) -> None:
        self._connection = connection

    @property
    def engine(self) -> Engine:
        """DuckDB itself, for what fakesnow need not see."""
        return self._connection._duck_conn

    @property
    def database(self) -> str | None:
        """The current database, where there is one."""
        is_set = self._connection.database_set
        return (str(self._connection.database or "") or None) if is_set else None

    @property
    def schema(self) -> str | None:
        """The current schema, where there is one."""
        is_set = self._connection.schema_set
        return (str(self._connection.schema or "") or None) if is_set else None

    def cursor(self) -> FakeSnowflakeCursor:
        """A new cursor of fakesnow."""
        return self._connection.cursor()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

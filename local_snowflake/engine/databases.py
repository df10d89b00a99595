"""All databases of the account, in memory or each in a file of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

from fakesnow.instance import FakeSnow

from local_snowflake.engine import time_macros, variant_functions
from local_snowflake.engine.connection import Connection


class Databases:
    """The engine with all databases.

    Args:
        data_dir: the folder with the files of the databases; None keeps them in memory.
        threads: how many threads a statement may take; None for all that the machine has.

    """

    def __init__(self, data_dir: Path | None, threads: int | None = None) -> None:
        self._data_dir = data_dir
        self._connecting = threading.Lock()
        self._fakesnow = FakeSnow(
            create_database_on_connect=False, create_schema_on_connect=False, db_path=data_dir
        )
        if threads is not None:
            self._fakesnow.duck_conn.execute(f"set threads = {int(threads)}")
        variant_functions.teach(self._fakesnow.duck_conn)
        for statement in time_macros.creation_sql():
            self._fakesnow.duck_conn.execute(statement)

    def open(self, names: Iterable[str]) -> None:
        """Open the databases of an earlier start, and make the named databases that are missing.

        Args:
            names: the databases that must be there.

        """
        kept = sorted(self._data_dir.glob("*.db")) if self._data_dir else []
        self._fakesnow.create_database_on_connect = True
        for name in dict.fromkeys([*names, *(file.stem for file in kept)]):
            self._fakesnow.connect(name).close()
        self._fakesnow.create_database_on_connect = False

    def connect(self, database: str | None, schema: str | None) -> Connection:
        """Open a connection for a session."""
        with self._connecting:
            return Connection(self._fakesnow.connect(database, schema))

    def make_schema(self, database: str, name: str) -> None:
        """Make a schema where it is not there."""
        with self._connecting, self._fakesnow.connect(database) as connection:
            connection.cursor().execute(f"create schema if not exists {name}")

    def close(self) -> None:
        """Close the engine."""
        self._fakesnow.duck_conn.close()

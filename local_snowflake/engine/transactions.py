"""A transaction that outlives a statement that fails in it, as on Snowflake.

The engine ends a transaction at the first error. The earlier statements of the transaction are then
run again, in a new transaction: their tables are still locked, so nobody else has changed them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import duckdb

# As Snowflake's, these are long numbers that only grow.
_IDS = itertools.count(1_790_000_000_000_000_000)


class OpenTransaction:
    """What a session did since its BEGIN."""

    def __init__(self) -> None:
        self.id: str | None = None
        self._done: list[Callable[[], object]] = []

    @property
    def is_open(self) -> bool:
        """Whether the session is in a transaction."""
        return self.id is not None

    def begin(self) -> None:
        """Keep that a BEGIN has run."""
        self.id = str(next(_IDS))
        self._done = []

    def end(self) -> None:
        """Keep that a COMMIT or a ROLLBACK has run."""
        self.id = None
        self._done = []

    def did(self, step: Callable[[], object]) -> None:
        """Keep what would make a change again; outside of a transaction nothing is kept."""
        if self.is_open:
            self._done.append(step)

    def mend(self, engine: duckdb.DuckDBPyConnection) -> None:
        """Bring the transaction back where an error has ended it."""
        if not self.is_open:
            return
        try:
            engine.execute("select 1")
        except duckdb.TransactionException:
            engine.execute("rollback")
            engine.execute("begin transaction")
            for step in self._done:
                step()

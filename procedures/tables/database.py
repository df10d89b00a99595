"""Runs statements in a procedure's session: binds, transactions, and waiting for locks."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

from snowflake.snowpark import Session
from snowflake.snowpark.exceptions import SnowparkSQLException

from procedures.common.bound_json import to_json

LOCK_CONTENTION = ("000625", "lock timeout", "number of waiters", "lock wait")
# About two minutes in all. Where dozens of runs write one table, the places in the queue for its
# lock are full again and again, and what an API has done must not be lost for that.
LOCK_TRIES = 60
LONGEST_WAIT_SECONDS = 4.0
# Rows that are read at a time: the memory of a step does not grow with the number of executions.
PAGE_SIZE = 500

Result = TypeVar("Result")


class ConflictError(RuntimeError):
    """Another run changed what this transaction was based on; the transaction was rolled back."""


class Database:
    """Runs statements in a procedure's session.

    Args:
        session: the Snowpark session of the procedure.

    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def select(self, statement: str, *bound: str) -> list[Any]:
        """Read rows."""
        return self._session.sql(statement, params=list(bound) or None).collect()

    def select_of(self, statement: str, ids: Iterable[str]) -> Iterator[Any]:
        """Read rows page by page; the statement binds a list of ids."""
        listed = list(ids)
        for start in range(0, len(listed), PAGE_SIZE):
            yield from self.select(statement, to_json(listed[start : start + PAGE_SIZE]))

    def write(self, statement: str, *bound: Any) -> int:
        """Run one statement of a transaction; returns how many rows it changed."""
        params = [value if isinstance(value, str) else to_json(value) for value in bound]
        rows = self._session.sql(statement, params=params or None).collect()
        return int(rows[0][0]) if rows else 0

    def write_contended(self, statement: str, *bound: Any) -> int:
        """Run a statement as a transaction of its own; repeat it when it does not get the lock."""
        return self._contended(partial(self.write, statement, *bound))

    def in_transaction(
        self, work: Callable[[], Result], *, repeats_conflicts: bool = False
    ) -> Result:
        """Run statements in one transaction; repeat the transaction when it does not get the lock.

        Args:
            work: runs the statements.
            repeats_conflicts: whether a ConflictError of `work` repeats the transaction, too.

        Raises:
            ConflictError: by `work`, whose data another run changed; all was rolled back.

        """

        def transaction() -> Result:
            self._session.sql("begin transaction").collect()
            try:
                result = work()
                self._session.sql("commit").collect()
            except BaseException:
                self._session.sql("rollback").collect()
                raise
            return result

        return self._contended(transaction, repeats_conflicts=repeats_conflicts)

    def _contended(self, work: Callable[[], Result], *, repeats_conflicts: bool = False) -> Result:
        """Repeat work that did not get the lock of a table (error 000625)."""
        for tried in range(LOCK_TRIES):
            try:
                return work()
            except (SnowparkSQLException, ConflictError) as error:
                is_conflict = isinstance(error, ConflictError)
                repeats = repeats_conflicts if is_conflict else is_contention(error)
                if tried == LOCK_TRIES - 1 or not repeats:
                    raise
                wait_a_little(tried)
        raise AssertionError  # the loop returns or raises


def is_contention(error: Exception) -> bool:
    """Whether a statement failed because others wait for the same lock."""
    text = str(error).lower()
    return any(sign in text for sign in LOCK_CONTENTION)


def wait_a_little(tried: int) -> None:
    """Wait before another try: longer each time, for a random time unlike that of other runs."""
    time.sleep(random.uniform(0.05, min(0.2 * 2**tried, LONGEST_WAIT_SECONDS)))

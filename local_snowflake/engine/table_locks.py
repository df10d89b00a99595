"""One lock for each table, held to the end of the statement or the transaction."""

from __future__ import annotations

import threading
import time

from local_snowflake.sql.errors import sql_error

MAX_WAITERS = 20


class TableLocks:
    """Serialises the writers of each table, first come, first served.

    Real Snowflake lets plain INSERTs run beside each other; here INSERTs queue too, because DuckDB
    would answer with a conflict that the connector turns into slow retries.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._owners: dict[str, str] = {}
        self._queues: dict[str, list[object]] = {}

    def acquire(self, session_id: str, table: str, timeout_seconds: float) -> None:
        """Take the lock for a session, or wait for it.

        Raises:
            ProgrammingError: 000625 when 20 statements wait already, or when the time is over.

        """
        with self._changed:
            if self._owners.get(table) == session_id:
                return
            queue = self._queues.setdefault(table, [])
            if table in self._owners and len(queue) >= MAX_WAITERS:
                message = (
                    "Statement was aborted because the number of waiters for this lock exceeds "
                    f"the {MAX_WAITERS} statements limit."
                )
                raise sql_error(message, 625, "57014")
            place = object()
            queue.append(place)
            limit = time.monotonic() + timeout_seconds
            try:
                while table in self._owners or queue[0] is not place:
                    remaining = limit - time.monotonic()
                    if remaining <= 0:
                        message = f"Statement was aborted: lock timeout on table {table}."
                        raise sql_error(message, 625, "57014")
                    self._changed.wait(remaining)
                self._owners[table] = session_id
            finally:
                queue.remove(place)
                self._changed.notify_all()

    def release_all(self, session_id: str) -> None:
        """Give up every lock of a session."""
        with self._changed:
            for table in [name for name, owner in self._owners.items() if owner == session_id]:
                del self._owners[table]
            self._changed.notify_all()

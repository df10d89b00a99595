"""Reads and writes `policy_api_breakers` for one run, only when a breaker changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from procedures.common.bound_json import to_json
from procedures.common.settings import Settings
from procedures.domain.api_breaker import OpenBreaker, open_breaker_of
from procedures.tables.breaker_statements import (
    close_sql,
    now_sql,
    open_sql,
    probed_sql,
    read_breakers_sql,
    reset_sql,
    take_probes_sql,
)
from procedures.tables.database import ConflictError, Database


class Breakers:
    """The breakers of the API's endpoints, for one run.

    Args:
        database: the procedure's session.
        settings: the procedure's settings.
        run_id: the id of the run.

    """

    def __init__(self, database: Database, settings: Settings, run_id: str) -> None:
        self._database = database
        self._settings = settings
        self._table = settings.breakers_table
        self._run_id = run_id

    def take_probes(self, endpoints: Collection[str], seconds: int) -> bool:
        """Become the prober of endpoints; returns whether this run probes all of them.

        The write takes the table's lock, and what it did is read in the same transaction: so one
        run of many becomes the prober. A prober that dies is replaced when its lease ends.

        Args:
            endpoints: which requests.
            seconds: how long the lease is.

        """
        rows = [{"endpoint": name, "run_id": self._run_id} for name in sorted(endpoints)]

        def take() -> None:
            self._database.write(take_probes_sql(self._table, seconds), rows)
            mine = self._database.select(probed_sql(self._table), self._run_id)
            if {*endpoints} - {row[0] for row in mine}:
                raise ConflictError("another run probes an endpoint")

        try:
            self._database.in_transaction(take)
        except ConflictError:
            return False
        return True

    def open(self, endpoint: str, url: str, problem: str) -> OpenBreaker:
        """Open the breaker of an endpoint; returns the breaker as the table has it.

        Where somebody has closed the breaker at that moment, what is returned holds for this call.

        Args:
            endpoint: which request it is about.
            url: its address.
            problem: what was seen.

        """
        row = {"endpoint": endpoint, "url": url, "problem": problem, "run_id": self._run_id}
        self._database.write_contended(
            open_sql(self._table, self._settings.breaker_open_seconds), to_json([row])
        )
        if found := self.read().get(endpoint):
            return found
        ((now,),) = self._database.select(now_sql())
        return OpenBreaker(endpoint, url, now, now, problem, 0)

    def read(self) -> Mapping[str, OpenBreaker]:
        """Read the breakers that are not closed, by endpoint."""
        rows = self._database.select(read_breakers_sql(self._table))
        return {row[0]: open_breaker_of(row) for row in rows}

    def close(self, endpoint: str) -> None:
        """Close the breaker of an endpoint that this run probes."""
        self._database.write_contended(close_sql(self._table), self._run_id, endpoint)

    def reset(self, endpoint: str | None) -> list[str]:
        """Close breakers by hand; returns the endpoints whose breakers were not closed.

        Args:
            endpoint: the endpoint; None for all.

        """
        found = [name for name in self.read() if endpoint in (None, name)]
        if found:
            self._database.write_contended(reset_sql(self._table), endpoint or "")
        return sorted(found)

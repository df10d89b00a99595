"""Restores executions from their events, after retention has removed their rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from procedures.common.bound_json import parts, to_json
from procedures.common.settings import Settings
from procedures.domain.history import rows_of_history
from procedures.tables.database import Database
from procedures.tables.history_statements import HISTORY_COLUMNS, read_history_sql, restore_sql


def restore(
    database: Database, settings: Settings, execution_ids: Sequence[str]
) -> list[dict[str, Any]]:
    """Insert the missing rows of executions; returns all the rows as their events define them.

    The retention time of a restored row begins anew. This runs inside a transaction of the caller.
    """
    found = database.select(read_history_sql(settings.events_table), to_json(execution_ids))
    rows = rows_of_history([dict(zip(HISTORY_COLUMNS, row, strict=True)) for row in found])
    for part in parts(rows):
        database.write(restore_sql(settings.state_table), part)
    return rows

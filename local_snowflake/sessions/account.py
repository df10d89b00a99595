"""What all sessions of the account share."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Protocol

from local_snowflake.catalog.catalog import Catalog, Procedure
from local_snowflake.engine.kept_types import KeptTypes
from local_snowflake.engine.table_locks import TableLocks
from local_snowflake.engine.translation import Translations
from local_snowflake.sessions.signed_in import SignedIn


class RunProcedure(Protocol):
    """A callable that runs the body of a procedure."""

    def __call__(
        self,
        procedure: Procedure,
        arguments: list[Any],
        caller: SignedIn,
        parameters: Mapping[str, str],
    ) -> tuple[str, Any]:
        """Run the body: ('value', result) or ('error', traceback)."""


class Account:
    """What all sessions share; a session knows the server by this object alone.

    Args:
        catalog: what the engine has no place for.
        run_procedure: runs the body of a procedure.

    """

    def __init__(self, catalog: Catalog, run_procedure: RunProcedure) -> None:
        self.catalog = catalog
        self.run_procedure = run_procedure
        self.locks = TableLocks()
        self.translations = Translations()
        self.types = KeptTypes()
        self.lock_timeout_seconds = 600.0
        self.parameters: dict[str, str] = {}
        self.user_parameters: dict[str, dict[str, str]] = {}
        # How far the clock of every session is set. A test may change the offset at any time; the
        # next statement reads it, for CURRENT_TIMESTAMP() and its like, in defaults and procedures,
        # too. None is the real time, and costs nothing.
        self.clock_offset: datetime.timedelta | None = None
        # What INFORMATION_SCHEMA.PROCEDURES shows of a procedure to roles that do not own it: no
        # row, as one page says of Snowflake, or an empty definition, as users have seen it.
        self.hides_procedures_of_others = False
        self.empties_definitions_of_others = False

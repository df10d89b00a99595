"""The state of one session: who signed in, the current place, and what is open."""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Mapping

from local_snowflake.catalog import rights
from local_snowflake.catalog.catalog import Catalog, Procedure
from local_snowflake.engine.connection import Connection, Engine
from local_snowflake.engine.temporary_tables import TemporaryTables
from local_snowflake.engine.transactions import OpenTransaction
from local_snowflake.sessions.account import Account
from local_snowflake.sessions.session_parameters import SessionParameters
from local_snowflake.sessions.signed_in import SignedIn


class Session:
    """A client's session, or the session of a procedure in the middle of its CALL.

    Args:
        account: what all sessions share.
        connection: the session's own connection to the engine.
        signed_in: who signed in.
        parameters: the session parameters that were given at sign-in.
        procedure: the procedure whose body sends the statements; None for a client.
        call_id: which CALL runs the body.

    """

    def __init__(
        self,
        account: Account,
        connection: Connection,
        signed_in: SignedIn,
        parameters: Mapping[str, object],
        procedure: Procedure | None = None,
        call_id: str | None = None,
    ) -> None:
        self.token = secrets.token_urlsafe(24)
        self.account = account
        self.connection = connection
        self.signed_in = signed_in
        self.parameters = SessionParameters(account, signed_in.user, parameters)
        self.procedure = procedure
        self.call_id = call_id
        self.lock = threading.Lock()  # one statement at a time
        self.transaction = OpenTransaction()
        self.temporary = TemporaryTables()
        self.left_open = False

    @property
    def role(self) -> str:
        """The current role."""
        return self.signed_in.role

    @property
    def is_admin(self) -> bool:
        """Whether the current role may do everything."""
        return self.role in self.catalog.admin_roles

    @property
    def catalog(self) -> Catalog:
        """What the engine has no place for."""
        return self.account.catalog

    @property
    def engine(self) -> Engine:
        """The session's own connection to DuckDB."""
        return self.connection.engine

    @property
    def database(self) -> str | None:
        """The current database; none where the role may not use it."""
        found = self.connection.database
        return found if found and rights.may_enter(self.catalog, self.role, found) else None

    @property
    def schema(self) -> str | None:
        """The current schema; none where the role may not use it."""
        found, database = self.connection.schema, self.database
        enters = database and found and rights.may_enter(self.catalog, self.role, database, found)
        return found if enters else None

    @property
    def warehouse(self) -> str | None:
        """The current warehouse; none where the role may not use it.

        A procedure computes on the warehouse of its caller, whatever its owner may use.
        """
        if self.procedure is not None:
            return self.signed_in.warehouse
        return rights.usable_warehouse(self.catalog, self.role, self.signed_in.warehouse)

    def close(self) -> None:
        """End the session; an open transaction is rolled back."""
        with self.lock, contextlib.suppress(Exception):
            if self.transaction.is_open:
                self.left_open = True
                self.connection.cursor().execute("rollback")
            if self.temporary.drop_all(self.engine):
                self.account.types.forget()
            self.connection.close()
        self.account.locks.release_all(self.token)

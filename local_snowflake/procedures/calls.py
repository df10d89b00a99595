"""The CALLs under way: each runs in a process of its own, with a session of its own."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from local_snowflake.catalog.catalog import Procedure
from local_snowflake.engine.connection import Connection
from local_snowflake.procedures.process import ProcedureProcesses
from local_snowflake.sessions.account import Account
from local_snowflake.sessions.open_sessions import OpenSessions
from local_snowflake.sessions.parameters import STATEMENT_TIMEOUT
from local_snowflake.sessions.session import Session
from local_snowflake.sessions.signed_in import SignedIn
from local_snowflake.sql.errors import sql_error

# A body signs in with this session parameter; its value says which CALL.
PROCEDURE_PARAMETER = "LOCAL_PROCEDURE_CALL"


class Calls:
    """Runs the bodies of procedures.

    Args:
        account: what all sessions share.
        sessions: all open sessions.
        processes: the processes of the bodies.
        connect: opens a connection, with a database and a schema.
        address: answers what the connector needs to sign in here as a user.
        passed_on_variables: what bodies see of this process's environment.

    """

    def __init__(
        self,
        account: Account,
        sessions: OpenSessions,
        processes: ProcedureProcesses,
        connect: Callable[[str, str], Connection],
        address: Callable[[str], dict[str, Any]],
        passed_on_variables: Iterable[str],
    ) -> None:
        self._account = account
        self._sessions = sessions
        self._processes = processes
        self._connect = connect
        self._address = address
        self._passed_on_variables = tuple(passed_on_variables)
        self._open: dict[str, Session] = {}

    def session_of(self, parameters: Mapping[str, object]) -> Session | None:
        """The session that a body signs in to; None where a client signs in.

        Args:
            parameters: the session parameters of the sign-in.

        """
        return self._open.get(str(parameters.get(PROCEDURE_PARAMETER)))

    def run(
        self,
        procedure: Procedure,
        arguments: list[Any],
        caller: SignedIn,
        parameters: Mapping[str, str],
    ) -> tuple[str, Any]:
        """Run a procedure's body: ('value', result) or ('error', traceback).

        The session of the body has the user, the warehouse, the id and the parameters of the
        caller. Its role is the owner of the procedure with owner's rights, else the caller's role.
        """
        call_id = uuid.uuid4().hex
        catalog = self._account.catalog
        database, schema = procedure.schema.split(".")
        role = procedure.owner if procedure.execute_as == "OWNER" else caller.role

        def prepare() -> dict[str, Any]:
            address = self._address(caller.user)
            self._open[call_id] = Session(
                self._account, self._connect(database, schema), replace(caller, role=role),
                parameters, procedure, call_id,
            )  # fmt: skip
            return {
                "body": procedure.body,
                "handler": procedure.handler,
                "arguments": arguments,
                "secrets": {
                    alias: catalog.secrets[name] for alias, name in procedure.secrets.items()
                },
                "allowed_hosts": catalog.allowed_hosts(procedure.integrations),
                "own_address": f"{address['host']}:{address['port']}",
                "environment": {
                    name: os.environ[name]
                    for name in self._passed_on_variables
                    if name in os.environ
                },
                "connection": {**address, "session_parameters": {PROCEDURE_PARAMETER: call_id}},
            }

        try:
            kind, value = self._processes.run(prepare, int(parameters[STATEMENT_TIMEOUT]))
        finally:
            session = self._open.pop(call_id, None)
            if session:
                self._sessions.drop(session)
        if session and session.left_open and kind == "value":
            message = (
                "Scoped transaction started in stored procedure is incomplete "
                "and it was rolled back."
            )
            raise sql_error(message, 90232, "25000")
        return kind, value

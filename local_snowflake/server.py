"""The Snowflake protocol over HTTP, as far as the connector, dbt and Snowpark speak it."""

from __future__ import annotations

import datetime
import itertools
import os
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fakesnow.instance import FakeSnow
from snowflake.connector.errors import Error
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from local_snowflake import time_macros, variant_functions
from local_snowflake.background_server import BackgroundServer
from local_snowflake.catalog import DEFAULT_ROLE, Catalog, Procedure
from local_snowflake.context import VERSION, SignedIn
from local_snowflake.errors import sql_error
from local_snowflake.external_access import open_way_out
from local_snowflake.kept_types import KeptTypes
from local_snowflake.names import check_database_name, identifier
from local_snowflake.parameters import known
from local_snowflake.procedure_process import ProcedureProcesses
from local_snowflake.protocol import answer, bound_values, json_body
from local_snowflake.requests import Requests
from local_snowflake.roles import check_role, open_to_all
from local_snowflake.session import Session
from local_snowflake.table_locks import TableLocks
from local_snowflake.translation import Translations

HOST = "127.0.0.1"
DATABASE = "POLICY_DB"
SCHEMA = "POLICY_WORKFLOW"
WAREHOUSE = "POLICY_WH"
INTEGRATION = "API_EXTERNAL_ACCESS"
# Of the server's environment, what reaches the bodies of procedures: where tests stop them.
PASSED_ON_VARIABLES = ("POLICY_WORKFLOW_FAILPOINTS",)
PROCEDURE_PARAMETER = "LOCAL_PROCEDURE_CALL"


@dataclass(frozen=True)
class Statement:
    """One statement that arrived, for tests that count."""

    session: str
    sql: str
    kind: str  # 'client', or 'procedure' from inside a CALL
    params: tuple[tuple[str, Any], ...] = ()  # type and value, as the client bound them
    call: str | None = None  # which CALL sent it
    at: float = 0.0  # seconds since the epoch, as in the journal of the policy API


class LocalSnowflake:
    """A local Snowflake in this process.

    Args:
        data_dir: where everything is kept, procedures included; None keeps it in memory.
        port: the port to listen on; 0 takes a free one.
        empty: an account with nothing in it, in memory. Otherwise the project's database and
            warehouse are there, and PUBLIC has USAGE on them; a sign-in makes nothing.

    """

    def __init__(self, data_dir: Path | None = None, port: int = 0, *, empty: bool = False) -> None:
        if empty and data_dir:
            raise ValueError("an empty account is kept in memory")
        self.host = HOST
        self.port = port
        self.statements: list[Statement] = []
        self.locks = TableLocks()
        self.translations = Translations()
        self.types = KeptTypes()
        self.lock_timeout_seconds = 600.0
        if data_dir:
            data_dir.mkdir(parents=True, exist_ok=True)
        self._data_dir = data_dir
        self.is_empty = empty
        self.catalog = Catalog.load(data_dir / "catalog.json" if data_dir else None)
        self.account_parameters: dict[str, str] = {}
        self.user_parameters: dict[str, dict[str, str]] = {}
        # How far the clock of every session is set: it may be changed at any time, and counts from
        # the next statement on, for CURRENT_TIMESTAMP() and its like, in defaults and procedures,
        # too. None is the real time, and costs nothing.
        self.clock_offset: datetime.timedelta | None = None
        # What INFORMATION_SCHEMA.PROCEDURES has for roles that do not own a procedure: no row, as
        # one page says of Snowflake, or an empty definition, as others saw it (facts, 00).
        self.hides_procedures_of_others = False
        self.empties_definitions_of_others = False
        self._session_ids = itertools.count(1000)
        self._sessions: dict[str, Session] = {}
        self._calls: dict[str, Session] = {}
        self._requests = Requests()
        self._processes = ProcedureProcesses()
        self._server: BackgroundServer | None = None
        self._connecting = threading.Lock()

    def start(self) -> LocalSnowflake:
        """Start to answer; returns when it does."""
        self._processes.start()
        self._fakesnow = FakeSnow(
            create_database_on_connect=False,
            create_schema_on_connect=False,
            db_path=self._data_dir,
        )
        variant_functions.teach(self._fakesnow.duck_conn)
        for statement in time_macros.creation_sql():
            self._fakesnow.duck_conn.execute(statement)
        if not self.is_empty:
            with self.catalog.changed() as catalog:
                catalog.note("WAREHOUSE", WAREHOUSE, DEFAULT_ROLE)
            self._open_databases()
            open_to_all(self.catalog, WAREHOUSE, DATABASE)
        routes = [
            Route("/session/v1/login-request", self._login, methods=["POST"]),
            Route("/session", self._end_session, methods=["POST"]),
            Route("/session/heartbeat", self._nothing, methods=["POST"]),
            Route("/queries/v1/query-request", self._query, methods=["POST"]),
            Route("/queries/v1/abort-request", self._nothing, methods=["POST"]),
            Route("/telemetry/send", self._nothing, methods=["POST"]),
        ]
        try:
            self._server = BackgroundServer(Starlette(routes=routes), self.host, self.port)
            self.port = self._server.port
            self._processes.warm_up(self._address("warm_up"))
        except BaseException:
            self.stop()
            raise
        self.statements.clear()
        return self

    def stop(self) -> None:
        """Stop answering; running procedures are ended."""
        self._processes.stop()
        if self._server:
            self._server.stop()
        self._fakesnow.duck_conn.close()

    def __enter__(self) -> LocalSnowflake:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def environment(self) -> dict[str, str]:
        """What dbt, the connector and Snowpark need to reach it."""
        return {
            "SNOWFLAKE_ACCOUNT": "local",
            "SNOWFLAKE_USER": "local",
            "SNOWFLAKE_PASSWORD": "local",
            "SNOWFLAKE_HOST": self.host,
            "SNOWFLAKE_PORT": str(self.port),
            "SNOWFLAKE_PROTOCOL": "http",
            "SNOWFLAKE_DATABASE": DATABASE,
            "SNOWFLAKE_SCHEMA": SCHEMA,
            "SNOWFLAKE_WAREHOUSE": WAREHOUSE,
            "SNOWFLAKE_ROLE": "POLICY_ROLE",
            # The connector would ask three clouds whether it runs on them.
            "SNOWFLAKE_DISABLE_PLATFORM_DETECTION": "true",
        }

    def open_external_access(self, host: str, port: int) -> None:
        """Do what an administrator does: make the project's schema, and a way to a host and port.

        The network rule is in the schema, and procedures with the integration may go that way.
        """
        self.make_schema(SCHEMA)
        rule = f"{DATABASE}.{SCHEMA}.POLICY_API_RULE"
        open_way_out(self.catalog, rule, INTEGRATION, f"{host}:{port}")

    def run_procedure(
        self,
        procedure: Procedure,
        arguments: list[Any],
        caller: SignedIn,
        parameters: Mapping[str, str],
    ) -> tuple[str, Any]:
        """Run a procedure's body in a process of its own, with a session of its own.

        To SQL it is the caller's session: the same user, warehouse and id; the role is the owner's
        with owner's rights, else the caller's; it has the parameters that it inherits.
        """
        call_id = uuid.uuid4().hex
        database, schema = procedure.schema.split(".")
        role = procedure.owner if procedure.execute_as == "OWNER" else caller.role

        def prepare() -> dict[str, Any]:
            self._calls[call_id] = Session(
                self, self._connect(database, schema), replace(caller, role=role), parameters,
                procedure, call_id,
            )  # fmt: skip
            return {
                "body": procedure.body,
                "handler": procedure.handler,
                "arguments": arguments,
                "secrets": {
                    alias: self.catalog.secrets[name] for alias, name in procedure.secrets.items()
                },
                "allowed_hosts": self.catalog.allowed_hosts(procedure.integrations),
                "own_address": f"{self.host}:{self.port}",
                "environment": {
                    name: os.environ[name] for name in PASSED_ON_VARIABLES if name in os.environ
                },
                "connection": {
                    **self._address(caller.user),
                    "session_parameters": {PROCEDURE_PARAMETER: call_id},
                },
            }

        try:
            kind, value = self._processes.run(prepare)
        finally:
            session = self._calls.pop(call_id, None)
            if session:
                self._drop(session)
        if session and session.left_open and kind == "value":
            message = (
                "Scoped transaction started in stored procedure is incomplete "
                "and it was rolled back."
            )
            raise sql_error(message, 90232, "25000")
        return kind, value

    def _address(self, user: str) -> dict[str, Any]:
        """What the connector needs to sign in here."""
        return {
            "account": "local",
            "user": user,
            "password": "local",
            "host": self.host,
            "port": self.port,
            "protocol": "http",
            "paramstyle": "qmark",
            "login_timeout": 10,
            # Nobody reads what the connector reports, and it looks through all modules for it.
            "log_imported_packages_in_telemetry": False,
        }

    def _drop(self, session: Session) -> None:
        self._sessions.pop(session.token, None)
        session.close()

    def _connect(self, database: str | None, schema: str | None) -> Any:
        with self._connecting:
            return self._fakesnow.connect(database, schema)

    def _open_databases(self) -> None:
        """Make the project's database where it is not there, and open those of an earlier start."""
        kept = sorted(self._data_dir.glob("*.db")) if self._data_dir else []
        self._fakesnow.create_database_on_connect = True
        for name in dict.fromkeys([DATABASE, *(file.stem for file in kept)]):
            self._fakesnow.connect(name).close()
        self._fakesnow.create_database_on_connect = False

    def make_schema(self, name: str) -> None:
        """Make a schema in the project's database and open it to all, as an administrator would."""
        with self._connecting, self._fakesnow.connect(DATABASE) as connection:
            connection.cursor().execute(f"create schema if not exists {name}")
            open_to_all(self.catalog, WAREHOUSE, DATABASE, name)

    async def _login(self, request: Request) -> JSONResponse:
        data = (await json_body(request))["data"]
        parameters = data.get("SESSION_PARAMETERS", {})
        session = self._calls.get(parameters.get(PROCEDURE_PARAMETER))
        if session is None:
            user = str(data.get("LOGIN_NAME") or "").upper()
            try:
                session = await self._sign_in(user, request.query_params, parameters)
            except Error as error:
                content = {
                    "success": False, "code": f"{error.errno:06d}", "message": error.raw_msg,
                    "data": None,
                }  # fmt: skip
                return JSONResponse(content)
        self._sessions[session.token] = session
        return JSONResponse(
            {
                "success": True,
                "data": {
                    "token": session.token,
                    "masterToken": session.token,
                    "serverVersion": VERSION,
                    "sessionId": session.signed_in.session_id,
                    "parameters": [
                        {"name": "AUTOCOMMIT", "value": True},
                        {"name": "CLIENT_TELEMETRY_ENABLED", "value": False},
                        {"name": "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", "value": 0},
                        {"name": "TIMEZONE", "value": session.parameters.zone},
                    ],
                    "sessionInfo": {
                        "databaseName": session.database,
                        "schemaName": session.schema,
                        "warehouseName": session.warehouse,
                        "roleName": session.role,
                    },
                },
            }
        )

    async def _sign_in(
        self, user: str, query: Mapping[str, str], parameters: Mapping[str, object]
    ) -> Session:
        role = identifier(query.get("roleName") or DEFAULT_ROLE)
        check_role(self.catalog, role)
        known(parameters)
        check_database_name(query.get("databaseName"))
        connection = await run_in_threadpool(
            self._connect, query.get("databaseName"), query.get("schemaName")
        )
        warehouse = query.get("warehouse")
        signed_in = SignedIn(
            user=user,
            role=role,
            warehouse=identifier(warehouse) if warehouse else None,
            session_id=next(self._session_ids),
        )
        return Session(self, connection, signed_in, parameters, None, None)

    async def _end_session(self, request: Request) -> JSONResponse:
        session = self._session(request)
        if session and request.query_params.get("delete") and session.call_id is None:
            await run_in_threadpool(self._drop, session)
        return JSONResponse({"success": True, "data": None})

    async def _nothing(self, _: Request) -> JSONResponse:
        return JSONResponse({"success": True, "data": None})

    async def _query(self, request: Request) -> JSONResponse:
        session = self._session(request)
        if not session:
            content = {
                "success": False, "code": "390104", "data": None,
                "message": "User must login again to access the service.",
            }  # fmt: skip
            return JSONResponse(content)
        body = await json_body(request)
        # A client that has waited long sends a statement again, under the same id.
        content = await self._requests.once(
            (session.token, request.query_params.get("requestId")),
            lambda: self._run(session, body),
        )
        return JSONResponse(content)

    async def _run(self, session: Session, body: dict[str, Any]) -> dict[str, Any]:
        sql = body["sqlText"]
        kind = "procedure" if session.procedure else "client"
        bindings = body.get("bindings") or {}
        typed = tuple((item["type"], item["value"]) for item in bindings.values())
        self.statements.append(
            Statement(session.token, sql, kind, typed, session.call_id, time.time())
        )
        try:
            params = bound_values(bindings)
            result = await run_in_threadpool(session.execute, sql, params)
        except Error as error:
            code = f"{error.errno or 0:06d}"
            message = f"{error.raw_msg or error.msg}"
            return {
                "success": False, "code": code, "message": message,
                "data": {"errorCode": code, "sqlState": error.sqlstate},
            }  # fmt: skip
        return {"success": True, "data": answer(session, result)}

    def _session(self, request: Request) -> Session | None:
        header = request.headers.get("Authorization", "")
        return self._sessions.get(header.removeprefix('Snowflake Token="').rstrip('"'))

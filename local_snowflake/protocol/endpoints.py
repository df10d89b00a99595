"""The endpoints of Snowflake's protocol, as far as the connector, dbt and Snowpark speak it."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from snowflake.connector.errors import Error
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from local_snowflake.catalog.rights import check_role
from local_snowflake.engine.databases import Databases
from local_snowflake.procedures.calls import Calls
from local_snowflake.protocol.messages import answer, bound_values, json_body
from local_snowflake.protocol.repeated_requests import RepeatedRequests
from local_snowflake.sessions.account import Account
from local_snowflake.sessions.open_sessions import OpenSessions
from local_snowflake.sessions.parameters import known
from local_snowflake.sessions.session import Session
from local_snowflake.sessions.signed_in import SignedIn
from local_snowflake.sql.names import check_database_name, identifier
from local_snowflake.statements.context import VERSION
from local_snowflake.statements.pipeline import execute

T = TypeVar("T")


@dataclass(frozen=True)
class Statement:
    """One statement that arrived, for tests that count."""

    session: str
    sql: str
    kind: str  # 'client', or 'procedure' from inside a CALL
    params: tuple[tuple[str, Any], ...] = ()  # type and value, as the client bound them
    call: str | None = None  # which CALL sent the statement
    at: float = 0.0  # seconds since the epoch


class Endpoints:
    """Answers the requests of clients.

    Args:
        account: what all sessions share.
        databases: open connections.
        sessions: all open sessions.
        calls: knows the sessions of procedures.
        default_role: the role of a sign-in without a role.

    """

    def __init__(
        self,
        account: Account,
        databases: Databases,
        sessions: OpenSessions,
        calls: Calls,
        default_role: str,
    ) -> None:
        self.statements: list[Statement] = []
        self._account = account
        self._databases = databases
        self._sessions = sessions
        self._calls = calls
        self._default_role = default_role
        self._requests = RepeatedRequests()
        self._session_ids = itertools.count(1000)
        self._threads = CapacityLimiter(math.inf)

    def application(self) -> Starlette:
        """The web application."""
        return Starlette(
            routes=[
                Route("/session/v1/login-request", self._login, methods=["POST"]),
                Route("/session", self._end_session, methods=["POST"]),
                Route("/session/heartbeat", self._nothing, methods=["POST"]),
                Route("/queries/v1/query-request", self._query, methods=["POST"]),
                Route("/queries/v1/abort-request", self._nothing, methods=["POST"]),
                Route("/telemetry/send", self._nothing, methods=["POST"]),
            ]
        )

    async def _login(self, request: Request) -> JSONResponse:
        data = (await json_body(request))["data"]
        parameters = data.get("SESSION_PARAMETERS", {})
        session = self._calls.session_of(parameters)
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
        self._sessions.add(session)
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
        role = identifier(query.get("roleName") or self._default_role)
        check_role(self._account.catalog, role)
        known(parameters)
        check_database_name(query.get("databaseName"))
        connection = await self._in_thread(
            self._databases.connect, query.get("databaseName"), query.get("schemaName")
        )
        warehouse = query.get("warehouse")
        signed_in = SignedIn(
            user=user,
            role=role,
            warehouse=identifier(warehouse) if warehouse else None,
            session_id=next(self._session_ids),
        )
        return Session(self._account, connection, signed_in, parameters)

    async def _end_session(self, request: Request) -> JSONResponse:
        session = self._session(request)
        if session and request.query_params.get("delete") and session.call_id is None:
            await self._in_thread(self._sessions.drop, session)
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
        # A client that has waited long sends the statement again, with the same id.
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
            result = await self._in_thread(execute, session, sql, params)
        except Error as error:
            code = f"{error.errno or 0:06d}"
            message = f"{error.raw_msg or error.msg}"
            return {
                "success": False, "code": code, "message": message,
                "data": {"errorCode": code, "sqlState": error.sqlstate},
            }  # fmt: skip
        return {"success": True, "data": answer(session, result)}

    async def _in_thread(self, function: Callable[..., T], *arguments: Any) -> T:
        """Run something that waits, in a thread of its own.

        A CALL keeps its thread until the statements of its procedure have ended, and a statement
        keeps its thread while it waits for a lock. With a bound on threads, such waits would take
        all of them, and what they wait for would find none.
        """
        return await to_thread.run_sync(function, *arguments, limiter=self._threads)

    def _session(self, request: Request) -> Session | None:
        header = request.headers.get("Authorization", "")
        return self._sessions.find(header.removeprefix('Snowflake Token="').rstrip('"'))

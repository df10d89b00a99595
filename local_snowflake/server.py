"""The local Snowflake: an account in this process, which clients reach over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_snowflake.account_setup import BUILT_IN_ADMIN_ROLES, AccountSetup
from local_snowflake.catalog.catalog import Catalog, Procedure
from local_snowflake.catalog.rights import open_to_all
from local_snowflake.engine.connection import Connection
from local_snowflake.engine.databases import Databases
from local_snowflake.procedures.calls import Calls
from local_snowflake.procedures.external_access import open_way_out
from local_snowflake.procedures.process import ProcedureProcesses
from local_snowflake.protocol.background_server import BackgroundServer
from local_snowflake.protocol.endpoints import Endpoints, Statement
from local_snowflake.sessions.account import Account
from local_snowflake.sessions.open_sessions import OpenSessions
from local_snowflake.sessions.signed_in import SignedIn

__all__ = ["LocalSnowflake", "Statement"]

HOST = "127.0.0.1"


class LocalSnowflake:
    """A local Snowflake in this process.

    Args:
        data_dir: where everything is kept, procedures included; None keeps it in memory.
        port: the port to listen on; 0 takes a free one.
        setup: what the account has from the start; without it, nothing.
        threads: how many threads a statement may take; None for all that the machine has. With
            small tables, as in tests, a statement costs less with one.

    """

    def __init__(
        self,
        data_dir: Path | None = None,
        port: int = 0,
        setup: AccountSetup | None = None,
        threads: int | None = None,
    ) -> None:
        self.host = HOST
        self.port = port
        self.setup = setup or AccountSetup()
        if data_dir:
            data_dir.mkdir(parents=True, exist_ok=True)
        self._data_dir = data_dir
        self._threads = threads
        catalog = Catalog.load(
            data_dir / "catalog.json" if data_dir else None,
            self.setup.default_role,
            BUILT_IN_ADMIN_ROLES | self.setup.admin_roles,
        )
        self.account = Account(catalog, self._run_procedure)
        self.sessions = OpenSessions()
        self.statements: list[Statement] = []
        self._processes = ProcedureProcesses()
        self._server: BackgroundServer | None = None

    def start(self) -> LocalSnowflake:
        """Start to answer; returns when it does."""
        self._processes.start()
        self.databases = Databases(self._data_dir, self._threads)
        self._calls = Calls(
            self.account, self.sessions, self._processes, self.connect, self._address,
            self.setup.passed_on_variables,
        )  # fmt: skip
        self._make_what_was_set_up()
        endpoints = Endpoints(
            self.account, self.databases, self.sessions, self._calls, self.setup.default_role
        )
        try:
            self._server = BackgroundServer(endpoints.application(), self.host, self.port)
            self.port = self._server.port
            self._processes.warm_up(self._address("warm_up"))
        except BaseException:
            self.stop()
            raise
        endpoints.statements.clear()
        self.statements = endpoints.statements
        return self

    def stop(self) -> None:
        """Stop answering; running procedures are ended."""
        self._processes.stop()
        if self._server:
            self._server.stop()
        self.databases.close()

    def __enter__(self) -> LocalSnowflake:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def environment(self) -> dict[str, str]:
        """What dbt, the connector and Snowpark need to reach the account."""
        named = {
            "SNOWFLAKE_DATABASE": self.setup.database,
            "SNOWFLAKE_SCHEMA": self.setup.schema,
            "SNOWFLAKE_WAREHOUSE": self.setup.warehouse,
        }
        return {
            "SNOWFLAKE_ACCOUNT": "local",
            "SNOWFLAKE_USER": "local",
            "SNOWFLAKE_PASSWORD": "local",
            "SNOWFLAKE_HOST": self.host,
            "SNOWFLAKE_PORT": str(self.port),
            "SNOWFLAKE_PROTOCOL": "http",
            **{variable: name for variable, name in named.items() if name is not None},
            "SNOWFLAKE_ROLE": self.setup.default_role,
            # The connector would ask three clouds whether it runs on them.
            "SNOWFLAKE_DISABLE_PLATFORM_DETECTION": "true",
        }

    def open_external_access(self, host: str, port: int) -> None:
        """Make the schema of the setup and a way to host and port, as an administrator would.

        The network rule is in the schema, and procedures with the integration may go that way.
        """
        database, schema = self.setup.place()
        self.make_schema(schema)
        rule = f"{database}.{schema}.{self.setup.network_rule}"
        open_way_out(self.account.catalog, rule, self.setup.integration, f"{host}:{port}")

    def make_schema(self, name: str) -> None:
        """Make a schema in the setup's database, open to PUBLIC, as an administrator would."""
        if self.setup.database is None:
            raise ValueError("this account was set up without a database")
        self.databases.make_schema(self.setup.database, name)
        open_to_all(self.account.catalog, self.setup.warehouse, self.setup.database, name)

    def connect(self, database: str | None, schema: str | None) -> Connection:
        """Open a connection to the engine that belongs to no session."""
        return self.databases.connect(database, schema)

    def _make_what_was_set_up(self) -> None:
        setup, catalog = self.setup, self.account.catalog
        made = setup.database is not None and not setup.empty
        self.databases.open([str(setup.database)] if made else [])
        if setup.empty:
            return
        if setup.warehouse is not None:
            with catalog.changed():
                catalog.note("WAREHOUSE", setup.warehouse, setup.default_role)
        open_to_all(catalog, setup.warehouse, setup.database)

    def _run_procedure(
        self,
        procedure: Procedure,
        arguments: list[Any],
        caller: SignedIn,
        parameters: Mapping[str, str],
    ) -> tuple[str, Any]:
        return self._calls.run(procedure, arguments, caller, parameters)

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
            # For a report that nobody reads, the connector would look through all modules.
            "log_imported_packages_in_telemetry": False,
        }

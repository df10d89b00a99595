"""Runs policies in a test's schema against an API that a description names."""

from __future__ import annotations

import base64
import json
import uuid
from copy import deepcopy
from typing import Any
from urllib.parse import quote, quote_plus

from local_snowflake.server import LocalSnowflake
from tests.integration.described_apis.described_api import HOST, DescribedApi
from tests.integration.described_apis.examples import example_vars
from tests.integration.workflow import Ran, Workflow, literal

# Tests wait for nobody.
QUICK = {
    "policy_max_poll_attempts": 3,
    "policy_poll_interval_seconds": 0,
    "policy_api_max_retries": 0,
    "policy_api_requests_per_second": None,
}


TABLES = ("policy_execution_state", "policy_execution_events", "policy_execution_runs")


class DescribedRuns:
    """A schema whose procedures reach one described API, with its secrets, and without history.

    Args:
        workflow: the schema; the next run registers its procedures anew.
        api: the API, which answers.
        snowflake: where statements are looked up.
        described: vars in place of the example's.

    """

    def __init__(
        self,
        workflow: Workflow,
        api: DescribedApi,
        snowflake: LocalSnowflake,
        described: dict[str, Any] | None = None,
    ) -> None:
        self.workflow = workflow
        self.api = api
        self._snowflake = snowflake
        self._first_statement = len(snowflake.statements)
        self._outputs: list[str] = []
        # One schema serves several APIs, one after the other.
        self._own = f"D{uuid.uuid4().hex[:8].upper()}"
        for table in {*TABLES} & {*workflow.names("tables")}:
            workflow.query(f"truncate table {table}")
        self.vars = self._vars_here(described or example_vars(type(api)))
        self._open_the_way()

    def policy(self, name: str, execution_id: str | None = None) -> dict[str, Any]:
        """A policy as `run_policy_workflow` takes it."""
        return {"policy_data": self.api.policy(name), "execution_id": execution_id or name}

    def run(self, *names: str, **arguments: Any) -> Ran:
        """Run policies by name; each name is its execution's id, too."""
        return self.operation(
            "run_policy_workflow", policies=[self.policy(name) for name in names], **arguments
        )

    def operation(self, macro: str, **arguments: Any) -> Ran:
        """Run an operation with the description."""
        own = arguments.pop("project_vars", {})
        ran = self.workflow.run(macro, project_vars={**self.vars, **QUICK, **own}, **arguments)
        self._outputs.append(ran.output)
        return ran

    def row(self, execution_id: str) -> dict[str, Any]:
        """One row of the state table."""
        (row,) = (row for row in self.workflow.rows() if row["execution_id"] == execution_id)
        return row

    def events(self, execution_id: str) -> list[str]:
        """The names of an execution's events."""
        found = self.workflow.events()
        return [event["event"] for event in found if event["execution_id"] == execution_id]

    def end_leases(self) -> None:
        """Let all leases run out, as those of a killed run do."""
        self.workflow.query(
            """update policy_execution_state
            set "lease_expires_at" = dateadd(minute, -1, sysdate())
            where "lease_expires_at" is not null"""
        )

    def secrets_found(self) -> list[str]:
        """Where a secret of the API stands: in a table, a statement, a log, or what was printed."""
        kept = {
            table: json.dumps(self.workflow.query(f"select * from {table}"), default=str)
            for table in TABLES
        }
        logs = (self.workflow.folder / "logs").rglob("*.log")
        sent = self._snowflake.statements[self._first_statement :]
        places = {
            **kept,
            "logs": "".join(path.read_text("utf-8") for path in logs),
            "statements": "\n".join(s.sql for s in sent if "create secret" not in s.sql),
            "output": "\n".join(self._outputs),
        }
        assert all(places.values())
        return [
            f"{alias} in {place}"
            for place, text in places.items()
            for alias, secrets in self._secret_texts().items()
            if any(secret in text for secret in secrets)
        ]

    def _secret_texts(self) -> dict[str, list[str]]:
        """Each secret as it is, and as base64, a form or basic authentication would write it."""
        found = {}
        for alias, value in self.api.FACTS.secrets.items():
            if isinstance(value, tuple):
                pair = ":".join(value)
                found[alias] = [value[1], pair, base64.b64encode(pair.encode()).decode()]
            else:
                encoded = base64.b64encode(value.encode()).decode()
                found[alias] = [value, encoded, quote_plus(value), quote(value, safe="")]
        return found

    def _vars_here(self, described: dict[str, Any]) -> dict[str, Any]:
        """The example's vars, with the addresses and secrets of this test."""
        found = deepcopy(described)
        found.pop("policy_api_base_url", None)
        api = found["policy_api"]
        for alias in api.get("secrets", {}):
            said = api["secrets"][alias]
            name = f"{self.workflow.place}.{self._own}_{alias.upper()}"
            api["secrets"][alias] = {**said, "name": name} if isinstance(said, dict) else name
        for endpoint in api.values():
            if isinstance(endpoint, dict) and "base_url" in endpoint:
                endpoint["base_url"] = self.api.base_urls[-1]
        found["policy_external_access_integrations"] = [self._integration]
        self.workflow.environment["POLICY_API_BASE_URL"] = self.api.base_urls[0]
        return found

    @property
    def _integration(self) -> str:
        # An integration is in no schema.
        return f"{self.workflow.schema}_{self._own}"

    def _open_the_way(self) -> None:
        query, names = self.workflow.query, []
        for alias, value in self.api.FACTS.secrets.items():
            if isinstance(value, tuple):
                kind = f"password username = {literal(value[0])} password = {literal(value[1])}"
            else:
                kind = f"generic_string secret_string = {literal(value)}"
            names.append(f"{self._own}_{alias}")
            query(f"create secret {names[-1]} type = {kind}")
        ports = ", ".join(f"'{HOST}:{port}'" for port in self.api.ports)
        query(
            f"create network rule {self._own}_rule mode = egress type = host_port "
            f"value_list = ({ports})"
        )
        allowed = f"allowed_authentication_secrets = ({', '.join(names)})" if names else ""
        query(
            f"create or replace external access integration {self._integration} "
            f"allowed_network_rules = ({self._own}_rule) {allowed} enabled = true"
        )

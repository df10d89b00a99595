"""Executions that go on under one description of the API after another, and what became of them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snowflake.connector.errors import Error

from tests.integration.workflow import Workflow


@dataclass(frozen=True)
class Seen:
    """What an execution had come to after a run.

    Args:
        status: its row's.
        says: its row's error message, or else its message.
        creates: how many POST /createpolicy the API had received for it.
        triggers: how many POST /circuit.

    """

    status: str
    says: str
    creates: int
    triggers: int


class DescribedHistory:
    """Runs executions, whose names are their ids, and looks at each after each run of it.

    Args:
        workflow: a schema of their own.
        orders: the folder in which failpoints are ordered to do something.

    """

    def __init__(self, workflow: Workflow, orders: Path) -> None:
        self.workflow = workflow
        self._orders = orders
        self._seen: dict[str, list[Seen]] = {}

    def __getitem__(self, name: str) -> list[Seen]:
        """What an execution had come to, after each run of it."""
        return self._seen[name]

    def run(self, described: dict[str, Any], *names: str) -> None:
        """Run executions under a description; the run fails where one of them is not completed."""
        policies = [self._policy(name) for name in names]
        # The answers of many executions together would open the breaker, which is another matter.
        described = {"policy_api_breaker_failures": 0, **described}
        ran = self.workflow.run(policies=policies, project_vars=described)
        rows = {row["execution_id"]: row for row in self.workflow.rows()}
        assert ran.success is all(rows[name]["status"] == "completed" for name in names), ran.output
        creates = [entry.json["policy_name"] for entry in self.workflow.api.journal("create")]
        triggers = [entry.json["policy_id"] for entry in self.workflow.api.journal("circuit")]
        for name in names:
            row = rows[name]
            seen = Seen(
                row["status"],
                row["error_message"] or row["message"],
                creates.count(name),
                triggers.count(row["policy_id"]),
            )
            # Of several, the output tells causes and an example.
            assert len(names) > 1 or seen.says in ran.output
            self._seen.setdefault(name, []).append(seen)

    def kill(self, name: str, point: str) -> None:
        """Take an execution to a failpoint, kill the procedure there, and let the lease run out."""
        order = self._orders / point
        order.write_text("kill", encoding="utf-8")
        calls = [("create_policy", {"executions": [self._policy(name)]})]
        calls += [("advance_policy_workflow", {})] * 3
        with suppress(Error):
            for procedure, request in calls:
                self._call(procedure, **request)
                self._end_leases()
        done = order.with_name(f"{point}.reached")
        assert done.exists(), self.workflow.rows()
        done.unlink()
        self._end_leases()

    def decide(self, name: str, **decision: str) -> None:
        """Carry out what a person decided, as a retry does, and let the lease run out."""
        answer = self._call("create_policy", executions=[{"execution_id": name}], **decision)
        assert not answer.get("undecidable"), answer
        self._end_leases()

    def clean_up(self) -> None:
        """Remove the rows of all finished executions, as `clean_up_policy_executions` does."""
        self._call("create_policy", retention_minutes=0)
        assert self.workflow.rows() == []

    def messages(self, name: str) -> str:
        """The messages of all of an execution's events."""
        return str([e["message"] for e in self.workflow.events() if e["execution_id"] == name])

    def _end_leases(self) -> None:
        self.workflow.query(
            """update policy_execution_state
            set "lease_expires_at" = dateadd(minute, -1, sysdate())
            where "lease_expires_at" is not null"""
        )

    def _policy(self, name: str) -> dict[str, Any]:
        return {"execution_id": name, "policy_data": {"policy_name": name}}

    def _call(self, procedure: str, **request: Any) -> Any:
        return self.workflow.call(procedure, {"invocation_id": "history-*", **request})

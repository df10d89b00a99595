"""A procedure that is killed at any point loses nothing: the next run finishes the execution.

One execution breaks at each point, and one run finishes them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from snowflake.connector.errors import ProgrammingError

from local_snowflake.server import LocalSnowflake
from procedures.common.failpoints import FAILPOINTS, FOLDER_VARIABLE
from tests.integration.workflow import Workflow

POLICY = {"policy_name": "p"}
AFTER_CREATE_IS_RECORDED = (
    "after_write_of_create_policy",
    "after_request_of_poll_policy_status",
    "in_write_of_trigger_circuit_breaker",
)


@pytest.fixture
def orders(
    local_snowflake: LocalSnowflake,  # noqa: ARG001  # which passes the variable on
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Give the folder in which failpoints are ordered to do something."""
    folder = tmp_path / "orders"
    folder.mkdir()
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder


class Broken:
    """Executions whose run broke, each at a failpoint of its own, and whose leases ran out.

    Args:
        workflow: where they run.
        orders: the folder of the failpoints.
        points: each is that of one execution, which is named after it.
        what: what happens there.

    """

    def __init__(self, workflow: Workflow, orders: Path, points: Sequence[str], what: str) -> None:
        self.workflow = workflow
        self.policies = [
            {"execution_id": point, "policy_data": {"policy_name": point}} for point in points
        ]
        for policy in self.policies:
            self._break(policy, orders / str(policy["execution_id"]), what)
        workflow.query(
            """update policy_execution_state
            set "lease_expires_at" = dateadd(minute, -1, sysdate())
            where "lease_expires_at" is not null"""
        )

    def _break(self, policy: dict[str, Any], order: Path, what: str) -> None:
        """Send the CALLs that a run sends, until one of them breaks."""
        order.write_text(what, encoding="utf-8")
        with pytest.raises(ProgrammingError):
            self._drive(policy, {"invocation_id": f"run-of-{order.name}"})
        assert order.with_name(f"{order.name}.reached").exists()

    def _drive(self, policy: dict[str, Any], run: dict[str, Any]) -> None:
        self.workflow.call("create_policy", run | {"executions": [policy]})
        for procedure in ("poll_policy_status", "poll_policy_status", "trigger_circuit_breaker"):
            self.workflow.call(procedure, run)

    def finish(self) -> None:
        """Run them all again: each completes."""
        again = self.workflow.run(policies=self.policies)
        assert again.success, again.output
        assert {row["status"] for row in self.workflow.rows()} == {"completed"}
        assert len(self.workflow.rows()) == len(self.policies)

    def requests(self, point: str, *, effect: bool = True) -> list[str]:
        """The endpoints that were asked for one of them by POST, by its Idempotency-Keys."""
        return [
            entry.endpoint
            for entry in self.workflow.api.journal()
            if entry.headers.get("idempotency-key", "").startswith(f"{point}:")
            and (entry.effect or not effect)
        ]


def test_killed_runs_are_finished_by_the_next(
    workflow: Workflow, orders: Path, record_promise: Any
) -> None:
    """With Idempotency-Keys honoured, one policy and one circuit request take effect."""
    broken = Broken(workflow, orders, FAILPOINTS, "kill")
    broken.finish()
    sequences: dict[str, list[int]] = {}
    for event in workflow.events():
        sequences.setdefault(event["execution_id"], []).append(event["sequence"])
    for point in FAILPOINTS:
        assert broken.requests(point) == ["create", "circuit"], point
        assert sequences[point] == list(range(1, len(sequences[point]) + 1)), point
        record_promise(f"killed {point}", "one policy and one circuit request take effect", 1)


def test_recorded_policies_are_not_created_again(
    workflow: Workflow, orders: Path, record_promise: Any
) -> None:
    """Also an API that ignores Idempotency-Keys gets one create, once its answer is written."""
    workflow.api.honour_idempotency_keys(False)
    broken = Broken(workflow, orders, AFTER_CREATE_IS_RECORDED, "raise")
    broken.finish()
    for point in AFTER_CREATE_IS_RECORDED:
        assert broken.requests(point, effect=False).count("create") == 1, point
        record_promise(f"broken {point}, keys ignored", "no second create is sent", 1)


def test_a_killed_call_fails_its_run(workflow: Workflow, orders: Path) -> None:
    """A run whose procedure is killed fails, and the same run again completes."""
    (orders / "after_request_of_create_policy").write_text("kill", encoding="utf-8")
    assert not workflow.run(execution_id="e", policy_data=POLICY).success
    assert (orders / "after_request_of_create_policy.reached").exists()
    workflow.query(
        """update policy_execution_state
        set "lease_expires_at" = dateadd(minute, -1, sysdate())"""
    )
    assert workflow.run(execution_id="e", policy_data=POLICY).success


def test_failpoints_are_off_without_the_variable(workflow: Workflow, tmp_path: Path) -> None:
    """An order that no environment variable leads to is not obeyed."""
    (tmp_path / "before_claim").write_text("kill", encoding="utf-8")
    run = {"invocation_id": "run", "executions": [{"execution_id": "e", "policy_data": POLICY}]}
    assert workflow.call("create_policy", run)["counts"] == {"policy_created": 1}
    assert (tmp_path / "before_claim").exists()

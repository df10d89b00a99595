"""Runs every feature of the project once, for the statements that the project sends."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local_snowflake.server import LocalSnowflake
from tests.integration.workflow import Workflow
from tests.repository import ROOT
from tests.sql_audit.recording import Recording, recorded_texts
from tests.sql_audit.statement import ADVICE, Sent, lexemes

# A text that breaks a literal which is not escaped.
HOSTILE = {"policy_name": 'it\'s a \\ "b" \\n $ {{ x }}', "note": "line\nnext\ttab ü"}
# The vars are the same for every command, so that the procedures are registered only once.
VARS = {"policy_api_max_retries": 0, "policy_max_poll_attempts": 2}
_SQL = ("alter ", "create ", "drop ", "grant ", "revoke ", "describe ", "show ")


class Scenario:
    """Runs every feature once or twice, and records what dbt and the procedures send.

    Args:
        workflow: where it runs.
        server: the Snowflake that it runs on, which hears the procedures, too.
        unit_tests: whether dbt's unit tests are run, which look at no procedure.

    """

    def __init__(self, workflow: Workflow, server: LocalSnowflake, *, unit_tests: bool) -> None:
        self.recording = Recording()
        self.operations: set[str] = set()
        self._workflow = workflow
        self._server = server
        self._unit_tests = unit_tests

    def run(self) -> Recording:
        """Run it.

        Raises:
            AssertionError: when a command does not end as it should.

        """
        before = len(self._server.statements)
        with recorded_texts(self.recording):
            self._executions()
            self._without_waiting()
            self._diagnoses()
            self._nodes()
            self._scripts()
            self._removal()
        self.recording.add(self._server.statements[before:])
        self.recording.requests = [entry.received_at for entry in self._workflow.api.journal()]
        return self.recording

    def _operation(self, macro: str, *, success: bool = True, **arguments: Any) -> str:
        """Run an operation; returns its output."""
        self.operations.add(macro)
        project_vars = VARS | arguments.pop("project_vars", {})
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            ran = self._workflow.run(macro, project_vars=project_vars, **arguments)
        assert ran.success is success, f"{macro}\n{ran.output}"
        return printed.getvalue()

    def _executions(self) -> None:
        api = self._workflow.api
        self._operation("deploy_policy_workflow")
        self._operation("run_policy_workflow", execution_id="warm", policy_data=HOSTILE)
        api.order(policy_name="slow", statuses=["pending", "ready"])
        api.order(policy_name="refused", endpoint="create", http_status=422)
        api.order(policy_name="never", statuses=["pending"])
        api.order(policy_name="circuit", endpoint="circuit", http_status=500, times=1)
        waiting = {"policy_poll_interval_seconds": 1}
        policies = _policies("good", "slow", "refused", "never", "circuit")
        self._operation(
            "run_policy_workflow", success=False, policies=policies, project_vars=waiting
        )
        (circuit,) = _policies("circuit")
        self._operation("run_policy_workflow", **circuit)
        self._operation("retry_policy_workflow", success=False)
        self._operation("cancel_policy_execution", execution_id="never", reason="it's over \\")
        self._operation("clean_up_policy_executions", retention_minutes=0)
        self._operation("run_policy_workflow", execution_id="warm", policy_data=HOSTILE)
        self._operation("get_policy_execution_state", execution_id="warm")

    def _without_waiting(self) -> None:
        self._workflow.api.order(policy_name="later", statuses=["pending", "ready"])
        self._operation("run_policy_workflow", policies=_policies("later"), wait=False)
        self._operation("advance_policy_workflow")
        self._operation("reset_policy_api_breaker")
        self._operation("explain_policy_api", policy_data=HOSTILE, step="create", answer={"id": 1})

    def _diagnoses(self) -> None:
        self._operation("diagnose_policy_execution", execution_id="warm")
        self._operation("diagnose_policy_execution", execution_id="nobody")
        self._operation("diagnose_policy_execution", check_api=True)
        kept = self._workflow.environment["POLICY_API_BASE_URL"]
        self._workflow.environment["POLICY_API_BASE_URL"] = "https://api.example.com/v1"
        secret = {"policy_api_secret": f"{self._workflow.place}.TOKEN"}
        answer = self._workflow.diagnose(project_vars=secret)
        self._workflow.environment["POLICY_API_BASE_URL"] = kept
        for finding in answer["findings"]:
            if finding["next"] and finding["next"].lower().startswith(_SQL):
                self.recording.statements.append(Sent(ADVICE, finding["next"], finding["check"]))

    def _nodes(self) -> None:
        """Build everything, and run the analyses as a user who pastes them."""
        wanted = {"policy_health_tests_enabled": True}
        settings = ["--vars", json.dumps(wanted | {"policy_unit_tests_enabled": self._unit_tests})]
        for command in (["build"], ["docs", "generate"]):
            ran = self._workflow.dbt(*command, *settings)
            assert ran.success, ran.output
        compiled = Path(self._workflow.environment["DBT_TARGET_PATH"]) / "compiled"
        files = sorted(compiled.glob("policy_workflow/analyses/*.sql"))
        assert files
        for path in files:
            about = {"app": "dbt", "node_id": f"analysis.policy_workflow.{path.stem}"}
            comment = f"/* {json.dumps(about)} */"
            self._workflow.query(f"{path.read_text(encoding='utf-8')}\n{comment}")

    def _scripts(self) -> None:
        """Take the statements of the scripts that operations print."""
        for path in sorted((ROOT / "macros" / "operations").glob("*_sql.sql")):
            printed = self._operation(path.stem)
            for statement in statements_of(printed[printed.index("--") :]):
                self.recording.statements.append(Sent(ADVICE, statement, path.stem))

    def _removal(self) -> None:
        self._operation("undeploy_policy_workflow", drop_data=True)


def _policies(*names: str) -> list[dict[str, Any]]:
    """Make executions; the name of a policy says how the API behaves, and is the id."""
    return [{"execution_id": name, "policy_data": {"policy_name": name}} for name in names]


def statements_of(script: str) -> Iterator[str]:
    """Cut a script at its semicolons, and drop comments."""
    part = ""
    for kind, text in lexemes(f"{script};"):
        if kind == "semicolon":
            if part.strip():
                yield part.strip()
            part = ""
        elif kind != "comment":
            part += text

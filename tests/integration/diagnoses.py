"""Runs the diagnosis, and reads what it found."""

from __future__ import annotations

import contextlib
import io
import json
from typing import Any

from tests.integration.workflow import Ran, Workflow

# One request for each look at the API.
VARS = {"policy_api_max_retries": 0}


def diagnosed(workflow: Workflow, **arguments: Any) -> tuple[Ran, dict[str, Any]]:
    """How the command ended, and the JSON that it printed."""
    project_vars = VARS | arguments.pop("project_vars", {})
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        ran = workflow.run(
            "diagnose_policy_execution", output="json", project_vars=project_vars, **arguments
        )
    (line,) = (line for line in printed.getvalue().splitlines() if line.startswith("{"))
    answer: dict[str, Any] = json.loads(line)
    return ran, answer


def findings(workflow: Workflow, **arguments: Any) -> dict[str, dict[str, Any]]:
    """What the diagnosis found, by check."""
    _, answer = diagnosed(workflow, **arguments)
    return {finding["check"]: finding for finding in answer["findings"]}

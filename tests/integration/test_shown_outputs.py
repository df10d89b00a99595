"""The outputs that README and docs/snowflake.md show are those of the commands above them."""

from __future__ import annotations

import contextlib
import io
import re
from typing import Any

import pytest

from tests.integration.workflow import Workflow
from tests.repository import ROOT

pytestmark = [pytest.mark.empty_schema, pytest.mark.usefixtures("local_snowflake")]

API = "https://api.example.com"


def _block(page: str, words: str) -> list[str]:
    """The lines of the block of a page that has these words, with what differs made alike."""
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = [
        shown
        for _, shown in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.S | re.M)
        if words in shown
    ]
    assert len(blocks) == 1, words
    return [_alike(line) for line in blocks[0].splitlines()]


def _alike(line: str) -> str:
    line = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(-[0-9a-f]{8})?", "UUID", line)
    line = re.sub(r"start_time=\S+ \S+", "start_time=T", line)
    return re.sub(r"pol_[0-9a-f]{12}", "POLICY", line).strip()


def _printed(workflow: Workflow, macro: str = "run_policy_workflow", **arguments: Any) -> list[str]:
    """What an operation prints, in the names of the pages."""
    screen = io.StringIO()
    with contextlib.redirect_stdout(screen):
        workflow.run(macro, **arguments)
    text = screen.getvalue().replace(workflow.place, "POLICY_DB.POLICY_WORKFLOW")
    text = text.replace(workflow.api.base_url, API)
    lines = [re.sub(r"^(\x1b\[0m)?\d\d:\d\d:\d\d  ", "", line) for line in text.splitlines()]
    kept = [_alike(line) for line in lines if line.strip()]
    dbt = ("Running with", "Registered adapter", "Found ", "Unable to do", "Encountered an error")
    return [line for line in kept if not line.startswith(dbt)]


def _is_shown(shown: list[str], printed: list[str]) -> bool:
    """Whether the lines are those of the block; '...' stands for any lines."""
    pattern = "".join(r"(.*\n)*?" if line == "..." else re.escape(f"{line}\n") for line in shown)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None


def test_the_demo(workflow: Workflow) -> None:
    """What `make demo` shows: a first run, and the row that it left."""
    printed = _printed(workflow) + _printed(workflow, "get_policy_execution_state")
    assert _is_shown(_block("README.md", "policy_workflow: preparing"), printed), printed


def test_a_failed_run(workflow: Workflow) -> None:
    """The last lines of a run in which one policy of three failed."""
    workflow.api.order(endpoint="circuit", policy_name="pii_retention", http_status=503)
    policies = [{"policy_data": {"policy_name": name}} for name in ("a", "b", "pii_retention")]
    policies[2]["execution_id"] = "pii-2026-11"  # type: ignore[assignment]
    vars_ = {"policy_api_max_retries": 0}
    printed = _printed(workflow, policies=policies, project_vars=vars_)
    shown = _block("README.md", "1 of 3 execution(s) did not complete")
    assert _is_shown(["...", *shown], printed), printed


def test_the_first_run_on_an_account(workflow: Workflow) -> None:
    """What docs/snowflake.md shows of a run after the deployment."""
    assert workflow.run("deploy_policy_workflow").success
    policy = {"policy_name": "pii_retention"}
    printed = _printed(workflow, policy_data=policy, execution_id="pii-2026-11")
    assert _is_shown(_block("docs/snowflake.md", "execution pii_retention"), printed), printed


def test_a_run_that_does_not_wait(workflow: Workflow) -> None:
    """What docs/snowflake.md shows of a start without waiting, and of what takes it further."""
    settings = {"policy_max_poll_attempts": 5}
    printed = _printed(workflow, wait=False, project_vars=settings)
    printed += _printed(workflow, "advance_policy_workflow", project_vars=settings)
    shown = _block("docs/snowflake.md", "execution(s) started, 0 of 1 completed")
    assert _is_shown(["...", *shown], printed), printed


def test_other_lines_are_not_taken_for_shown() -> None:
    """A line that differs, is missing, or is one too many is noticed."""
    shown = ["a", "...", "c"]
    assert _is_shown(shown, ["a", "c"])
    assert _is_shown(shown, ["a", "b", "b", "c"])
    assert not any(_is_shown(shown, other) for other in (["a"], ["b", "c"], ["a", "c", "d"]))

"""The commands that write the HTML report, over the local Snowflake."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from local_stack import cli
from tests.integration.workflow import Workflow
from tests.repository import ROOT
from tests.unit.report.records import ODD_NAMES, executions, mixed
from tests.unit.report.view_tables import fill_views


def _by_its_process(arguments: list[str], variables: dict[str, str]) -> str:
    """Run the report's own command in a process of its own; answers what it printed."""
    ran = subprocess.run(
        [sys.executable, "-m", "report", *arguments],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def test_the_command_line_writes_the_report(
    workflow: Workflow, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both commands need only the environment variables, and say what the report covers."""
    now = datetime.datetime.now(datetime.UTC)
    fill_views(workflow.connection, executions(mixed(3), now, ODD_NAMES))
    own, stacks = tmp_path / "of mine.html", tmp_path / "of the stack.html"
    options = ["--days", "30", "--title", "<Ours>", "--output"]
    printed = {own: _by_its_process([*options, str(own)], workflow.environment)}
    with mock.patch.dict(os.environ, workflow.environment):
        assert cli.main(["report", *options, str(stacks)]) == 0
    printed[stacks], errors = capsys.readouterr()
    assert errors == ""
    for output, said in printed.items():
        assert f"{output}: {workflow.place}: executions that started" in said
        assert "3 executions" in said
        assert "last 30 days" in said
        assert "<title>&lt;Ours&gt;</title>" in output.read_text(encoding="utf-8")

"""Runs at random, side by side: what is promised holds for every interleaving that comes up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from local_snowflake.server import LocalSnowflake
from procedures.common.failpoints import FOLDER_VARIABLE
from tests.integration.random_runs.rounds import playing
from tests.integration.workflow import Workflow

ROUNDS = int(os.environ.get("POLICY_ROUNDS", "4"))
SEED = int(os.environ.get("POLICY_SEED", "17"))


def test_promises_hold_whatever_runs_beside(
    local_snowflake: LocalSnowflake,  # noqa: ARG001  # which passes the variable on
    workflow: Workflow,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Lists and relations that overlap, advance, cancel, clean-up, kills, four time zones."""
    points = tmp_path / "points"
    points.mkdir()
    monkeypatch.setenv(FOLDER_VARIABLE, str(points))
    workflow.environment[FOLDER_VARIABLE] = str(points)
    with playing(workflow, tmp_path, 2, SEED) as rounds:
        for number in range(ROUNDS):
            rounds.play(number)
        with capsys.disabled():
            print(f"\n{rounds.printed()}")  # noqa: T201  # the counts are the result
        assert not rounds.examples, "\n".join(rounds.examples)
        assert rounds.happened["dbt commands with exit 0"], rounds.last
        assert rounds.happened["executions completed"]

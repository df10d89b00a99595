"""The local Snowflake is killed in the middle, with its data directory: nothing is lost."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from local_stack.policy_api import PolicyApi
from procedures.common.failpoints import FAILPOINTS, FOLDER_VARIABLE
from tests.integration.dbt_forks import DbtFork
from tests.repository import ROOT

pytestmark = pytest.mark.usefixtures("local_only")
FULL = os.environ.get("POLICY_FAULTS") == "full"
POINTS = ("after_request_of_create_policy", "in_write_of_trigger_circuit_breaker")
# How many policies, and at how many random moments Snowflake and dbt are killed.
POLICIES, KILLS = (200, 50) if FULL else (40, 2)
VARS = {"policy_lease_seconds": 10, "policy_poll_interval_seconds": 1, "policy_wait_seconds": 60}
Stack = tuple[subprocess.Popen[bytes], dict[str, str]]
ARGUMENTS = {"execution_id": "e", "policy_data": {"policy_name": "p"}}


@contextmanager
def _stack(
    folder: Path, api: PolicyApi
) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, str]]]:
    """Run a stack on the folder's data, with the environment in which dbt reaches it."""
    file = folder / "stack.env"
    file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "local_stack", "up", "--data-dir", str(folder / "data")]
    command += ["--env-file", str(file), "--policy-api-url", api.base_url]
    environment = {**os.environ, FOLDER_VARIABLE: str(folder)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as stack:
        try:
            _wait_for(file)
            lines = file.read_text(encoding="utf-8").splitlines()
            yield stack, dict(line.split("=", 1) for line in lines)
        finally:
            stack.terminate()


def _wait_for(file: Path) -> None:
    limit = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < limit, f"{file.name} did not come"
        time.sleep(0.05)


def _dbt(
    folder: Path, environment: dict[str, str], arguments: dict[str, Any] | None = None
) -> DbtFork:
    command = ["run-operation", "run_policy_workflow", "--args", json.dumps(arguments or ARGUMENTS)]
    return DbtFork([*command, "--vars", json.dumps(VARS)], environment, folder / "dbt")


@pytest.mark.parametrize("points", [(point,) for point in FAILPOINTS] if FULL else [POINTS])
def test_a_killed_snowflake_loses_nothing(
    tmp_path: Path, points: tuple[str, ...], record_promise: Any
) -> None:
    """Killed with dbt at failpoints and started again, the same command completes."""
    with PolicyApi() as api:
        for point in points:
            (tmp_path / point).write_text("wait", encoding="utf-8")
            with _stack(tmp_path, api) as (stack, environment):
                first = _dbt(tmp_path, environment)
                _wait_for(tmp_path / f"{point}.reached")
                stack.send_signal(signal.SIGKILL)
                first.kill()
        with _stack(tmp_path, api) as (_, environment):
            second = _dbt(tmp_path, environment)
            assert second.wait(timeout=120) == 0, second.output
        effects = [e.endpoint for e in api.journal() if e.effect and e.method == "POST"]
        assert effects == ["create", "circuit"]
    for point in points:
        promise = "one policy and one circuit request take effect"
        record_promise(f"Snowflake killed {point}", promise, 1)


def test_kills_at_random_moments_lose_nothing(tmp_path: Path, record_promise: Any) -> None:
    """However often Snowflake and dbt are killed, each policy takes effect once; none is lost."""
    policies = [
        {"policy_data": {"policy_name": f"p{number}"}, "execution_id": f"e{number}"}
        for number in range(POLICIES)
    ]
    arguments = {"policies": policies}
    with PolicyApi() as api:
        api.order(latency_seconds=0.02)
        for _ in range(KILLS):
            with _stack(tmp_path, api) as (stack, environment):
                run = _dbt(tmp_path, environment, arguments)
                # From before dbt's first statement to the middle of the last step, or the wait.
                time.sleep(random.uniform(0.2, 6))
                stack.send_signal(signal.SIGKILL)
                run.kill()
        with _stack(tmp_path, api) as (_, environment):
            last = _dbt(tmp_path, environment, arguments)
            assert last.wait(timeout=300) == 0, last.output
            assert f"{POLICIES} of {POLICIES} execution(s) completed" in last.output
        effects = api.policies.effects()
        assert len(effects) == POLICIES
        assert {len(policy["circuit_breakers"]) for policy in effects} == {1}
    record_promise(f"Snowflake and dbt killed, {POLICIES} policies", "none lost, none twice", KILLS)

"""A run that stands still past its lease, and runs at once, at an API that knows no keys."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from local_snowflake.server import LocalSnowflake
from procedures.common.failpoints import FOLDER_VARIABLE
from tests.integration.described_apis.described_runs import DescribedRuns
from tests.integration.described_apis.examples import example_vars
from tests.integration.described_apis.jsend import JSend
from tests.integration.workflow import Workflow

# A lease lasts ten seconds at least; requests are not sent in the last third.
BEFORE = ("after_write_of_create_initiated", "before_request_of_create_policy")
AFTER = "after_request_of_create_policy"


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


@pytest.fixture(params=["with find", "without find"])
def runs(
    request: pytest.FixtureRequest, shared_workflow: Workflow, local_snowflake: LocalSnowflake
) -> Iterator[DescribedRuns]:
    """Run policies at an API without keys."""
    described = example_vars(JSend)
    if request.param == "without find":
        del described["policy_api"]["find"]
    with JSend() as api:
        found = DescribedRuns(shared_workflow, api, local_snowflake, described)
        deployed = found.operation("deploy_policy_workflow")
        assert deployed.success, deployed.output
        yield found


def _create(runs: DescribedRuns, name: str) -> None:
    request = {"invocation_id": "run-*", "executions": [runs.policy(name)]}
    runs.workflow.call("create_policy", request)


def _advance(runs: DescribedRuns) -> None:
    runs.workflow.call("advance_policy_workflow", {"invocation_id": "advance-*"})


def _stopped(snowflake: LocalSnowflake) -> list[int]:
    """Stop the processes of all CALLs that are under way."""
    warm = snowflake._processes._process
    assert warm
    children = Path(f"/proc/{warm.pid}/task/{warm.pid}/children").read_text(encoding="ascii")
    pids = [int(pid) for pid in children.split()]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    return pids


def _until(runs: DescribedRuns, reached: Path, name: str) -> None:
    """Take an execution forward until it has come to a failpoint."""
    _create(runs, name)
    for _ in range(4):
        if not reached.exists():
            runs.end_leases()
            _advance(runs)


def _stand_still(
    runs: DescribedRuns, snowflake: LocalSnowflake, orders: Path, point: str, name: str
) -> None:
    """Stop a run at a failpoint until its lease has ended and another run has taken over."""
    (orders / point).write_text("wait", encoding="utf-8")
    step = threading.Thread(target=_until, args=(runs, orders / f"{point}.reached", name))
    step.start()
    limit = time.monotonic() + 30
    while not (orders / f"{point}.reached").exists():
        assert time.monotonic() < limit, point
        time.sleep(0.02)
    pids = _stopped(snowflake)
    try:
        # Longer than a look at the table counts as fresh.
        time.sleep(5.5)
        runs.end_leases()
        _create(runs, name)
        runs.end_leases()
        _advance(runs)
    finally:
        (orders / f"{point}.go").touch()
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
    step.join()
    (orders / f"{point}.go").unlink()
    (orders / f"{point}.reached").unlink()


def test_a_run_that_stood_still(
    runs: DescribedRuns, local_snowflake: LocalSnowflake, orders: Path, record_promise: Any
) -> None:
    """It wakes up after another run has taken over, and sends nothing; nothing is sent twice."""
    finds = runs.vars["policy_api"].get("find") is not None
    points = [*BEFORE[finds:], AFTER, "before_request_of_trigger_circuit_breaker"]
    for number, point in enumerate(points):
        name = f"s{number}"
        if finds and "trigger" in point:
            # So that no other execution comes to the failpoint.
            runs.end_leases()
            runs.run(*(f"s{earlier}" for earlier in range(number)))
        _stand_still(runs, local_snowflake, orders, point, name)
        made = runs.api.created[name]
        assert made == (1 if finds or point not in BEFORE else 0), point
        if "trigger" in point:
            assert runs.api.tripped[name] == 0
            assert "trigger: again" in runs.row(name)["error_message"]
        elif not finds:
            assert "create: again" in runs.row(name)["error_message"]
    assert max(runs.api.created.values()) == 1
    assert max(runs.api.tripped.values(), default=0) <= 1
    record_promise("no keys: a run stood still past its lease", "sent twice: 0", len(points))


def test_runs_at_once(runs: DescribedRuns, record_promise: Any) -> None:
    """Two runs of the same executions, and tasks that advance them: one create and one breaker."""
    runs.api.order(latency_seconds=0.05)
    names = [f"e{number}" for number in range(5)]
    for name in names:
        threads = [threading.Thread(target=_create, args=(runs, name)) for _ in range(2)]
        threads += [threading.Thread(target=_advance, args=(runs,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    started = runs.run("later", wait=False)
    assert started.success, started.output
    limit = time.monotonic() + 60
    while {row["status"] for row in runs.workflow.rows()} != {"completed"}:
        assert time.monotonic() < limit, runs.workflow.rows()
        runs.end_leases()
        _advance(runs)
    assert runs.api.created == dict.fromkeys([*names, "later"], 1)
    assert runs.api.tripped == dict.fromkeys([*names, "later"], 1)
    record_promise("no keys: two runs and two tasks at once", "sent twice: 0", len(names))

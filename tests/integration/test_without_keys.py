"""An API that knows no idempotency keys: nothing is created twice, and no doubt is passed over.

POLICY_TEST_TRIES says how many kills at random moments there are; POLICY_FAULTS=full kills at every
failpoint, without it at those around the requests.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from local_snowflake.server import LocalSnowflake
from procedures.common.failpoints import FAILPOINTS, FAILPOINTS_WITHOUT_KEYS, FOLDER_VARIABLE
from tests.integration.described_apis.described_runs import DescribedRuns
from tests.integration.described_apis.examples import example_vars
from tests.integration.described_apis.jsend import JSend
from tests.integration.described_apis.killed_calls import KilledCalls
from tests.integration.workflow import Workflow

FULL = os.environ.get("POLICY_FAULTS") == "full"
TRIES = int(os.environ.get("POLICY_TEST_TRIES", "4"))
LOST = "after_request_of_create_policy"
POINTS = [
    point
    for point in FAILPOINTS
    if FULL
    or "claim" in point
    or "create" in point
    or point == "after_request_of_trigger_circuit_breaker"
]
# Passed only by an execution whose first request was killed already.
LATER_POINTS = [point for point in FAILPOINTS_WITHOUT_KEYS if "create_initiated" not in point]
ANNOUNCING = [point for point in FAILPOINTS_WITHOUT_KEYS if "create_initiated" in point]
LATE = 2.0


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


@contextmanager
def _keyless(
    workflow: Workflow, snowflake: LocalSnowflake, orders: Path, *, find: dict[str, Any] | None
) -> Iterator[tuple[DescribedRuns, KilledCalls]]:
    """Run the API of docs/apis/jsend.yml with more in `find`; None: without `find`."""
    # In the large form a hundred lost answers in a row would open the breaker.
    described = example_vars(JSend) | {"policy_api_breaker_failures": 0}
    if find is None:
        del described["policy_api"]["find"]
    else:
        described["policy_api"]["find"] |= find
    with JSend() as api:
        runs = DescribedRuns(workflow, api, snowflake, described)
        deployed = runs.operation("deploy_policy_workflow")
        assert deployed.success, deployed.output
        yield runs, KilledCalls(runs, snowflake, orders)


def _decide(runs: DescribedRuns, calls: KilledCalls) -> None:
    """Do by hand what the errors say: adopt a policy that is there, or create it now."""
    for row in runs.workflow.rows():
        name = row["execution_id"]
        if row["status"] != "error":
            continue
        if row["policy_id"]:
            assert "trigger: again" in row["error_message"]
            continue
        assert "policy_id" in row["error_message"]
        made = [thing for thing in runs.api.things.values() if thing.name == name]
        decision = {"policy_id": made[0].id} if made else {"create": "again"}
        assert calls.decide(name, **decision)
    runs.end_leases()


def _twice(counted: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counted.items() if count > 1}


def test_kills_at_failpoints_with_find(
    shared_workflow: Workflow, local_snowflake: LocalSnowflake, orders: Path, record_promise: Any
) -> None:
    """Whatever is killed, `find` knows what is there: one create, and the execution goes on."""
    with _keyless(shared_workflow, local_snowflake, orders, find={}) as (runs, calls):
        names = []
        for number, point in enumerate([*POINTS, *LATER_POINTS]):
            names.append(f"f{number}")
            if point in LATER_POINTS:
                assert calls.kill_at(LOST, names[-1])
            assert calls.kill_at(point, names[-1]), point
        runs.run(*names)
        _check_triggers(runs, names)
        assert _twice(runs.api.created) == {}
        assert set(runs.api.created) == set(names)
    record_promise("no keys, with find: killed at a failpoint", "created twice: 0", calls.kills)


def _check_triggers(runs: DescribedRuns, names: list[str]) -> None:
    """All completed but those whose breaker may have gone; a person lets these be asked again."""
    rows = {row["execution_id"]: row for row in runs.workflow.rows()}
    doubtful = [name for name in names if rows[name]["status"] != "completed"]
    for name in doubtful:
        assert "trigger: again" in rows[name]["error_message"], rows[name]["error_message"]
    assert 0 < len(doubtful) < len(names)
    assert _twice(runs.api.tripped) == {}
    asked = runs.api.tripped[doubtful[0]]
    ran = runs.operation("retry_policy_workflow", execution_id=doubtful[0], trigger="again")
    assert ran.success, ran.output
    assert runs.api.tripped[doubtful[0]] == asked + 1


def test_kills_at_failpoints_without_find(
    shared_workflow: Workflow, local_snowflake: LocalSnowflake, orders: Path, record_promise: Any
) -> None:
    """A create in doubt is never repeated by itself; a person adopts what is there, or creates."""
    with _keyless(shared_workflow, local_snowflake, orders, find=None) as (runs, calls):
        names = []
        points = [*POINTS, *ANNOUNCING]
        for number, point in enumerate(points):
            names.append(f"n{number}")
            assert calls.kill_at(point, names[-1]), point
        for _ in range(2):
            runs.run(*names)
            runs.end_leases()
            assert _twice(runs.api.created) == {}
        rows = runs.workflow.rows()
        doubtful = [row for row in rows if row["status"] == "error" and not row["policy_id"]]
        assert len(doubtful) > 4
        made = {thing.name: thing.id for thing in runs.api.things.values()}
        there = next(r["execution_id"] for r in doubtful if r["execution_id"] in made)
        lost = next(r["execution_id"] for r in doubtful if r["execution_id"] not in made)
        for name, decision in ((there, {"policy_id": made[there]}), (lost, {"create": "again"})):
            ran = runs.operation("retry_policy_workflow", execution_id=name, **decision)
            assert ran.success, ran.output
            assert runs.row(name)["status"] == "completed"
        assert "policy_adopted" in runs.events(there)
        _decide(runs, calls)
        runs.run(*names)
        assert runs.api.created == dict.fromkeys(names, 1)
        assert _twice(runs.api.tripped) == {}
    record_promise("no keys, no find: killed at a failpoint", "repeated by itself: 0", calls.kills)


def test_a_find_that_shows_a_policy_late(
    shared_workflow: Workflow, local_snowflake: LocalSnowflake, orders: Path, record_promise: Any
) -> None:
    """With `again_after_seconds` a policy that the API shows after two seconds is found."""
    find = {"again_after_seconds": 3}
    with _keyless(shared_workflow, local_snowflake, orders, find=find) as (runs, calls):
        runs.api.shown_after_seconds = LATE
        names = [f"l{number}" for number in range(TRIES)]
        for name in names:
            assert calls.kill_at(LOST, name)
        lost = [f"lost{number}" for number in range(TRIES)]
        for name in lost:
            runs.api.order(endpoint="create", policy_name=name, times=1, reset="before")
        ran = runs.run(*names, *lost)
        assert ran.success, ran.output
        assert runs.api.created == dict.fromkeys([*names, *lost], 1)
        assert set(runs.api.tripped.values()) == {1}
        assert "policy_adopted" in runs.events(lost[0])
    record_promise("no keys, find shows a policy late", "created twice: 0", len(names) + len(lost))


@pytest.mark.parametrize("finds", [True, False], ids=["with find", "without find"])
def test_kills_at_random_moments(
    shared_workflow: Workflow,
    local_snowflake: LocalSnowflake,
    orders: Path,
    finds: bool,
    record_promise: Any,
) -> None:
    """However often and whenever calls are killed and answers are lost, no policy is made twice."""
    chance = random.Random(20)
    find: dict[str, Any] | None = {} if finds else None
    with _keyless(shared_workflow, local_snowflake, orders, find=find) as (runs, calls):
        runs.api.order(latency_seconds=0.03)
        names: list[str] = []
        while calls.kills < TRIES:
            names.append(f"r{len(names)}")
            if chance.random() < 0.25:
                runs.api.order(endpoint="create", policy_name=names[-1], times=1, reset="before")
            for _ in range(chance.randint(1, 3)):
                calls.kill_after(chance.uniform(0.02, 0.3), names[-1], creates=True)
            calls.kill_after(chance.uniform(0.02, 0.3), names[-1], creates=False)
            assert len(names) < 20 * TRIES
        runs.run(*names)
        assert _twice(runs.api.created) == {}
        assert _twice(runs.api.tripped) == {}
        if not finds:
            _decide(runs, calls)
            runs.run(*names)
        assert runs.api.created == dict.fromkeys(names, 1)
    with_find = "with" if finds else "without"
    record_promise(f"no keys, {with_find} find: killed at random", "created twice: 0", calls.kills)

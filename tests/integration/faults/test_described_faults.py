"""The fault matrix at two APIs that a description names: no success that is none, nothing twice.

A third of the faults at each endpoint, all of them in one run; POLICY_FAULTS=full: all faults.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from local_snowflake.server import LocalSnowflake
from tests.integration.described_apis.described_api import DescribedApi
from tests.integration.described_apis.described_runs import DescribedRuns
from tests.integration.described_apis.jsend import JSend
from tests.integration.described_apis.pagerduty import PagerDuty
from tests.integration.faults.described_faults import MATRIX, MAY_COMPLETE, SHAPES
from tests.integration.faults.matrix import ENDPOINTS
from tests.integration.workflow import Workflow

FULL = os.environ.get("POLICY_FAULTS") == "full"
VARS = {
    "policy_api_max_retries": 1,
    "policy_max_poll_attempts": 2,
    "policy_api_timeout_seconds": 2,
    "policy_api_step_deadline_seconds": 8,
    "policy_api_connections": 64,
}


@pytest.mark.parametrize("api", [JSend, PagerDuty])
def test_faults_of_a_described_api(
    shared_workflow: Workflow,
    local_snowflake: LocalSnowflake,
    api: type[DescribedApi],
    record_promise: Any,
) -> None:
    """Each fault at each endpoint, in one run: what completes is really there, and once."""
    with api() as described:
        runs = DescribedRuns(shared_workflow, described, local_snowflake)
        ready = described.FACTS.ready[-1]
        described.order(statuses=[ready])
        faults = {}
        for place, endpoint in enumerate(ENDPOINTS):
            shape = SHAPES[described.FACTS.example][endpoint]
            for number, (fault, order) in enumerate(MATRIX.items()):
                if not FULL and (number + place) % 3:
                    continue
                name = f"{endpoint}-{number}"
                faults[name] = (endpoint, fault)
                described.order(endpoint=endpoint, policy_name=name, **shape.order(order))
        assert not runs.run(*faults, project_vars=VARS).success
        rows = {row["execution_id"]: row for row in runs.workflow.rows()}
        assert rows.keys() == faults.keys()
        for name, (endpoint, fault) in faults.items():
            _check(described, rows[name], endpoint, fault)
        assert max(described.created.values()) == max(described.tripped.values()) == 1
        described.forget_orders()
        described.order(statuses=[ready])
        runs.end_leases()
        runs.run(*faults, project_vars=VARS)
        assert max(described.created.values()) == max(described.tripped.values()) == 1
        for row in runs.workflow.rows():
            if row["status"] == "completed":
                assert described.created[row["execution_id"]] == 1, row
    record_promise(f"{api.__name__}: the fault matrix", "false successes: 0", len(faults))


def _check(api: DescribedApi, row: dict[str, Any], endpoint: str, fault: str) -> None:
    """Hold one execution against the books of the API."""
    where = f"{fault} at {endpoint}: {row['error_message']}"
    name = row["execution_id"]
    if row["status"] != "completed":
        assert row["status"] == "error", where
        assert row["error_message"], where
        return
    assert api.things[row["policy_id"]].name == name, where
    assert api.created[name] == api.tripped[name] == 1, where
    assert fault in MAY_COMPLETE.get(endpoint, MATRIX), where

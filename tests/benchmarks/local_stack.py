"""What the local stack takes to start and to answer."""

from __future__ import annotations

import time
from statistics import median

from tests.benchmarks.stack import stack
from tests.benchmarks.tables import Table

FIRST_ANSWER_SECONDS = 3.0
CALL = 'call create_policy(\'{"invocation_id": "benchmark"}\')'


def local_stack(tries: int) -> Table:
    """Measure starts, each to its first answer, and CALLs that send no HTTP request."""
    table = Table("Local stack", ["what", "seconds"])
    starts, first_calls, calls = [], [], []
    for _ in range(tries):
        with stack() as running:
            starts.append(running.first_answer_seconds)
            running.operation("deploy_policy_workflow")
            times = [_seconds(running.query, CALL) for _ in range(6)]
            first_calls.append(times[0])
            calls += times[1:]
    table.rows += [
        ["start, to the first answer", median(starts)],
        ["first CALL", median(first_calls)],
        ["each further CALL", median(calls)],
    ]
    table.target("seconds to the first answer", median(starts), FIRST_ANSWER_SECONDS)
    return table


def _seconds(query: object, sql: str) -> float:
    started = time.perf_counter()
    query(sql)  # type: ignore[operator]
    return time.perf_counter() - started

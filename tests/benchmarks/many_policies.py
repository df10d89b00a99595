"""Many policies from a table, beside a plain script with as many threads."""

from __future__ import annotations

import sys

from tests.benchmarks.processes import Cost, run, watched_procedures
from tests.benchmarks.stack import Stack
from tests.benchmarks.tables import Table

CONNECTIONS = 32
PEAK_MIB = 300
REQUESTS_OF_A_POLICY = 3


def many_policies(stack: Stack, sizes: list[tuple[int, float]]) -> Table:
    """Measure runs of so many policies at so much latency, each beside the script.

    From both the time of a run without policies is taken away, which is the start of dbt and of
    Python.
    """
    table = Table(
        "Many policies",
        [
            "policies",
            "latency (ms)",
            "seconds",
            "÷ ideal",
            "policies a second",
            "plain script (s)",
            "÷ plain script",
            "processor of procedures (ms a policy)",
            "of the script (ms a policy)",
            "peak of a procedure (MiB)",
            "peak of dbt (MiB)",
        ],
    )
    stack.operation("deploy_policy_workflow")
    stack.policies("nothing_wanted", 0)
    rates: dict[tuple[int, float], float] = {}
    for count, latency in sizes:
        stack.policies("wanted", count)
        stack.order(statuses=["ready"], latency_seconds=latency)
        floor = stack.operation("run_policy_workflow", policies_from="nothing_wanted")
        with watched_procedures() as procedures:
            ours = stack.operation("run_policy_workflow", policies_from="wanted")
        _hold(stack, count)
        stack.order(statuses=["ready"], latency_seconds=latency)
        bare, plain = (_script(stack, number) for number in (0, count))
        _hold(stack, count)
        seconds = ours.wall_seconds - floor.wall_seconds
        script = plain.wall_seconds - bare.wall_seconds
        ideal = REQUESTS_OF_A_POLICY * latency * -(-count // CONNECTIONS)
        rates[count, latency] = count / seconds
        table.rows.append(
            [
                count,
                latency * 1000,
                seconds,
                seconds / ideal if ideal else "",
                count / seconds,
                script,
                seconds / script,
                sum(procedures.cpu_seconds.values()) / count * 1000,
                plain.cpu_seconds / count * 1000,
                max(procedures.peak_mib.values()),
                ours.peak_mib,
            ]
        )
        if (count, latency) == (1000, 0.05):
            table.target("1,000 at 50 ms ÷ plain script", seconds / script, 1)
        if count == max(sizes)[0]:
            peak = max(procedures.peak_mib.values())
            table.target(f"MiB of a procedure at {count:,} policies", peak, PEAK_MIB)
    if (10_000, 0.05) in rates:
        ratio = rates[1000, 0.05] / rates[10_000, 0.05]
        table.target("time a policy, 10,000 ÷ 1,000 at 50 ms", ratio, 1.1)
    return table


def _script(stack: Stack, count: int) -> Cost:
    path = stack.folder / "plain.duckdb"
    path.unlink(missing_ok=True)
    arguments = [stack.api.base_url, str(count), str(CONNECTIONS), str(path)]
    command = [sys.executable, "-m", "tests.benchmarks.plain_script", *arguments]
    return run(command, {}, stack.folder / "plain.out")


def _hold(stack: Stack, count: int) -> None:
    """The API has received exactly what is owed."""
    requests = stack.count_of_requests()
    if requests != REQUESTS_OF_A_POLICY * count:
        raise RuntimeError(f"{requests} requests for {count} policies")

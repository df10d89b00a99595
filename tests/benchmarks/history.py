"""What a long history costs: a run, and the diagnosis, with and without it, side by side.

Each figure is the median of several tries that take turns, so that noise meets all of them alike.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from local_snowflake.server import LocalSnowflake
from tests.benchmarks.in_process import workflows
from tests.benchmarks.tables import Table
from tests.integration.parsed_project import parsed_project
from tests.integration.workflow import Workflow

EVENTS_AN_EXECUTION = 10
MOST = 1.1
# One row a finished execution, all of the last hour, so that no run cleans them up.
STATE_SQL = """
insert into {schema}.policy_execution_state by name
select
    'old-' || n as execution_id,
    'pol-' || n as policy_id,
    6 as poll_count,
    case when n % 10 = 0 then 'error' else 'completed' end as status,
    now()::timestamp - interval (n % 3000) second as start_time,
    now()::timestamp as finished_at,
    true as completed,
    true as requires_circuit_breaker,
    n % 10 > 0 as circuit_breaker_completed,
    'circuit breaker confirmed' as message,
    '{{"policy_name": "old", "parameters": {{"retention_days": 90}}}}'::json as policy_data,
    '{{"policy_id": "pol", "execution_id": "exec"}}'::json as api_response,
    'run-' || n // 100 as invocation_id,
    10 as last_sequence
from range({executions}) as old(n)
"""
# Their events, spread over the last 24 hours: all of them are in what the diagnosis looks at.
EVENTS_SQL = """
insert into {schema}.policy_execution_events by name
select
    md5(n || '-' || s) as event_id,
    'old-' || n as execution_id,
    'run-' || n // 100 as invocation_id,
    s as sequence,
    case when s = 1 then null when s = 2 then 1 when s <= 8 then 2 else 3 end as step,
    case when s between 3 and 8 then s - 2 else 1 end as attempt,
    case
        when s = 1 then 'claimed'
        when s = 2 then 'create_policy'
        when s <= 8 then 'poll_policy_status'
        when s = 9 then 'circuit_breaker_initiated'
        else 'trigger_circuit_breaker'
    end as event,
    case when s = 1 then null when s = 2 then 'pending' when s <= 8 then 'policy_created'
        else 'policy_ready' end as status_before,
    case when s = 1 then 'pending' when s <= 7 then 'policy_created'
        when s <= 9 then 'policy_ready' when n % 10 = 0 then 'error'
        else 'completed' end as status_after,
    'pol-' || n as policy_id,
    case when s = 1 then '{{"policy_name": "old", "policy_type": "t"}}'::json end as policy_data,
    case when s in (1, 9) then null when s between 3 and 8 then 'GET' else 'POST' end
        as http_method,
    case when s not in (1, 9) then 'https://api.example.com/policy/pol-' || n end as url,
    case when s not in (1, 9) then 200 end as http_status,
    case when s not in (1, 9) then 1 end as requests_sent,
    case when s not in (1, 9) then 20 + (n * s) % 100 end as duration_ms,
    case when s = 10 and n % 10 = 0 then 'unknown' when s = 10 then 'triggered' end as outcome,
    case when s = 10 and n % 10 = 0 then 'HTTP50' || n % 4 end as error_class,
    'message ' || s as message,
    case when s not in (1, 9) then '{{"status": "pending", "policy_id": "pol"}}'::json end
        as response,
    now() - interval (n * 86000 // {executions}) second + interval (s) second as event_time
from range({executions}) as old(n), range(1, 11) as event(s)
"""


def history(sizes: list[int], tries: int) -> Table:
    """Measure runs, diagnoses, gates and builds beside histories of so many events."""
    table = Table(
        "History",
        [
            "events",
            "executions in the state table",
            "run (s)",
            "÷ run of the first",
            "diagnosis (s)",
            "gate (s)",
            "build (s)",
        ],
    )
    parsed_project()
    with workflows(len(sizes)) as (server, found):
        places = dict(zip(sizes, found, strict=True))
        for events, workflow in places.items():
            _prepare(workflow, server, events // EVENTS_AN_EXECUTION)
        runs = _medians(places, tries, lambda w: w.run())
        diagnoses = _medians(places, 3, lambda w: w.run("diagnose_policy_execution"))
        gates = _medians(
            places, 3, lambda w: w.run("require_policy_completed", policy_name="sample_policy")
        )
        builds = _medians(places, 1, lambda w: w.dbt("build"))
    for events in sizes:
        ratio = runs[events] / runs[sizes[0]]
        table.rows.append(
            [
                events,
                events // EVENTS_AN_EXECUTION,
                runs[events],
                ratio,
                diagnoses[events],
                gates[events],
                builds[events],
            ]
        )
        if events == max(sizes):
            table.target(f"run beside {events:,} events ÷ empty", ratio, MOST)
    return table


def _prepare(workflow: Workflow, server: LocalSnowflake, executions: int) -> None:
    if not workflow.run().success:
        raise SystemExit("the workflow does not run")
    connection = server.connect(None, None)
    for statement in (STATE_SQL, EVENTS_SQL) if executions else ():
        connection.engine.execute(statement.format(schema=workflow.place, executions=executions))
    connection.close()


def _medians(
    places: dict[int, Workflow], tries: int, measure: Callable[[Workflow], object]
) -> dict[int, float]:
    seconds: dict[int, list[float]] = {events: [] for events in places}
    for number in range(tries):
        # Neither always comes after the same one.
        turns = list(places.items())
        for events, workflow in turns if number % 2 else reversed(turns):
            workflow.api.reset()
            started = time.perf_counter()
            ran = measure(workflow)
            seconds[events].append(time.perf_counter() - started)
            if not getattr(ran, "success", False):
                raise SystemExit(getattr(ran, "output", "failed"))
    return {events: statistics.median(times) for events, times in seconds.items()}

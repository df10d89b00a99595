"""The SQL that reads executions, and makes `Execution`s of the rows; see statements."""
# ruff: noqa: S608  # as in statements

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from procedures.common.bound_json import parsed
from procedures.domain.execution import (
    ANNOUNCES,
    PENDING,
    REPEAT_ALLOWED,
    WITHOUT_KEY,
    Execution,
)
from procedures.tables.statements import NOW, ROWS


def execution_columns(*, with_policies: bool) -> str:
    """The columns that a step needs; a policy may be long, so only step 1 reads it."""
    stored = 'coalesce(t."policy_text", to_json(t."policy_data"))'
    policy = stored if with_policies else "null"
    return f"""
    t."execution_id",
    t."status",
    t."policy_id",
    t."poll_count",
    t."invocation_id",
    datediff(millisecond, {NOW}, t."lease_expires_at") as lease_milliseconds,
    t."last_sequence",
    t."cancelled_at" is not null as cancelled,
    {policy} as policy_data,
    to_json(t."api_response":execution_id) as api_execution_id,
    t."circuit_breaker_initiated" as announced"""


def read_sql(state: str, *, with_policies: bool) -> str:
    """Read the rows of the executions in a list of ids."""
    return f"""
select{execution_columns(with_policies=with_policies)}
from {state} t
join (select f.value::varchar as execution_id from {ROWS}) s
    on t."execution_id" = s.execution_id
"""


def owned_sql(state: str, limit: int, *, with_policies: bool) -> str:
    """Read a page of the executions that a run owns at a status, after an execution_id."""
    return f"""
select{execution_columns(with_policies=with_policies)}
from {state} t
where t."invocation_id" = ?
  and t."status" = ?
  and t."lease_expires_at" is not null
  and t."execution_id" > ?
order by t."execution_id"
limit {int(limit)}
"""


def in_doubt_sql(
    events: str, announcement: str, event: str, *, with_claims: bool, only_without_key: bool
) -> str:
    """Read which executions of a list may have a request at the API whose outcome nobody knows.

    The latest of these events decides: the announcement of a request; an outcome which says that
    the API did not process the request; a person's permission to repeat it. See
    `ExecutionState.in_doubt`.
    """
    claims = f"""
   or (
       e."event" in ('claimed', 'resumed')
       and e."status_after" = '{PENDING}'
       and coalesce(e."message", '') not like '%{ANNOUNCES}'
   )"""
    without_key = f"""
       and e."message" like '%{WITHOUT_KEY}'"""
    return f"""
select e."execution_id"
from {events} e
join (select f.value::varchar as execution_id from {ROWS}) s
    on e."execution_id" = s.execution_id
where e."event" = '{REPEAT_ALLOWED}'
   or (
       e."event" = '{announcement}'{without_key if only_without_key else ""}
   )
   or (
       e."event" = '{event}'
       and (e."outcome" in ('rejected', 'unavailable') or e."error_class" = 'CircuitRefused')
   ){claims if with_claims else ""}
qualify
    row_number() over (partition by e."execution_id" order by e."sequence" desc) = 1
    and e."event" in ('{announcement}', 'claimed', 'resumed')
"""


def due_sql(state: str, poll_interval_seconds: int, limit: int) -> str:
    """Read the ids of open executions without a live lease whose next step is due, oldest first.

    A poll is due when the interval has passed since the last poll. The other steps are always due.
    """
    return f"""
select t."execution_id"
from {state} t
where t."completed" = false
  and (t."lease_expires_at" is null or t."lease_expires_at" <= {NOW})
  and (
      t."status" <> 'policy_created'
      or t."polled_at" is null
      or t."polled_at" <= dateadd(second, -{int(poll_interval_seconds)}, {NOW})
  )
order by
    t."start_time",
    t."execution_id"
limit {int(limit)}
"""


def execution_of(row: Sequence[Any]) -> Execution:
    """Make an execution of a row that a statement above has read."""
    return Execution(
        execution_id=row[0],
        status=row[1],
        policy_id=row[2],
        poll_count=int(row[3] or 0),
        invocation_id=row[4],
        lease_seconds=None if row[5] is None else int(row[5]) / 1000,
        sequence=int(row[6] or 0),
        cancelled=bool(row[7]),
        policy_json=row[8],
        api_execution_id=parsed(row[9]),
        announced=bool(row[10]),
    )

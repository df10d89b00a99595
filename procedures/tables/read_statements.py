"""The SQL that reads executions, and makes `Execution`s of the rows; see statements."""
# ruff: noqa: S608  # as in statements

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from procedures.common.bound_json import parsed
from procedures.domain.api_breaker import HELD_BACK
from procedures.domain.api_outcome import API_BUSY, EARLIER_TRY
from procedures.domain.execution import (
    ANNOUNCES,
    PENDING,
    REPEAT_ALLOWED,
    REPETITION,
    WITHOUT_KEY,
    Execution,
)
from procedures.tables.breaker_statements import count_breakers_sql
from procedures.tables.statements import NOW, ROWS

MOMENT_FORMAT = "YYYY-MM-DD HH24:MI:SS.FF6"


def execution_columns(*, with_policies: bool) -> str:
    """The columns that a step needs; a policy may be long, so only step 1 reads it whole."""
    stored = 'coalesce(t."policy_text", to_json(t."policy_data"))'
    policy = stored if with_policies else "null"
    name = 't."policy_data":policy_name'
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
    t."circuit_breaker_initiated" as announced,
    case when typeof({name}) = 'VARCHAR' then left({name}::varchar, 200) end as policy_name"""


def read_sql(state: str, *, with_policies: bool) -> str:
    """Read the rows of the executions in a list of ids."""
    return f"""
select{execution_columns(with_policies=with_policies)}
from {state} t
join (select f.value::varchar as execution_id from {ROWS}) s
    on t."execution_id" = s.execution_id
"""


def owned_sql(
    state: str, breakers: str, limit: int, *, with_policies: bool, unpolled: bool = False
) -> str:
    """Read a page of the executions that a run owns at a status, after an execution_id.

    The last two columns are how many breakers are not closed, and the time of the statement.

    Args:
        state: the state table.
        breakers: the table of breakers.
        limit: how many rows at most.
        with_policies: whether to read the policies.
        unpolled: only those that were not polled since a time that the statement binds.

    """
    condition = (
        f"""
  and (t."polled_at" is null or t."polled_at" < to_timestamp_ntz(?, '{MOMENT_FORMAT}'))"""
        if unpolled
        else ""
    )
    return f"""
with breakers_now as {count_breakers_sql(breakers)}
select{execution_columns(with_policies=with_policies)},
    k.not_closed,
    to_varchar({NOW}, '{MOMENT_FORMAT}') as now
from {state} t
cross join breakers_now k
where t."invocation_id" = ?
  and t."status" = ?
  and t."lease_expires_at" is not null
  and t."execution_id" > ?{condition}
order by t."execution_id"
limit {int(limit)}
"""


# An outcome of a request which says that the API did not process the request. A server that is
# away (503, 408), a gateway that gave up (499, 460), a redirect and a refusal with HTTP 2xx say
# nothing of that kind, and the last answer says nothing of an earlier try.
_NOT_PROCESSED = f"""(
    e."outcome" is null
    or (
        coalesce(e."message", '') not like '%{EARLIER_TRY}%'
        and (
            (
                e."outcome" = 'unavailable'
                and (
                    coalesce(e."http_status", 0) not in (408, 503)
                    or e."error_class" = '{API_BUSY}'
                )
            )
            or (
                e."outcome" = 'rejected'
                and (
                    coalesce(e."requests_sent", 0) = 0
                    or (e."http_status" between 400 and 498 and e."http_status" <> 460)
                )
            )
        )
    )
)"""


def in_doubt_sql(events: str, announcements: str, event: str, step: int) -> str:
    """Read which executions of a list may have a request at the API whose outcome nobody knows.

    An announcement is in doubt until the same run records that its request was not processed, or
    not sent, or until a person allows a repetition: what another run was told is about another
    request. The run that carries out the decision sends its request afterwards.

    Args:
        events: the events table.
        announcements: a condition on `e`: which events announce a request.
        event: the event that records the outcome of a request, or that none was sent.
        step: the step of the request.

    """
    return f"""
with marks as (
    select
        e."execution_id" as execution_id,
        e."invocation_id" as run,
        max(case when {announcements} then e."sequence" end) as announced,
        max(
            case
                when e."event" = '{event}' and {_NOT_PROCESSED} then e."sequence"
                when e."event" = '{HELD_BACK}' and e."step" = {int(step)} then e."sequence"
            end
        ) as refused,
        max(case when e."event" = '{REPEAT_ALLOWED}' then e."sequence" end) as allowed
    from {events} e
    join (select f.value::varchar as execution_id from {ROWS}) s
        on e."execution_id" = s.execution_id
    where e."event" <> 'superseded'
    group by
        e."execution_id",
        e."invocation_id"
),
decided as (
    select
        m.execution_id,
        case
            when m.announced is not null
            then greatest(m.announced, coalesce(m.allowed, 0) + 1)
        end as announced,
        m.refused,
        max(m.allowed) over (partition by m.execution_id) as allowed
    from marks m
)
select distinct d.execution_id
from decided d
where d.announced > coalesce(d.refused, 0)
  and d.announced > coalesce(d.allowed, 0)
"""


def sent_otherwise(mark: str) -> str:
    """Which events `e` announce a request of which the API would not know a repetition now.

    Args:
        mark: the end of the messages that announce the request now (see repetition_mark).

    """
    if not mark:
        unlike = (f"%{WITHOUT_KEY}", f"%{ANNOUNCES}", f"%{REPETITION}%")
        return "(" + " or ".join(f"""e."message" like '{end}'""" for end in unlike) + ")"
    return f"""coalesce(e."message", '') not like '%{mark}'"""


def announcement_condition(announcement: str, mark: str | None) -> str:
    """Which events announce a request: all, or those of requests that were sent otherwise."""
    otherwise = "" if mark is None else f"and {sent_otherwise(mark)}"
    return f"""(e."event" = '{announcement}' {otherwise})"""


def claim_condition(run_id: str, mark: str | None) -> str:
    """Which claims of other runs than this one may have led to a create that was not announced.

    Args:
        run_id: this run; its id has letters, digits, _ and - only (see request).
        mark: count only creates that were sent otherwise; None to count all.

    """
    otherwise = "" if mark is None else f"and {sent_otherwise(mark)}"
    return f"""(
            e."event" in ('claimed', 'resumed')
            and e."status_after" = '{PENDING}'
            and coalesce(e."message", '') not like '%{ANNOUNCES}'
            {otherwise}
            and e."invocation_id" <> '{run_id}'
        )"""


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
        policy_name=row[11],
    )

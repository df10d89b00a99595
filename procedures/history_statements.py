"""The SQL that brings an execution back from its events: what retention removed can be resumed."""
# ruff: noqa: S608  # as in statements

from __future__ import annotations

from procedures.statements import CARRIED_COLUMNS, ROWS

RESTORED_COLUMNS = {
    "execution_id": "::varchar",
    **CARRIED_COLUMNS,
    "status": "::varchar",
    "start_time": "::timestamp_ntz",
    "last_poll_time": "::timestamp_ntz",
    "completed": "::boolean",
    "error_message": "::varchar",
    "message": "::varchar",
    "policy_data": "",
    "invocation_id": "::varchar",
    "finished_at": "::timestamp_ntz",
    "cancelled_at": "::timestamp_ntz",
    "last_sequence": "::number",
}

# What is read of an event, in this order, with its expression.
HISTORY_COLUMNS = {
    **{
        name: f'e."{name}"'
        for name in (
            "execution_id",
            "event",
            "step",
            "attempt",
            "status_after",
            "policy_id",
            "sequence",
            "invocation_id",
            "message",
        )
    },
    "event_time": 'e."event_time"::timestamp_ntz::varchar',
    "policy_data": 'to_json(e."policy_data")',
    "response": 'to_json(e."response")',
}


def read_history_sql(events: str) -> str:
    """Read all events of the executions in a list of ids, in their order."""
    columns = ",\n".join(f"    {text}" for text in HISTORY_COLUMNS.values())
    return f"""
select
{columns}
from {events} e
join (select f.value::varchar as execution_id from {ROWS}) s
    on e."execution_id" = s.execution_id
where e."event" <> 'superseded'
order by
    e."execution_id",
    e."sequence"
"""


def restore_sql(state: str) -> str:
    """Insert rows that are not there; one statement, so that two runs do not insert twice."""
    names = ", ".join(f'"{column}"' for column in RESTORED_COLUMNS)
    values = ", ".join(f"s.{column}" for column in RESTORED_COLUMNS)
    columns = ",\n".join(
        f"        f.value:{column}{cast} as {column}" for column, cast in RESTORED_COLUMNS.items()
    )
    return f"""
merge into {state} t
using (
    select
{columns}
    from {ROWS}
) s
on t."execution_id" = s.execution_id
when not matched then insert ({names})
values ({values})
"""

"""The SQL that restores an execution from its events, after retention has removed its row."""
# ruff: noqa: S608  # as in statements

from __future__ import annotations

from procedures.tables.statements import CARRIED_COLUMNS, NOW, ROWS

# The columns that are restored, with their expressions. Times come as microseconds of UTC: as texts
# they would have the caller's format.
RESTORED_COLUMNS = {
    "execution_id": "f.value:execution_id::varchar",
    **{name: f"f.value:{name}{cast}" for name, cast in CARRIED_COLUMNS.items()},
    "status": "f.value:status::varchar",
    "start_time": "to_timestamp_ltz(f.value:started::number, 6)::timestamp_ntz",
    "last_poll_time": "to_timestamp_ltz(f.value:polled::number, 6)::timestamp_ntz",
    "polled_at": "to_timestamp_ntz(f.value:polled::number, 6)",
    "completed": "f.value:completed::boolean",
    "error_message": "f.value:error_message::varchar",
    "message": "f.value:message::varchar",
    "policy_data": "f.value:policy_data",
    "invocation_id": "f.value:invocation_id::varchar",
    # The retention time of a restored row begins anew.
    "finished_at": f"case when f.value:completed::boolean then {NOW} end",
    "cancelled_at": "to_timestamp_ntz(f.value:cancelled::number, 6)",
    "last_sequence": "f.value:last_sequence::number",
}

# The columns of an event that are read, in this order, with their expressions.
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
    "event_time": 'date_part(epoch_microsecond, e."event_time")',
    "policy_data": 'to_json(e."policy_data")',
    "response": 'to_json(e."response")',
}


def read_history_sql(events: str) -> str:
    """Read all events of the executions in a list of ids, in the order of their sequence."""
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
    """Insert the rows that are missing, in one statement, so that two runs do not both insert."""
    names = ", ".join(f'"{column}"' for column in RESTORED_COLUMNS)
    values = ", ".join(f"s.{column}" for column in RESTORED_COLUMNS)
    columns = ",\n".join(
        f"        {expression} as {column}" for column, expression in RESTORED_COLUMNS.items()
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

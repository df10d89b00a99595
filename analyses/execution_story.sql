-- The story of one execution, in order: --vars '{policy_execution_id: ...}'; without it, of the latest.
{%- set execution_id = policy_workflow._setting('policy_execution_id') %}
select
    sequence,
    event_time,
    event,
    attempt,
    status_before,
    status_after,
    http_method,
    url,
    http_status,
    requests_sent,
    duration_ms,
    error_cause,
    message,
    invocation_id
from {{ ref('policy_execution_history') }}
where
    {%- if execution_id is none %}
    execution_id = (
        select max_by(e.execution_id, e.started_at)
        from {{ ref('policy_executions') }} as e
    )
    {%- else %}
    execution_id = {{ policy_workflow._sql_literal(execution_id) }}
    {%- endif %}
order by
    sequence,
    event_time

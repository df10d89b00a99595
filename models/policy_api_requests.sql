-- One row a call of the API; a call has several requests where the client repeated the request.
select
    event_id,
    execution_id,
    invocation_id,
    step,
    {{ policy_workflow._endpoint_sql() }} as endpoint,
    url,
    attempt,
    http_status,
    requests_sent,
    duration_ms,
    outcome,
    error_class,
    error_cause,
    message,
    event <> 'superseded' as applied,
    event_time as requested_at
from {{ ref('policy_execution_history') }}
where http_method is not null

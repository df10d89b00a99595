-- The newest executions, also those that have left the state table.
select
    execution_id,
    policy_id,
    policy_name,
    status,
    poll_count,
    circuit_breaker_completed,
    message,
    started_at
from {{ ref('policy_executions') }}
qualify row_number() over (order by started_at desc) <= 10
order by started_at desc

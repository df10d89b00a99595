-- The executions in progress, and which run holds the lease of each until when.
select
    execution_id,
    policy_name,
    status,
    poll_count,
    invocation_id,
    lease_expires_at,
    started_at
from {{ ref('policy_executions') }}
where not is_finished
order by started_at

-- Executions that are open for longer than policy_stuck_minutes. `dbt run-operation
-- retry_policy_workflow` takes up those whose lease no run holds.
select
    execution_id,
    policy_name,
    status,
    started_at,
    last_event_at,
    lease_expires_at,
    message
from {{ ref('policy_executions') }}
where
    not is_finished
    and started_at < dateadd(
        minute,
        -{{ policy_workflow._setting('policy_stuck_minutes') }},
        current_timestamp()
    )
order by started_at

-- Why executions of the last 7 days failed that have not completed since, with the latest example.
-- `dbt run-operation diagnose_policy_execution` gives the remedy of each cause.
select
    error_cause,
    count(*) over (partition by error_cause) as executions,
    failed_step,
    execution_id as example,
    error_message,
    finished_at
from {{ ref('policy_executions') }}
where
    status = 'error'
    and started_at >= dateadd(day, -7, current_timestamp())
qualify
    row_number() over (
        partition by error_cause
        order by finished_at desc, execution_id asc
    ) = 1
order by
    executions desc,
    error_cause asc

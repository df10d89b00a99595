-- Of the executions of the last 24 hours at least policy_min_success_rate_percent completed.
{{ config(
    enabled=policy_workflow._models_are_on() and policy_workflow._setting('policy_health_tests_enabled'),
    severity=policy_workflow._setting('policy_health_test_severity')
) }}
select
    count(*) as started,
    count_if(status = 'completed') as completed
from {{ ref('policy_executions') }}
where started_at >= dateadd(hour, -24, current_timestamp())
having
    100 * count_if(status = 'completed')
    < {{ policy_workflow._setting('policy_min_success_rate_percent') }} * count(*)

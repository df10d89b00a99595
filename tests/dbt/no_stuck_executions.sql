-- No execution is open for longer than policy_stuck_minutes.
-- depends_on: {{ ref('policy_executions') }}
{{ config(
    enabled=policy_workflow._models_are_on() and policy_workflow._setting('policy_health_tests_enabled'),
    severity=policy_workflow._setting('policy_health_test_severity')
) }}
{{- policy_workflow._before_test() }}
select
    s."execution_id" as execution_id,
    s."status" as status,
    s."start_time" as start_time,
    s."message" as message
from {{ source('policy_workflow', 'policy_execution_state') }} as s
where
    s."completed" = false
    and s."start_time" < dateadd(
        minute,
        -{{ policy_workflow._setting('policy_stuck_minutes') }},
        current_timestamp()
    )::timestamp_ntz

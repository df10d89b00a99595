-- Only the five statuses stand in the tables, and only the fourteen kinds of events.
-- depends_on: {{ ref('policy_executions') }}
{{ config(
    enabled=policy_workflow._models_are_on() and policy_workflow._setting('policy_integrity_tests_enabled'),
    severity=policy_workflow._setting('policy_integrity_test_severity')
) }}
{{- policy_workflow._before_test() }}
select
    s."execution_id" as execution_id,
    s."status" as found
from {{ source('policy_workflow', 'policy_execution_state') }} as s
where s."status" not in ('pending', 'policy_created', 'policy_ready', 'completed', 'error')
union all
select
    e."execution_id" as execution_id,
    coalesce(e."event", 'null') || ': ' || coalesce(e."status_after", 'null') as found
from {{ source('policy_workflow', 'policy_execution_events') }} as e
where
    e."status_after" not in ('pending', 'policy_created', 'policy_ready', 'completed', 'error')
    or (e."status_after" is null) <> (e."event" = 'superseded')
    or e."event" not in (
        'claimed',
        'resumed',
        'create_initiated',
        'create_policy',
        'policy_adopted',
        'repeat_allowed',
        'poll_policy_status',
        'circuit_breaker_initiated',
        'trigger_circuit_breaker',
        'trigger_confirmed',
        'no_circuit_breaker',
        'held_back',
        'cancelled',
        'superseded'
    )

-- Every event belongs to an execution whose history has a beginning. One that an older version wrote
-- begins where it was taken up or cancelled.
-- depends_on: {{ ref('policy_executions') }}
{{ config(
    enabled=policy_workflow._models_are_on() and policy_workflow._setting('policy_integrity_tests_enabled'),
    severity=policy_workflow._setting('policy_integrity_test_severity')
) }}
{{- policy_workflow._before_test() }}
select
    first_event.execution_id,
    first_event.event
from (
    select
        e."execution_id" as execution_id,
        e."event" as event
    from {{ source('policy_workflow', 'policy_execution_events') }} as e
    where e."event" <> 'superseded'
    qualify row_number() over (
        partition by e."execution_id"
        order by e."sequence"
    ) = 1
) as first_event
where first_event.event not in ('claimed', 'resumed', 'cancelled')

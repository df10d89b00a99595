-- An execution has one row in the state table, with an id, a status and whether it is finished.
-- depends_on: {{ ref('policy_executions') }}
{{ config(
    enabled=policy_workflow._models_are_on() and policy_workflow._setting('policy_integrity_tests_enabled'),
    severity=policy_workflow._setting('policy_integrity_test_severity')
) }}
{{- policy_workflow._before_test() }}
select
    s."execution_id" as execution_id,
    count(*) as copies
from {{ source('policy_workflow', 'policy_execution_state') }} as s
group by s."execution_id"
having
    s."execution_id" is null
    or count(*) > 1
    or count(s."status") < count(*)
    or count(s."completed") < count(*)

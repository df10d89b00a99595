{#- Returns which run holds the lease of an execution, and until when, as '<run> until <time>'; none where no run
    holds a live lease. -#}
{% macro _live_lease(execution_id) -%}
    {%- set statement -%}
select t."invocation_id" || ' until ' || to_varchar(t."lease_expires_at", 'YYYY-MM-DD HH24:MI:SS') as lease
from {{ policy_workflow._relation_name('policy_execution_state') }} t
where
    t."execution_id" = {{ policy_workflow._sql_literal(execution_id) }}
    and t."lease_expires_at" > sysdate()
    {%- endset -%}
    {%- set found = run_query(statement).rows | map(attribute='LEASE') | list -%}
    {{- return(found[0] if found else none) -}}
{%- endmacro %}

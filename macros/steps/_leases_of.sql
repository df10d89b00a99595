{#- How many executions some drivers still hold, with a lease that has not run out. -#}
{% macro _leases_of(drivers) -%}
    {%- set statement -%}
select count(*) as "executions"
from {{ policy_workflow._relation_name('policy_execution_state') }} t
where
    t."invocation_id" in (select f.value::varchar from (select parse_json({{ policy_workflow._sql_literal(tojson(drivers)) }}) as j) p, lateral flatten(input => p.j) f)
    and t."completed" = false
    and t."lease_expires_at" > current_timestamp()::timestamp_ntz
    {%- endset -%}
    {{- return(run_query(statement).rows | map(attribute='executions') | sum | int) -}}
{%- endmacro %}

{#- How many executions some drivers still hold, with a lease that has not run out. -#}
{% macro _leases_of(drivers) -%}
    {%- set statement -%}
select count(*) as "executions"
from {{ policy_workflow._relation_name('policy_execution_state') }} t
join {{ policy_workflow._listed_sql(drivers) }} s
    on t."invocation_id" = s.item
where
    t."completed" = false
    and t."lease_expires_at" > current_timestamp()::timestamp_ntz
    {%- endset -%}
    {{- return(run_query(statement).rows | map(attribute='executions') | sum | int) -}}
{%- endmacro %}

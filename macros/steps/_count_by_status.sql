{#- Returns how many open executions of a run the state table has at 'policy_created' and at 'policy_ready'. -#}
{% macro _count_by_status(run) -%}
    {%- set statement -%}
select
    t."status",
    count(*) as "executions"
from {{ policy_workflow._relation_name('policy_execution_state') }} t
where
    t."invocation_id" = {{ policy_workflow._sql_literal(run) }}
    and t."policy_id" is not null
    and t."completed" = false
group by t."status"
    {%- endset -%}
    {%- set counts = {'policy_created': 0, 'policy_ready': 0} -%}
    {%- for row in run_query(statement).rows -%}
        {%- do counts.update({row['status']: row['executions'] | int}) -%}
    {%- endfor -%}
    {{- return(counts) -}}
{%- endmacro %}

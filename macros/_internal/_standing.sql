{#- Reads how the executions of a run stand, in one statement: the tables decide, not what a step answered.
    Returns {'total': ..., 'counts': {kind: number}, 'rows': at most 20 of each kind, in their order,
    'owner': a run that drives some of them}; the kinds are those of _standing_sql. -#}
{% macro _standing(run) -%}
    {%- set counts = {} -%}
    {%- set rows = [] -%}
    {%- set seen = {} -%}
    {%- for row in run_query(policy_workflow._standing_sql(run, 20)).rows -%}
        {%- if row['execution_id'] in seen -%}
            {{- policy_workflow._fail("execution " ~ row['execution_id'] ~ " stands twice in policy_execution_state") -}}
        {%- endif -%}
        {%- do seen.update({row['execution_id']: true}) -%}
        {%- do counts.update({row['standing']: row['executions'] | int}) -%}
        {%- do rows.append(row) -%}
    {%- endfor -%}
    {%- set elsewhere = rows | selectattr('standing', 'equalto', 'elsewhere') | map(attribute='owner') | list -%}
    {{- return({'total': counts.values() | sum, 'counts': counts, 'rows': rows, 'owner': elsewhere[0] if elsewhere else none}) -}}
{%- endmacro %}

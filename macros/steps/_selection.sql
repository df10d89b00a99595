{#- Which executions a step is for: `create` is what step 1 is asked, `driver` who drives, `ids` which
    ones; none means all of this driver, which then no other call may share. -#}
{% macro _selection(executions) -%}
    {{- return({'driver': invocation_id, 'create': {'executions': executions}, 'ids': executions | map(attribute='execution_id') | list}) -}}
{%- endmacro %}

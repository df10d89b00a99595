{#- The cause of one event or outcome, by its error_class and outcome, or by its own name. -#}
{% macro _failure_cause(event) -%}
    {%- set found = [] -%}
    {%- for cause in policy_workflow._failure_causes() -%}
        {%- if event.cause == cause.name or event.error_class in cause.get('error_class', []) or event.outcome in cause.get('outcome', []) -%}
            {%- do found.append(cause) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(found[0] if found else {'name': 'unclassified', 'says': 'something that has no name yet', 'remedy': "Look at its story: dbt run-operation diagnose_policy_execution --args '{execution_id: ...}'"}) -}}
{%- endmacro %}

{#- Step 1. An execution_id that exists with another policy is refused, showing both. -#}
{% macro _create_policies(executions) -%}
    {%- set answer = policy_workflow._call_procedure('create_policy', {'invocation_id': invocation_id, 'executions': executions}) -%}
    {%- if answer.cleaned -%}
        {%- do log("policy_workflow: removed " ~ answer.cleaned ~ " finished execution(s) past their retention", info=true) -%}
    {%- endif -%}
    {%- if answer.refused -%}
        {%- set refused = answer.refused[0] -%}
        {{- policy_workflow._fail("execution " ~ refused.execution_id ~ " exists with another policy_data (" ~ answer.refused | length ~ " such). Nothing was sent. Stored: " ~ tojson(refused.stored)[:1000] ~ " Given: " ~ tojson(refused.given)[:1000] ~ " Use the stored policy_data to resume it, or another execution_id") -}}
    {%- endif -%}
    {%- do policy_workflow._log_step("Step 1: create policy", answer) -%}
    {%- if answer.unknown -%}
        {{- policy_workflow._fail("there is no execution " ~ answer.unknown[0] ~ " to take up. Look: dbt run-operation get_policy_execution_state") -}}
    {%- endif -%}
    {%- if answer.done -%}
        {%- do log("policy_workflow: " ~ answer.done | length ~ " execution(s) were completed before; nothing is sent for them", info=true) -%}
    {%- endif -%}
{%- endmacro %}

{#- Step 1. Returns the procedure's answer. -#}
{% macro _create_policies(selection) -%}
    {%- set answer = policy_workflow._call_procedure('create_policy', dict(selection.create, invocation_id=selection.driver)) -%}
    {%- if answer.cleaned -%}
        {%- do policy_workflow._log("policy_workflow: removed " ~ answer.cleaned ~ " finished execution(s) past their retention") -%}
    {%- endif -%}
    {%- if answer.source_problem or answer.invalid or answer.refused -%}
        {{- policy_workflow._fail_refused(answer, selection.create.policies_from) -}}
    {%- endif -%}
    {%- do policy_workflow._log_step("Step 1: create policy", answer) -%}
    {%- if answer.unknown -%}
        {{- policy_workflow._fail("there is no execution " ~ answer.unknown[0] ~ " to take up. Look: dbt run-operation get_policy_execution_state") -}}
    {%- endif -%}
    {%- if answer.standing and answer.standing.completed.count -%}
        {%- do policy_workflow._log("policy_workflow: " ~ answer.standing.completed.count ~ " execution(s) were completed before; nothing is sent for them") -%}
    {%- endif -%}
    {{- return(answer) -}}
{%- endmacro %}

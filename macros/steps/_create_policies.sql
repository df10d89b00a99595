{#- Returns the answer of step 1 of a run, for what `request` asks for (see the procedure create_policy);
    `total` 0 means that there is nothing to do. -#}
{% macro _create_policies(run, request) -%}
    {%- set answer = policy_workflow._call_procedure('create_policy', dict(request, invocation_id=run)) -%}
    {%- if answer.cleaned -%}
        {%- do policy_workflow._log(
            "policy_workflow: removed " ~ answer.cleaned ~ " finished execution(s) past their retention"
        ) -%}
    {%- endif -%}
    {%- do policy_workflow._fail_refused(answer, request) -%}
    {%- do policy_workflow._log_step("Step 1: create policy", answer) -%}
    {%- if answer.completed -%}
        {%- do policy_workflow._log(
            "policy_workflow: " ~ answer.completed ~ " execution(s) were completed before; nothing is sent for them"
        ) -%}
    {%- endif -%}
    {{- return(answer) -}}
{%- endmacro %}

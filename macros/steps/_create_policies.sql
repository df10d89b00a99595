{#- Returns the answer of step 1 of a run, for what `request` asks for (see the procedure create_policy);
    `total` 0 means that there is nothing to do. -#}
{% macro _create_policies(run, request) -%}
    {%- set title = "Step 1: create policy" -%}
    {%- set asked = dict(request, invocation_id=run) -%}
    {#- A further call asks for what the run has claimed, and not for the policies once more. -#}
    {%- set further = {'executions': none, 'policies_from': none, 'of_run': none, 'take_over': none, 'go_on': true} -%}
    {%- set answer = policy_workflow._call_step(title, 'create_policy', asked, more=further) -%}
    {%- if answer.cleaned -%}
        {%- do policy_workflow._log(
            "policy_workflow: removed " ~ answer.cleaned ~ " finished execution(s) past their retention"
        ) -%}
    {%- endif -%}
    {%- do policy_workflow._fail_refused(answer, request) -%}
    {%- do policy_workflow._log_step(title, answer) -%}
    {%- if answer.completed -%}
        {%- do policy_workflow._log(
            "policy_workflow: " ~ answer.completed ~ " execution(s) were completed before; nothing is sent for them"
        ) -%}
    {%- endif -%}
    {{- return(answer) -}}
{%- endmacro %}

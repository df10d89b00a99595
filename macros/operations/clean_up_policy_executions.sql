{% macro clean_up_policy_executions(retention_minutes=none) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments('clean_up_policy_executions', ['retention_minutes'], {}, kwargs, varargs) -%}
        {%- do policy_workflow._check_settings() -%}
        {%- set minutes = policy_workflow._setting('policy_retention_minutes') if retention_minutes is none else retention_minutes -%}
        {%- if minutes is not integer or minutes is boolean or minutes < 0 or minutes > 5256000 -%}
            {{- policy_workflow._fail("retention_minutes must be a whole number from 0 to 5256000. Got: " ~ policy_workflow._got(minutes)) -}}
        {%- endif -%}
        {%- do policy_workflow._check_settings() -%}
        {%- do policy_workflow._ensure_deployed(['create_policy']) -%}
        {%- set answer = policy_workflow._call_procedure('create_policy', {'invocation_id': invocation_id, 'retention_minutes': minutes}) -%}
        {%- do policy_workflow._log("✅ policy_workflow: removed " ~ answer.cleaned ~ " finished executions older than " ~ minutes ~ " minutes; their events are kept") -%}
    {%- endif -%}
{%- endmacro %}

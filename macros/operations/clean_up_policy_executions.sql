{% macro clean_up_policy_executions(retention_minutes=none) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments(
            'clean_up_policy_executions', ['retention_minutes'], {}, kwargs, varargs
        ) -%}
        {%- do policy_workflow._check_settings() -%}
        {%- set minutes = retention_minutes -%}
        {%- if retention_minutes is none -%}
            {%- set minutes = policy_workflow._setting('policy_retention_minutes') -%}
        {%- endif -%}
        {%- set legal = {'type': 'integer', 'min': 0, 'max': 5256000} -%}
        {%- do policy_workflow._check_argument('retention_minutes', minutes, legal) -%}
        {%- do policy_workflow._ensure_deployed(['create_policy']) -%}
        {%- set request = {'invocation_id': invocation_id, 'retention_minutes': minutes} -%}
        {%- set answer = policy_workflow._call_procedure('create_policy', request) -%}
        {%- do policy_workflow._log(
            "✅ policy_workflow: removed " ~ answer.cleaned ~ " finished executions older than " ~ minutes
            ~ " minutes; their events are kept"
        ) -%}
    {%- endif -%}
{%- endmacro %}

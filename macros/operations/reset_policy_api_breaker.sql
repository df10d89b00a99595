{% macro reset_policy_api_breaker(endpoint=none) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments('reset_policy_api_breaker', ['endpoint'], {}, kwargs, varargs) -%}
        {%- set legal = {
            'type': 'text', 'pattern': 'find|create|poll|trigger', 'says': 'find, create, poll or trigger'
        } -%}
        {%- if endpoint is not none -%}
            {%- do policy_workflow._check_argument('endpoint', endpoint, legal) -%}
        {%- endif -%}
        {%- do policy_workflow._check_settings() -%}
        {%- do policy_workflow._ensure_deployed(['check_policy_api'], reads=policy_workflow._tables()) -%}
        {#- Before the breaker is closed: where the role may not read what was held back, nothing is done. -#}
        {%- set going_on = policy_workflow._going_on_after_reset() -%}
        {%- set answer = policy_workflow._call_procedure('check_policy_api', {
            'invocation_id': invocation_id,
            'reset_breaker': endpoint or 'all'
        }) -%}
        {%- if answer.closed -%}
            {%- do policy_workflow._log(
                "✅ policy_workflow: closed the breaker towards the API for " ~ answer.closed | join(', ')
                ~ ". To go on with what was left: " ~ going_on
            ) -%}
        {%- else -%}
            {%- set which = "" if endpoint is none else " for " ~ endpoint -%}
            {%- do policy_workflow._log(
                "✅ policy_workflow: no breaker towards the API is open" ~ which ~ "; nothing was changed"
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

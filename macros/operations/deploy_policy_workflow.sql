{% macro deploy_policy_workflow(take_over=false) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments('deploy_policy_workflow', ['take_over'], {}, kwargs, varargs) -%}
        {%- if take_over is not boolean -%}
            {{- policy_workflow._fail("take_over must be true or false. Got: " ~ policy_workflow._got(take_over)) -}}
        {%- endif -%}
        {%- do policy_workflow._check_settings() -%}
        {%- if policy_workflow._ensure_deployed(policy_workflow._procedures(), whole=true, take_over=take_over) -%}
            {%- do policy_workflow._log("✅ policy_workflow: " ~ policy_workflow._schema_name() ~ " is current: " ~ policy_workflow._procedures() | join(', ')) -%}
        {%- else -%}
            {%- do policy_workflow._log("✅ policy_workflow: everything in " ~ policy_workflow._schema_name() ~ " is current; nothing was changed") -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

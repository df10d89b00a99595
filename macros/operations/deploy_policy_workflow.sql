{% macro deploy_policy_workflow(take_over=false) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments('deploy_policy_workflow', ['take_over'], {}, kwargs, varargs) -%}
        {%- do policy_workflow._check_argument('take_over', take_over, {'type': 'boolean'}) -%}
        {%- do policy_workflow._check_settings() -%}
        {%- set names = policy_workflow._procedures() -%}
        {%- set is_changed = policy_workflow._ensure_deployed(names, whole=true, take_over=take_over) -%}
        {%- set place = policy_workflow._schema_name() -%}
        {%- if is_changed -%}
            {%- do policy_workflow._log("✅ policy_workflow: " ~ place ~ " is current: " ~ names | join(', ')) -%}
        {%- else -%}
            {%- do policy_workflow._log(
                "✅ policy_workflow: everything in " ~ place ~ " is current; nothing was changed"
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

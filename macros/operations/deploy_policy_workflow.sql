{% macro deploy_policy_workflow() -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments('deploy_policy_workflow', [], {}, kwargs, varargs) -%}
        {%- do policy_workflow._check_settings() -%}
        {%- set schema = policy_workflow._schema_name() -%}
        {%- set role = target.role or '...' -%}
        {%- if not policy_workflow._schema_is_there() -%}
            {{- policy_workflow._fail("schema " ~ schema ~ " does not exist, or role " ~ role ~ " may not see it: create schema if not exists " ~ schema ~ "; or: grant usage on database " ~ schema.split('.')[0] ~ " to role " ~ role ~ "; grant usage on schema " ~ schema ~ " to role " ~ role) -}}
        {%- endif -%}
        {%- if policy_workflow._ensure_deployed(policy_workflow._procedures(), whole=true) -%}
            {%- do policy_workflow._log("✅ policy_workflow: " ~ policy_workflow._schema_name() ~ " is current: " ~ policy_workflow._procedures() | join(', ')) -%}
        {%- else -%}
            {%- do policy_workflow._log("✅ policy_workflow: everything in " ~ policy_workflow._schema_name() ~ " is current; nothing was changed") -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

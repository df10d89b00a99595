{% macro deploy_policy_workflow() -%}
    {%- if execute -%}
        {%- set done = policy_workflow._ensure_deployed(policy_workflow._procedures()) -%}
        {%- if done -%}
            {%- do log("✅ policy_workflow: registered " ~ done | join(', ') ~ " in " ~ policy_workflow._schema_name(), info=true) -%}
        {%- else -%}
            {%- do log("✅ policy_workflow: everything in " ~ policy_workflow._schema_name() ~ " is current; nothing was changed", info=true) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

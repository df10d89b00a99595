{#- Returns nothing: makes sure that one procedure is there and current, and touches nothing else: a description
    can be tried beside procedures that are in use. Only for a procedure whose body holds no settings. -#}
{% macro _register_alone(name) -%}
    {%- if not policy_workflow._setting('policy_workflow_enabled') -%}
        {{- policy_workflow._fail(
            "policy_workflow is switched off: the var policy_workflow_enabled is false. Nothing was sent"
        ) -}}
    {%- endif -%}
    {%- do policy_workflow._say_missing_usage() -%}
    {%- set owners = policy_workflow._owners([name]) -%}
    {%- if owners['policy_execution_state'] is none -%}
        {%- do policy_workflow._create_schema() -%}
    {%- endif -%}
    {%- set found = policy_workflow._registered_procedures() | selectattr('name', 'equalto', name) | list -%}
    {%- set stale = policy_workflow._stale_procedures([name], found, '') -%}
    {%- if stale -%}
        {%- do policy_workflow._check_project(found) -%}
        {%- do policy_workflow._old_procedures(found) -%}
        {%- do policy_workflow._say_missing_grants([] if found else [name], whole=false) -%}
        {%- do run_query(stale[0].statement) -%}
        {%- do policy_workflow._log("policy_workflow: registered procedure " ~ name) -%}
        {%- set owners = policy_workflow._owners([name]) -%}
    {%- endif -%}
    {%- if owners['policy_execution_state'] is none -%}
        {#- Without tables the procedure must be this role's own: what a procedure receives is secret. -#}
        {%- set role = run_query("select current_role() as role_name").rows[0]['ROLE_NAME'] -%}
        {%- do owners.update({'policy_execution_state': role if owners[name] == role else none}) -%}
    {%- endif -%}
    {%- do policy_workflow._check_owners([name], owners) -%}
{%- endmacro %}

{#- Returns whether anything was changed. Makes sure that tables and procedures are there and current, and logs
    what was done, item by item. When the `needed` procedures are current, one query of what the session may
    use, one of the procedures with their owners, and no DDL are sent. So the role needs no CREATE privilege,
    and no grant on a procedure that it does not call. `whole` looks at tables and older versions all the same,
    and `take_over` replaces what another project has deployed. `reads` are the tables that the command reads
    itself. -#}
{% macro _ensure_deployed(needed, whole=false, reads=[], take_over=false) -%}
    {%- if not policy_workflow._setting('policy_workflow_enabled') -%}
        {{- policy_workflow._fail(
            "policy_workflow is switched off: the var policy_workflow_enabled is false. Nothing was sent"
        ) -}}
    {%- endif -%}
    {%- do policy_workflow._say_missing_usage() -%}
    {%- set seen = [] -%}
    {%- set owners = policy_workflow._owners(needed, reads, seen) -%}
    {%- set rights = [] -%}
    {%- for table in reads if owners[table] is none -%}
        {%- do rights.append('select on table ' ~ table) -%}
    {%- endfor -%}
    {%- set makes_tables = rights and policy_workflow._may_make_tables(owners) -%}
    {#- Where the role sees no table at all, they are created; what that needs is told there. -#}
    {%- if rights and not makes_tables and rights | length < reads | length -%}
        {%- do policy_workflow._say_needed_grants(rights) -%}
        {%- do policy_workflow._say_who_makes_tables(owners) -%}
    {%- endif -%}
    {%- if owners['policy_execution_state'] is none -%}
        {%- do policy_workflow._create_schema() -%}
    {%- endif -%}
    {%- set body = policy_workflow._body_with_settings() -%}
    {%- set is_changed = false -%}
    {%- if whole or policy_workflow._stale_procedures(needed, seen, body) -%}
        {#- INFORMATION_SCHEMA may hide what other roles own (docs/snowflake_facts.md#show-and-describe). -#}
        {%- set found = policy_workflow._registered_procedures() -%}
        {%- if whole or policy_workflow._stale_procedures(needed, found, body) -%}
            {%- set is_changed = policy_workflow._bring_up_to_date(needed, found, body, take_over) -%}
        {%- endif -%}
    {%- endif -%}
    {%- if makes_tables and not is_changed -%}
        {%- set is_changed = policy_workflow._create_tables() | length > 0 -%}
    {%- endif -%}
    {%- if is_changed -%}
        {%- set owners = policy_workflow._owners(needed) -%}
    {%- endif -%}
    {%- do policy_workflow._check_owners(needed, owners) -%}
    {{- return(is_changed) -}}
{%- endmacro %}

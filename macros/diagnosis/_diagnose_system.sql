{#- Returns nothing: makes every check, in order. A check that needs what an earlier check did not find is left
    out. -#}
{% macro _diagnose_system(findings, check_api) -%}
    {%- set connection = policy_workflow._diagnose_connection(findings) -%}
    {%- set role = connection.role -%}
    {%- set is_cased = policy_workflow._diagnose_parameters(findings, connection.user) -%}
    {%- set is_usable = false -%}
    {%- if is_cased and connection.schema_exists -%}
        {%- set is_usable = policy_workflow._diagnose_tables(findings, role) -%}
    {%- endif -%}
    {%- set procedures = {'owner': role, 'can_check_api': false} -%}
    {%- if connection.schema_exists and connection.warehouse -%}
        {%- set procedures = policy_workflow._diagnose_procedures(findings, role) -%}
    {%- endif -%}
    {%- do policy_workflow._diagnose_external_access(findings, role, procedures.owner) -%}
    {%- if not check_api -%}
        {%- do policy_workflow._add_finding(findings, 'api_not_asked') -%}
    {%- elif procedures.can_check_api -%}
        {%- do policy_workflow._diagnose_api(findings) -%}
    {%- else -%}
        {%- do policy_workflow._add_finding(findings, 'api_not_checked') -%}
    {%- endif -%}
    {%- do policy_workflow._diagnose_grants(findings, role) -%}
    {#- SELECT needs a warehouse; SHOW and DESCRIBE do not (docs/snowflake_facts.md#show-and-describe). -#}
    {%- if is_usable and connection.warehouse -%}
        {%- do policy_workflow._diagnose_breakers(findings) -%}
        {%- do policy_workflow._diagnose_executions(findings) -%}
        {%- do policy_workflow._diagnose_history(findings) -%}
        {%- set events = policy_workflow._events_sql('e."event_time" >= dateadd(hour, -24, current_timestamp())') -%}
        {%- if not policy_workflow._add_causes(findings, events, 'warn') -%}
            {%- do policy_workflow._add_finding(findings, 'none_failed') -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

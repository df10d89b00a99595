{#- Every check, in order; one that needs what an earlier one did not find is left out. -#}
{% macro _diagnose_system(findings, check_api) -%}
    {%- set connection = policy_workflow._diagnose_connection(findings) -%}
    {%- set cased = policy_workflow._diagnose_parameters(findings, connection.user) -%}
    {%- set usable = cased and connection.schema_exists and policy_workflow._diagnose_tables(findings, connection.role) -%}
    {%- set procedures = policy_workflow._diagnose_procedures(findings, connection.role) if connection.schema_exists and connection.warehouse else {'owner': connection.role, 'can_check_api': false} -%}
    {%- do policy_workflow._diagnose_external_access(findings, connection.role, procedures.owner) -%}
    {%- if check_api and procedures.can_check_api -%}
        {%- do policy_workflow._diagnose_api(findings) -%}
    {%- elif check_api -%}
        {%- do policy_workflow._add_finding(findings, 'API', 'error', "not checked: the procedure check_policy_api is not there for this role", "dbt run-operation deploy_policy_workflow") -%}
    {%- else -%}
        {%- do policy_workflow._add_finding(findings, 'API', 'skipped', "not asked", "dbt run-operation diagnose_policy_execution --args '{check_api: true}'") -%}
    {%- endif -%}
    {%- do policy_workflow._diagnose_grants(findings, connection.role) -%}
    {#- What selects needs a warehouse; what shows and describes does not (facts, 8). -#}
    {%- if usable and connection.warehouse -%}
        {%- do policy_workflow._diagnose_executions(findings) -%}
        {%- do policy_workflow._diagnose_history(findings) -%}
        {%- do policy_workflow._diagnose_failures(findings) -%}
    {%- endif -%}
{%- endmacro %}

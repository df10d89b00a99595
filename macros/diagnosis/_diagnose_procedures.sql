{#- The procedures: registered, current, runtime, owner, rights. INFORMATION_SCHEMA shows what this role
    may see and fails for none (facts, 8). Answers their owner, and whether the one that checks the API
    can be called. -#}
{% macro _diagnose_procedures(findings, role) -%}
    {%- set database, schema = policy_workflow._schema_name().split('.') -%}
    {%- set deploy = "dbt run-operation deploy_policy_workflow" -%}
    {%- set statement -%}
select
    lower(p.procedure_name) as name,
    p.procedure_owner as owner,
    p.argument_signature as signature,
    p.comment as comment,
    p.runtime_version as runtime
from {{ database }}.information_schema.procedures as p
where upper(p.procedure_schema) = {{ policy_workflow._sql_literal(schema | upper) }}
order by p.procedure_name
    {%- endset -%}
    {%- set current = {} -%}
    {%- for row in run_query(statement).rows if row['NAME'] in policy_workflow._procedures() -%}
        {%- set kinds = modules.re.findall('[A-Z_0-9]+(?=[,)])', row['SIGNATURE'] | upper) -%}
        {%- if kinds == ['VARCHAR'] -%}
            {%- do current.update({row['NAME']: row}) -%}
        {%- else -%}
            {%- do policy_workflow._add_finding(findings, row['NAME'] ~ row['SIGNATURE'], 'warn', "a signature of an older version, still callable", "drop procedure if exists " ~ policy_workflow._relation_name(row['NAME']) ~ "(" ~ kinds | join(', ') ~ ")") -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set body = policy_workflow._body_with_settings() -%}
    {%- for name in policy_workflow._procedures() -%}
        {%- set row = current.get(name) -%}
        {%- if not row -%}
            {%- do policy_workflow._add_finding(findings, name, 'error', "not registered, or role " ~ role ~ " may not use it", deploy ~ "; or: grant usage on procedure " ~ policy_workflow._relation_name(name) ~ "(varchar) to role " ~ role) -%}
        {%- else -%}
            {%- set rights = [] -%}
            {%- if row['OWNER'] == role -%}
                {%- for property in run_query("describe procedure " ~ policy_workflow._relation_name(name) ~ "(varchar)").rows if property['property'] == 'execute as' -%}
                    {%- do rights.append(property['value'] | upper) -%}
                {%- endfor -%}
            {%- endif -%}
            {%- set about = "Python " ~ row['RUNTIME'] ~ ", owner " ~ row['OWNER'] ~ (", execute as " ~ rights[0] if rights else "") -%}
            {%- if rights and rights[0] != 'OWNER' -%}
                {%- do policy_workflow._add_finding(findings, name, 'error', about ~ ": it must run with its owner's rights", "alter procedure " ~ policy_workflow._relation_name(name) ~ "(varchar) execute as owner") -%}
            {%- elif row['COMMENT'] != 'policy_workflow ' ~ policy_workflow._procedure_ddl(name, body).hash -%}
                {%- do policy_workflow._add_finding(findings, name, 'warn', about ~ "; not current: a var or the project changed since it was registered. The next run registers it anew, and needs CREATE PROCEDURE for that", deploy) -%}
            {%- elif row['RUNTIME'] in ('3.8', '3.9', '3.10') -%}
                {%- do policy_workflow._add_finding(findings, name, 'warn', about ~ ": Snowflake phases this Python out", "set policy_runtime_version to '3.11' or later; then " ~ deploy) -%}
            {%- else -%}
                {%- do policy_workflow._add_finding(findings, name, 'ok', "current; " ~ about) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set owners = current.values() | map(attribute='OWNER') | unique | list -%}
    {%- set table_owner = policy_workflow._owners([])['policy_execution_state'] -%}
    {%- set trusted = [] -%}
    {%- for name, row in current.items() -%}
        {%- if table_owner is none or row['OWNER'] == table_owner -%}
            {%- do trusted.append(name) -%}
        {%- else -%}
            {%- do policy_workflow._add_finding(findings, name, 'error', policy_workflow._other_owner(name, row['OWNER'], table_owner) ~ ": it is not called", policy_workflow._other_owner_remedy(name, table_owner)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return({'owner': table_owner or owners[0] if owners else role, 'can_check_api': 'check_policy_api' in trusted}) -}}
{%- endmacro %}

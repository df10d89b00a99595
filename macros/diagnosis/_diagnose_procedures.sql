{#- The procedures: registered, current, runtime, owner, rights. Which there are, and their hash, is what
    SHOW tells: INFORMATION_SCHEMA hides a procedure, or its definition, from those who do not own it
    (facts, 00). Answers their owner, and whether the one that checks the API can be called. -#}
{% macro _diagnose_procedures(findings, role) -%}
    {%- set deploy = "dbt run-operation deploy_policy_workflow" -%}
    {%- set found = policy_workflow._registered_procedures() -%}
    {%- for procedure in found if not procedure.fits -%}
        {%- do policy_workflow._add_finding(findings, procedure.name ~ '(' ~ procedure.types ~ ')', 'warn', "a signature of an older version, still callable", "drop procedure if exists " ~ policy_workflow._relation_name(procedure.name) ~ "(" ~ procedure.types ~ ")") -%}
    {%- endfor -%}
    {%- set current = {} -%}
    {%- for procedure in found if procedure.fits -%}{%- do current.update({procedure.name: procedure}) -%}{%- endfor -%}
    {%- set owners = policy_workflow._owners(current | list) -%}
    {%- do policy_workflow._add_hidden_owners(current | list, owners) -%}
    {%- set table_owner = owners.pop('policy_execution_state') -%}
    {%- set body = policy_workflow._body_with_settings() -%}
    {%- for name in policy_workflow._procedures() -%}
        {%- if name not in current -%}
            {%- do policy_workflow._add_finding(findings, name, 'error', "not registered, or role " ~ role ~ " may not use it", deploy ~ "; or: grant usage on procedure " ~ policy_workflow._relation_name(name) ~ "(varchar) to role " ~ role) -%}
        {%- else -%}
            {%- set is_current = current[name].hash == policy_workflow._procedure_ddl(name, body).hash -%}
            {%- set properties = {} -%}
            {%- if owners[name] == role -%}
                {%- for row in run_query("describe procedure " ~ policy_workflow._relation_name(name) ~ "(varchar)").rows -%}
                    {%- do properties.update({row['property']: row['value']}) -%}
                {%- endfor -%}
            {%- endif -%}
            {#- The hash is of the runtime, too. -#}
            {%- set runtime = properties.get('runtime_version') or (policy_workflow._setting('policy_runtime_version') if is_current else 'of another registration') -%}
            {%- set rights = properties.get('execute as') | upper if properties else none -%}
            {%- set about = "Python " ~ runtime ~ ", owner " ~ (owners[name] or 'not shown') ~ (", execute as " ~ rights if rights else "") -%}
            {%- if rights and rights != 'OWNER' -%}
                {%- do policy_workflow._add_finding(findings, name, 'error', about ~ ": it must run with its owner's rights", "alter procedure " ~ policy_workflow._relation_name(name) ~ "(varchar) execute as owner") -%}
            {%- elif not is_current -%}
                {%- do policy_workflow._add_finding(findings, name, 'warn', about ~ "; not current: a var or the project changed since it was registered. The next run registers it anew, and needs CREATE PROCEDURE for that", deploy) -%}
            {%- else -%}
                {%- do policy_workflow._add_finding(findings, name, 'ok', "current; " ~ about) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set trusted = [] -%}
    {%- for name in current -%}
        {%- if table_owner is none or owners[name] == table_owner -%}
            {%- do trusted.append(name) -%}
        {%- else -%}
            {%- do policy_workflow._add_finding(findings, name, 'error', policy_workflow._other_owner(name, owners[name], table_owner) ~ ": it is not called", policy_workflow._other_owner_remedy(name, table_owner)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set known = owners.values() | select | list -%}
    {{- return({'owner': table_owner or (known[0] if known else role), 'can_check_api': 'check_policy_api' in trusted}) -}}
{%- endmacro %}

{#- Returns the owner of the tables and procedures, and whether the procedure that checks the API may be called;
    adds what it finds about the procedures: registered, current, runtime, owner, rights. SHOW lists the
    procedures and their hash: INFORMATION_SCHEMA hides a procedure, or its definition, from roles that do
    not own it (docs/snowflake_facts.md#show-and-describe). -#}
{% macro _diagnose_procedures(findings, role) -%}
    {%- set current = {} -%}
    {%- for procedure in policy_workflow._registered_procedures() -%}
        {%- if procedure.fits -%}
            {%- do current.update({procedure.name: procedure}) -%}
        {%- else -%}
            {%- do policy_workflow._add_finding(findings, 'procedure_old', {
                'name': procedure.name,
                'types': procedure.types,
                'procedure': policy_workflow._relation_name(procedure.name)
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set owners = policy_workflow._owners(current | list) -%}
    {%- do policy_workflow._add_hidden_owners(current | list, owners) -%}
    {%- set table_owner = owners.pop('policy_execution_state') -%}
    {%- set body = policy_workflow._body_with_settings() -%}
    {%- set marks = policy_workflow._registration_marks() -%}
    {%- for name in policy_workflow._procedures() -%}
        {%- if name in current -%}
            {%- set is_current = current[name].hash == policy_workflow._procedure_ddl(name, body).hash -%}
            {%- set reason = none if is_current else policy_workflow._registration_reason(current[name], marks) -%}
            {%- do policy_workflow._diagnose_procedure(findings, name, role, owners[name], reason) -%}
        {%- else -%}
            {%- set values = {'name': name, 'procedure': policy_workflow._relation_name(name), 'role': role} -%}
            {%- do policy_workflow._add_finding(findings, 'procedure_missing', values) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set trusted = [] -%}
    {%- for name in current -%}
        {%- if table_owner is none or owners[name] == table_owner -%}
            {%- do trusted.append(name) -%}
        {%- else -%}
            {%- set other = policy_workflow._other_owner(name, owners[name], table_owner) -%}
            {%- do policy_workflow._add_finding(findings, 'procedure_of_another', dict(other, name=name)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set known = owners.values() | select | list + [role] -%}
    {{- return({'owner': table_owner or known[0], 'can_check_api': 'check_policy_api' in trusted}) -}}
{%- endmacro %}

{#- Returns nothing: adds what it finds about one procedure that is there. Only the owner sees its properties;
    where the procedure is current the hash says which runtime it has. `reason` is why it is not current, or
    none. -#}
{% macro _diagnose_procedure(findings, name, role, owner, reason) -%}
    {%- set procedure = policy_workflow._relation_name(name) -%}
    {%- set properties = {} -%}
    {%- if owner == role -%}
        {%- for row in run_query("describe procedure " ~ procedure ~ "(varchar)").rows -%}
            {%- do properties.update({row['property']: row['value']}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set runtime = properties.get('runtime_version') or 'of another registration' -%}
    {%- if reason is none -%}
        {%- set runtime = properties.get('runtime_version') or policy_workflow._setting('policy_runtime_version') -%}
    {%- endif -%}
    {%- set about = ["Python " ~ runtime, "owner " ~ (owner or 'not shown')] -%}
    {%- set rights = properties.get('execute as') | upper if properties else none -%}
    {%- if rights -%}{%- do about.append("execute as " ~ rights) -%}{%- endif -%}
    {%- set values = {'name': name, 'procedure': procedure, 'about': about | join(', ')} -%}
    {%- if rights and rights != 'OWNER' -%}
        {%- do policy_workflow._add_finding(findings, 'procedure_of_caller', values) -%}
    {%- elif reason is not none -%}
        {%- do policy_workflow._add_finding(findings, 'procedure_not_current', dict(values, reason=reason)) -%}
    {%- else -%}
        {%- do policy_workflow._add_finding(findings, 'procedure', values) -%}
    {%- endif -%}
{%- endmacro %}

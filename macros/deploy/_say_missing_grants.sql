{#- Returns nothing: logs, before a registration, the grants that this role seems to lack; Snowflake's refusal
    names no grant. Only a missing warehouse is certain and refused at once. The other grants may come through
    another role, so the statement is sent all the same. `hidden` are the procedures that the command calls
    and this role does not see; SHOW does not say whether they are deployed. Without `whole` the registration
    makes no tables, and no procedure that calls the API. -#}
{% macro _say_missing_grants(hidden, whole=true) -%}
    {%- set deployer = policy_workflow._setting('policy_workflow_deployer_role') -%}
    {%- set rights = ['create procedure'] + (['create table', 'read'] if whole else []) -%}
    {%- for row in run_query("select current_role() as role_name, current_warehouse() as warehouse").rows -%}
        {%- set role = row['ROLE_NAME'] -%}
        {%- if not row['WAREHOUSE'] -%}
            {{- policy_workflow._fail(
                "procedures need a warehouse, and role " ~ role ~ " has none that it may use. Name one in the "
                ~ "profile, or: grant usage on warehouse " ~ (target.warehouse or '...') ~ " to role " ~ role
            ) -}}
        {%- endif -%}
        {%- set needed = [] -%}
        {%- for grant in policy_workflow._setup_grants() if grant.role == deployer -%}
            {%- if grant.right in rights or (whole and grant.kind == 'integration') -%}
                {%- do needed.append(dict(grant, role=role)) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set missing = policy_workflow._missing_grants(role, needed) -%}
        {%- if hidden and missing | selectattr('right', 'equalto', 'create procedure') | list -%}
            {%- set usages = [] -%}
            {%- for name in hidden -%}
                {%- set signature = policy_workflow._relation_name(name) ~ '(varchar)' -%}
                {%- set usage = {'right': 'usage', 'kind': 'procedure', 'name': signature, 'role': role} -%}
                {%- do usages.append(policy_workflow._grant_sql(usage)) -%}
            {%- endfor -%}
            {%- do policy_workflow._log(
                "⚠️  policy_workflow: role " ~ role ~ " does not see " ~ hidden | join(', ')
                ~ ". If they are deployed: " ~ usages | join('; ')
                ~ ". If not, let a role that may create run deploy_policy_workflow"
            ) -%}
        {%- endif -%}
        {%- if missing -%}
            {%- set statements = [] -%}
            {%- for grant in missing -%}{%- do statements.append(policy_workflow._grant_sql(grant)) -%}{%- endfor -%}
            {%- do policy_workflow._log(
                "⚠️  policy_workflow: to register procedures, role " ~ role
                ~ " lacks, unless another role that it inherits has it: " ~ statements | join('; ')
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

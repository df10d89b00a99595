{#- Before a registration: names the grants that this role seems to lack, as Snowflake's refusal does not.
    Only a missing warehouse is certain and refused at once; the rest may come through another role, so
    it is said, and the statement is sent all the same. `hidden` are the procedures that the command
    calls and this role does not see: deployed or not, SHOW does not tell. -#}
{% macro _say_missing_grants(hidden) -%}
    {%- set names = policy_workflow._setup_names() -%}
    {%- for row in run_query("select current_role() as role_name, current_warehouse() as warehouse").rows -%}
        {%- set role = row['ROLE_NAME'] -%}
        {%- if not row['WAREHOUSE'] -%}
            {{- policy_workflow._fail("procedures need a warehouse, and role " ~ role ~ " has none that it may use. Name one in the profile, or: grant usage on warehouse " ~ (target.warehouse or '...') ~ " to role " ~ role) -}}
        {%- endif -%}
        {%- set needed = [] -%}
        {%- for grant in policy_workflow._setup_grants() if grant.role == names.deployer and (grant.right in ('create table', 'create procedure', 'read') or grant.kind == 'integration') -%}
            {%- do needed.append(dict(grant, role=role)) -%}
        {%- endfor -%}
        {%- set missing = policy_workflow._missing_grants(role, needed) -%}
        {%- if hidden and missing | selectattr('right', 'equalto', 'create procedure') | list -%}
            {%- set grants = [] -%}
            {%- for name in hidden -%}
                {%- do grants.append(policy_workflow._grant_sql({'right': 'usage', 'kind': 'procedure', 'name': policy_workflow._relation_name(name) ~ '(varchar)', 'role': role})) -%}
            {%- endfor -%}
            {%- do policy_workflow._log("⚠️  policy_workflow: role " ~ role ~ " does not see " ~ hidden | join(', ') ~ ". If they are deployed: " ~ grants | join('; ') ~ ". If not, let a role that may create run deploy_policy_workflow") -%}
        {%- endif -%}
        {%- if missing -%}
            {%- set statements = [] -%}
            {%- for grant in missing -%}{%- do statements.append(policy_workflow._grant_sql(grant)) -%}{%- endfor -%}
            {%- do policy_workflow._log("⚠️  policy_workflow: to register procedures, role " ~ role ~ " lacks, unless another role that it inherits has it: " ~ statements | join('; ')) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

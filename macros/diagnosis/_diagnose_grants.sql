{#- Returns nothing: adds, for a role of the set-up, which of its grants the role does not hold itself. A
    warning, because another role that it inherits may have them. The views stand for the grant on future
    views, which SHOW GRANTS leaves out. -#}
{% macro _diagnose_grants(findings, role) -%}
    {%- set mine = [] -%}
    {%- for grant in policy_workflow._setup_grants() if grant.role | upper == role | upper -%}
        {%- do mine.append(grant) -%}
    {%- endfor -%}
    {%- set future = mine | selectattr('right', 'equalto', 'select') | rejectattr('kind', 'equalto', 'table') | list -%}
    {%- set missing = policy_workflow._missing_grants(role, mine | reject('in', future) | list) if mine else [] -%}
    {%- for grant in missing -%}
        {%- set values = dict(grant, role=role, grant=policy_workflow._grant_sql(grant)) -%}
        {%- do policy_workflow._add_finding(findings, 'grant_missing', values) -%}
    {%- endfor -%}
    {%- set unseen = policy_workflow._unseen_models() if future else [] -%}
    {%- if unseen -%}
        {%- do policy_workflow._add_finding(findings, 'views_missing', {
            'role': role,
            'views': unseen | join(', '),
            'grant': policy_workflow._grant_sql(future[0]),
            'deployer': policy_workflow._setting('policy_workflow_deployer_role')
        }) -%}
    {%- endif -%}
    {%- if mine and not missing and not unseen -%}
        {%- do policy_workflow._add_finding(findings, 'grants', {'role': role}) -%}
    {%- endif -%}
{%- endmacro %}

{#- Returns the models of this package whose view is not there for this role. SHOW ... IN ACCOUNT fails for no
    role. -#}
{% macro _unseen_models() -%}
    {%- set seen = [] -%}
    {%- for row in run_query("show views like 'policy_%' in account").rows -%}
        {%- do seen.append([row['database_name'], row['schema_name'], row['name']] | join('.') | upper) -%}
    {%- endfor -%}
    {%- set unseen = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.package_name == 'policy_workflow' -%}
        {%- if [node.database, node.schema, node.alias] | join('.') | upper not in seen -%}
            {%- do unseen.append(node.alias) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(unseen) -}}
{%- endmacro %}

{#- For a role of the set-up: which of its grants it does not hold itself. A warning, as another role that
    it inherits may have them. The views stand for the grant on future views, which SHOW GRANTS leaves
    out. -#}
{% macro _diagnose_grants(findings, role) -%}
    {%- set mine = [] -%}
    {%- for grant in policy_workflow._setup_grants() if grant.role | upper == role | upper -%}
        {%- do mine.append(grant) -%}
    {%- endfor -%}
    {%- set future = mine | selectattr('right', 'equalto', 'select') | rejectattr('kind', 'equalto', 'table') | list -%}
    {%- set missing = policy_workflow._missing_grants(role, mine | reject('in', future) | list) if mine else [] -%}
    {%- for grant in missing -%}
        {%- do policy_workflow._add_finding(findings, grant.right ~ ' on ' ~ grant.kind, 'warn', "role " ~ role ~ " does not have it on " ~ grant.name ~ " itself; needed, unless another role that it inherits has it", policy_workflow._grant_sql(grant)) -%}
    {%- endfor -%}
    {%- set unseen = policy_workflow._unseen_models() if future else [] -%}
    {%- if unseen -%}
        {%- do policy_workflow._add_finding(findings, 'views', 'warn', "not built, or role " ~ role ~ " may not read them: " ~ unseen | join(', '), policy_workflow._grant_sql(future[0]) ~ "; then, as role " ~ policy_workflow._setup_names().deployer ~ ": dbt build") -%}
    {%- endif -%}
    {%- if mine and not missing and not unseen -%}
        {%- do policy_workflow._add_finding(findings, 'grants', 'ok', "role " ~ role ~ " has what the set-up gives it") -%}
    {%- endif -%}
{%- endmacro %}

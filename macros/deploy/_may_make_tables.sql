{#- What to do about tables that a role does not see, while it sees others of the workflow's things. A table that is
    not there cannot be told from a table that is hidden from the role. -#}

{#- Returns whether this role may make the tables that it does not see: it owns all that it sees of the workflow,
    and nothing is hidden from an owner. A table of another owner than the procedures' would be of no use to
    them. `owners` is what _owners returns; where the role sees nothing, no statement is sent. -#}
{% macro _may_make_tables(owners) -%}
    {%- set known = owners.values() | reject('none') | unique | list -%}
    {%- set may = false -%}
    {%- if known | length == 1 -%}
        {%- set may = run_query("select current_role() as role_name").rows[0]['ROLE_NAME'] == known[0] -%}
    {%- endif -%}
    {{- return(may) -}}
{%- endmacro %}

{#- Returns nothing: logs who makes the tables that this role does not see, in case that they are not there, and
    the grants in case that they are. Jinja cannot catch Snowflake's refusal, which comes later. -#}
{% macro _say_who_makes_tables(owners) -%}
    {%- set tables = policy_workflow._tables() -%}
    {%- set grants = [] -%}
    {%- set unseen = [] -%}
    {%- for name, owner in owners.items() if name in tables and owner is none -%}
        {%- do unseen.append(name) -%}
        {%- do grants.append(policy_workflow._grant_sql({
            'right': 'select',
            'kind': 'table',
            'name': policy_workflow._relation_name(name),
            'role': target.role or '...'
        })) -%}
    {%- endfor -%}
    {%- set known = owners.values() | reject('none') | list -%}
    {%- do policy_workflow._log(
        "⚠️  policy_workflow: role " ~ (target.role or '...') ~ " does not see table " ~ unseen | join(', ')
        ~ ". If not there: as role " ~ (known[0] if known else '...')
        ~ ": dbt run-operation deploy_policy_workflow. If there: " ~ grants | join('; ')
    ) -%}
{%- endmacro %}

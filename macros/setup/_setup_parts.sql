{#- Returns the set-up script in its parts, each for another role and in the order in which they are run: a
    heading, and statements with what they are for. -#}
{% macro _setup_parts() -%}
    {%- set n = policy_workflow._setup_names() -%}
    {%- if n.warehouse is not string or not modules.re.fullmatch('[A-Za-z_][A-Za-z0-9_$]*', n.warehouse) -%}
        {{- policy_workflow._fail(
            "the set-up needs a warehouse by an unquoted name, in the profile or in the var "
            ~ "policy_workflow_warehouse. Got: " ~ policy_workflow._got(n.warehouse)
        ) -}}
    {%- endif -%}
    {%- do policy_workflow._check_names([n.schema, n.models] + n.integrations) -%}
    {%- set future = [
        'dbt replaces a view at each build, and its grants go with the old one: only a grant on future',
        'views comes back. It needs MANAGE GRANTS, and grants of a database on future views no longer',
        'count in this schema. Tables are never replaced, procedures are with COPY GRANTS: they are',
        'granted one by one, after the first deployment, and nothing else of the schema with them.'
    ] -%}
    {%- set secret = ', and the secret' ~ ('s' if n.secrets | length > 1 else '') if n.secrets else '' -%}
    {%- set parts = [
        {
            'part': 'account',
            'heading': ['Part "account": an account administrator (ACCOUNTADMIN)'],
            'statements': policy_workflow._setup_objects()
        },
        {
            'part': 'schema',
            'heading': [
                'Part "schema": who owns ' ~ n.schema ~ ' and its database' ~ secret,
                '(the account administrator, when part "account" made them)'
            ],
            'statements': []
        },
        {
            'part': 'deployer',
            'heading': [
                'Part "deployer": role ' ~ n.deployer ~ ', after its first',
                'dbt run-operation deploy_policy_workflow. Where ' ~ n.schema ~ ' has managed access:',
                'the role that owns that schema, or one with MANAGE GRANTS'
            ],
            'statements': []
        }
    ] -%}
    {%- set grants = policy_workflow._setup_grants() -%}
    {%- for part in parts -%}
        {%- for grant in grants if grant.part == part.part -%}
            {%- set says = future if grant.kind.startswith('future') else [] -%}
            {%- do part.statements.append({'says': says, 'sql': policy_workflow._grant_sql(grant)}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(parts) -}}
{%- endmacro %}

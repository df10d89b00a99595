{#- The grants of the set-up, and what a role lacks of them. -#}

{#- Returns every grant of the set-up: part of the script, role, right, kind and name of the object. This is
    the only list of grants; the diagnosis and a registration compare what they find with it. -#}
{% macro _setup_grants() -%}
    {%- set n = policy_workflow._setup_names() -%}
    {%- set everyone = [n.deployer, n.runner, n.reader] -%}
    {%- set rows = [] -%}
    {%- for role in everyone if n.warehouse -%}
        {%- do rows.append(['account', role, 'usage', 'warehouse', n.warehouse]) -%}
    {%- endfor -%}
    {%- for integration in n.integrations -%}
        {%- do rows.append(['account', n.deployer, 'usage', 'integration', integration]) -%}
    {%- endfor -%}
    {%- do rows.append(['account', n.reader, 'select', 'future views in schema', n.models]) -%}
    {%- set places = [[n.schema, everyone]] -%}
    {%- if n.models | upper != n.schema | upper -%}
        {%- do places.append([n.models, [n.deployer, n.reader]]) -%}
    {%- endif -%}
    {%- for secret in n.secrets -%}
        {%- set schema = secret.name.rpartition('.')[0] -%}
        {%- if schema | upper not in places | map('first') | map('upper') -%}
            {%- do places.append([schema, [n.deployer]]) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for schema, roles in places -%}
        {%- for role in roles -%}
            {%- set row = ['schema', role, 'usage', 'database', schema.split('.')[0]] -%}
            {%- if row not in rows -%}{%- do rows.append(row) -%}{%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for schema, roles in places -%}
        {%- for role in roles -%}
            {%- do rows.append(['schema', role, 'usage', 'schema', schema]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for right, schema in [('create table', n.schema), ('create procedure', n.schema), ('create view', n.models)] -%}
        {%- do rows.append(['schema', n.deployer, right, 'schema', schema]) -%}
    {%- endfor -%}
    {%- for secret in n.secrets -%}
        {%- do rows.append(['schema', n.deployer, 'read', 'secret', secret.name]) -%}
    {%- endfor -%}
    {%- for name in policy_workflow._procedures() -%}
        {%- set signature = policy_workflow._relation_name(name) ~ '(varchar)' -%}
        {%- do rows.append(['deployer', n.runner, 'usage', 'procedure', signature]) -%}
    {%- endfor -%}
    {%- for role in [n.runner, n.reader] -%}
        {%- for name in policy_workflow._tables() -%}
            {%- do rows.append(['deployer', role, 'select', 'table', policy_workflow._relation_name(name)]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set grants = [] -%}
    {%- for part, role, right, kind, name in rows -%}
        {%- do grants.append({'part': part, 'role': role, 'right': right, 'kind': kind, 'name': name}) -%}
    {%- endfor -%}
    {{- return(grants) -}}
{%- endmacro %}

{#- Returns the GRANT statement of one grant. -#}
{% macro _grant_sql(grant) -%}
    {{- return('grant ' ~ grant.right ~ ' on ' ~ grant.kind ~ ' ' ~ grant.name ~ ' to role ' ~ grant.role) -}}
{%- endmacro %}

{#- Returns those of some grants that a role does not hold itself, by a grant or as owner of the object. The
    role may still have them through a role that it inherits, which SHOW does not list. So a caller names
    what is missing here, and refuses nothing. A role may always list its own grants. -#}
{% macro _missing_grants(role, grants) -%}
    {%- set held = [] -%}
    {%- for row in run_query('show grants to role "' ~ role ~ '"').rows -%}
        {%- set name = (row['name'] | string).replace('"', '').split('(')[0] -%}
        {%- do held.append([row['privilege'], row['granted_on'] | replace('_', ' '), name] | join(' ') | upper) -%}
    {%- endfor -%}
    {%- set missing = [] -%}
    {%- for grant in grants -%}
        {%- set object = grant.kind ~ ' ' ~ grant.name.split('(')[0] -%}
        {%- set right = (grant.right ~ ' ' ~ object) | upper -%}
        {%- if right not in held and ('OWNERSHIP ' ~ object) | upper not in held -%}
            {%- do missing.append(grant) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(missing) -}}
{%- endmacro %}

{#- Returns nothing: logs, without a statement, which rights the role needs on what the command uses, where one of
    them seems to be missing. Snowflake's refusals name no grant, and Jinja cannot catch them. `rights` come
    after USAGE, as '<right> on <object>'; `schemas` are the schemas that the command uses. -#}
{% macro _say_needed_grants(rights=[], schemas=none) -%}
    {%- set places = schemas or [policy_workflow._schema_name()] -%}
    {%- set used = [] -%}
    {%- for place in places -%}
        {%- set database = 'database ' ~ place.split('.')[0] -%}
        {%- if database not in used -%}{%- do used.append(database) -%}{%- endif -%}
    {%- endfor -%}
    {%- for place in places -%}{%- do used.append('schema ' ~ place) -%}{%- endfor -%}
    {%- do used.append('warehouse ' ~ target.warehouse if target.warehouse else 'a warehouse') -%}
    {%- set role = 'role ' ~ target.role if target.role else "the user's default role" -%}
    {%- set needed = ([used | join(', ')] + rights) | join('; ') -%}
    {%- do policy_workflow._log("policy_workflow: " ~ role ~ " needs usage on " ~ needed) -%}
{%- endmacro %}

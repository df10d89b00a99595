{#- Of some grants, those that a role does not hold itself, by a grant or as owner of the object. It may
    still have them through a role that it inherits, and SHOW does not tell: so nothing is refused for
    what is missing here, it is only named. A role may always list its own grants. -#}
{% macro _missing_grants(role, grants) -%}
    {%- set held = [] -%}
    {%- for row in run_query('show grants to role "' ~ role ~ '"').rows -%}
        {%- set name = (row['name'] | string).replace('"', '').split('(')[0] | upper -%}
        {%- do held.append([row['privilege'], row['granted_on'] | replace('_', ' '), name] | join(' ') | upper) -%}
    {%- endfor -%}
    {%- set missing = [] -%}
    {%- for grant in grants -%}
        {%- set object = (grant.kind ~ ' ' ~ grant.name.split('(')[0]) | upper -%}
        {%- if grant.right | upper ~ ' ' ~ object not in held and 'OWNERSHIP ' ~ object not in held -%}
            {%- do missing.append(grant) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(missing) -}}
{%- endmacro %}

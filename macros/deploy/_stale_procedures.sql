{#- Returns those of the named procedures that are not registered as they are now, each with the statement that
    registers it. `found` is what _registered_procedures returns, `body` what _body_with_settings does, `marks`
    what _registration_marks does. -#}
{% macro _stale_procedures(names, found, body, marks='') -%}
    {%- set current = found | selectattr('fits') | list -%}
    {%- set stale = [] -%}
    {%- for name in names -%}
        {%- set ddl = policy_workflow._procedure_ddl(name, body, marks) -%}
        {%- set named = current | selectattr('name', 'equalto', name) -%}
        {%- if not (named | selectattr('hash', 'equalto', ddl.hash) | list) -%}
            {%- do stale.append({'name': name, 'statement': ddl.statement}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(stale) -}}
{%- endmacro %}

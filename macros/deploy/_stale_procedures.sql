{#- Which of the named procedures are not registered as they are now, each with the statement that does it.
    `found` is what _registered_procedures answers, `body` what _body_with_settings does. -#}
{% macro _stale_procedures(names, found, body) -%}
    {%- set stale = [] -%}
    {%- for name in names -%}
        {%- set ddl = policy_workflow._procedure_ddl(name, body) -%}
        {%- if not (found | selectattr('name', 'equalto', name) | selectattr('fits') | selectattr('hash', 'equalto', ddl.hash) | list) -%}
            {%- do stale.append({'name': name, 'statement': ddl.statement}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(stale) -}}
{%- endmacro %}

{#- Returns nothing; refuses names that SQL cannot hold as they are. A script is printed, and run later by
    somebody with more rights. -#}
{% macro _check_names(names) -%}
    {%- set part = '([A-Za-z_][A-Za-z0-9_$]*|"[^"]+")' -%}
    {%- for name in names -%}
        {%- set is_sql = modules.re.fullmatch(part ~ '([.]' ~ part ~ ')?', name) -%}
        {%- if not is_sql or policy_workflow._line(name) != name -%}
            {{- policy_workflow._fail(
                "the profile or a var gives a name that cannot stand in a script: " ~ name[:200]
            ) -}}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- Refuses arguments of an operation that it has none of, with the one that was meant, and those that are
    not given: dbt's own words are about a macro. `names` are all that it takes, `required` those that it
    cannot do without, with their values; `given` and `more` are its kwargs and varargs: Jinja lets a macro
    that names them have what it does not declare. -#}
{% macro _check_arguments(operation, names, required, given, more) -%}
    {%- set takes = operation ~ " takes " ~ (names | join(', ') if names else "no arguments") -%}
    {%- for name in given -%}
        {%- set near = policy_workflow._nearest(name, names, 0.4) -%}
        {{- policy_workflow._fail(operation ~ " has no argument " ~ (name | string)[:200] ~ ". " ~ ("Did you mean " ~ near ~ "? " if near else "") ~ takes) -}}
    {%- endfor -%}
    {%- if more -%}
        {{- policy_workflow._fail(operation ~ " was given more than its arguments. " ~ takes) -}}
    {%- endif -%}
    {%- for name, value in required.items() if value is undefined -%}
        {{- policy_workflow._fail(operation ~ " needs the argument " ~ name ~ ": --args '{" ~ required | join(': ..., ') ~ ": ...}'") -}}
    {%- endfor -%}
{%- endmacro %}

{#- A text as one line that shows all that it holds: texts from APIs, tables and errors can hold what a
    terminal or a CI system obeys. Hidden are controls, line separators, marks of direction or without
    width, and halves of surrogate pairs; the ranges are those that are not. -#}
{% macro _line(text) -%}
    {%- set hidden = '[^ -~\\u00a0-\\u061b\\u061d-\\u200a\\u2010-\\u2027\\u202f-\\u205f\\u206a-\\ud7ff\\ue000-\\ufefe\\uff00-\\U0010ffff]' -%}
    {%- set line = text | string -%}
    {{- return(policy_workflow._escaped(line, hidden) if modules.re.search(hidden ~ '|##|^\\s*::', line) else line) -}}
{%- endmacro %}

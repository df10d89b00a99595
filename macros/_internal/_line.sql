{#- A text as one line that shows all that it holds: texts from APIs, tables and errors can hold what a
    terminal or a CI system obeys. Hidden are controls, line separators, marks of direction or without
    width, and halves of surrogate pairs; the ranges are those that are not. Where the output may not
    carry more than ASCII, the line has no more: one character that cannot be written would cost all of
    it. Jinja does not see the output, only what Python chooses its encoding by: PYTHONIOENCODING,
    PYTHONUTF8, the locale, and whether it is Windows, where output that is piped has an older one. -#}
{% macro _line(text) -%}
    {%- set hidden = '[^ -~\\u00a0-\\u061b\\u061d-\\u200a\\u2010-\\u2027\\u202f-\\u205f\\u206a-\\ud7ff\\ue000-\\ufefe\\uff00-\\U0010ffff]' -%}
    {%- set line = text | string -%}
    {%- if modules.re.search('[^ -~]', line) -%}
        {%- set chosen = [env_var('PYTHONIOENCODING', '').split(':')[0], env_var('PYTHONUTF8', ''), env_var('OS', ''), env_var('LC_ALL', '') or env_var('LC_CTYPE', '') or env_var('LANG', '')] | join('|') -%}
        {%- if not modules.re.fullmatch('(?i)(utf[-_]?(8|16|32)|cp65001)[^|]*[|].*|[|]1[|].*|[|][^|]*[|](?!windows)[^|]*[|].*utf-?8.*|[|][|](?!windows)[^|]*[|](C|POSIX)?', chosen) -%}
            {%- set hidden = '[^ -~]' -%}
            {%- set line = line.replace('✅', 'OK').replace('❌', 'FAILED').replace('⚠️ ', 'WARNING').replace('➖', 'SKIPPED').replace('⏳', 'WAITING').replace('→', '->').replace('…', '...') -%}
        {%- endif -%}
    {%- endif -%}
    {{- return(policy_workflow._escaped(line, hidden) if modules.re.search(hidden ~ '|##|^\\s*::', line) else line) -}}
{%- endmacro %}

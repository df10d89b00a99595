{#- Returns a text as one line that shows all that the text holds: texts from APIs, tables and errors can hold
    characters that a terminal or a CI system obeys. Hidden characters are controls, line separators, marks
    of direction or without width, and halves of surrogate pairs; the ranges below are all others.
    Where the output may not carry more than ASCII, the line is ASCII: one character that cannot be written
    would cost the whole line. Jinja does not see the output. It sees what Python chooses the encoding of
    the output by: PYTHONIOENCODING, PYTHONUTF8, the locale, and whether the machine runs Windows, where
    piped output has an older encoding. -#}
{% macro _line(text) -%}
    {%- set hidden = '[^ -~\\u00a0-\\u061b\\u061d-\\u200a\\u2010-\\u2027\\u202f-\\u205f\\u206a-\\ud7ff'
        ~ '\\ue000-\\ufefe\\uff00-\\U0010ffff]' -%}
    {%- set line = text | string -%}
    {%- if modules.re.search('[^ -~]', line) -%}
        {%- set locale = env_var('LC_ALL', '') or env_var('LC_CTYPE', '') or env_var('LANG', '') -%}
        {%- set encoding = env_var('PYTHONIOENCODING', '').split(':')[0] -%}
        {%- set chosen = [encoding, env_var('PYTHONUTF8', ''), env_var('OS', ''), locale] | join('|') -%}
        {%- set carries_all = '(?i)(utf[-_]?(8|16|32)|cp65001)[^|]*[|].*|[|]1[|].*'
            ~ '|[|][^|]*[|](?!windows)[^|]*[|].*utf-?8.*|[|][|](?!windows)[^|]*[|](C|POSIX)?' -%}
        {%- if not modules.re.fullmatch(carries_all, chosen) -%}
            {%- set hidden = '[^ -~]' -%}
            {%- set line = line.replace('✅', 'OK').replace('❌', 'FAILED').replace('⚠️ ', 'WARNING') -%}
            {%- set line = line.replace('➖', 'SKIPPED').replace('⏳', 'WAITING') -%}
            {%- set line = line.replace('→', '->').replace('…', '...') -%}
        {%- endif -%}
    {%- endif -%}
    {%- set is_plain = not modules.re.search(hidden ~ '|##|^\\s*::', line) -%}
    {{- return(line if is_plain else policy_workflow._escaped(line, hidden)) -}}
{%- endmacro %}

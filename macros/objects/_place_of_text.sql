{#- Returns the database and schema of the tables that a view of ours reads, in capitals, found in the view's
    text; '' for a view that reads views of ours only; none for a view that is not ours. Where the text names
    no database, the tables are in the view's own, `database`. -#}
{% macro _place_of_text(text, database) -%}
    {%- set plain = (text or '').replace('"', '') | upper -%}
    {%- set table = '((?:[A-Z0-9_$]+[.])?[A-Z0-9_$]+)[.]POLICY_EXECUTION_(?:STATE|EVENTS)\\b' -%}
    {%- set places = modules.re.findall(table, plain) -%}
    {%- set reads = modules.re.split('\\bAS\\b', plain, maxsplit=1)[-1] -%}
    {%- if places -%}
        {%- set place = places[0] if '.' in places[0] else database | upper ~ '.' ~ places[0] -%}
    {%- else -%}
        {%- set place = '' if 'POLICY_EXECUTION' in reads else none -%}
    {%- endif -%}
    {{- return(place) -}}
{%- endmacro %}

{#- The database and schema of the tables that a view of ours reads, by its text, in capitals; empty for one
    that reads views of ours only; none for a view that is not ours. Where the text names no database, it
    is the view's own. -#}
{% macro _place_of_text(text, database) -%}
    {%- set plain = (text or '').replace('"', '') | upper -%}
    {%- set places = modules.re.findall('((?:[A-Z0-9_$]+[.])?[A-Z0-9_$]+)[.]POLICY_EXECUTION_(?:STATE|EVENTS)\\b', plain) -%}
    {%- set reads = modules.re.split('\\bAS\\b', plain, maxsplit=1)[-1] -%}
    {%- set own = '' if 'POLICY_EXECUTION' in reads else none -%}
    {{- return((places[0] if '.' in places[0] else database | upper ~ '.' ~ places[0]) if places else own) -}}
{%- endmacro %}

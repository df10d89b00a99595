{#- What an argument or a var was given, for a message: a text, number or boolean itself, without what a URL
    may hold of user, password and query; of anything else, and of a text without a sign, its kind, as it
    may hold a policy. -#}
{% macro _got(value) -%}
    {%- set text = value | string -%}
    {%- if '://' in text -%}
        {%- set text = modules.re.sub('(?s)[?].*', '?...', modules.re.sub('(?s)://.*@', '://...@', text)) -%}
    {%- endif -%}
    {%- set plain = value is string or value is number or value is boolean -%}
    {{- return(text[:200] if plain and text | trim else 'an empty text' if plain else policy_workflow._kind(value)) -}}
{%- endmacro %}

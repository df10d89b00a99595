{#- Returns the value of an argument or a var for a message. A text, a number or a boolean is shown, without
    the user, password and query that a URL may hold. Quotes show what nobody sees at the ends of a text. Of any
    other value, and of a blank text, only the kind is returned, because the value may hold a policy. -#}
{% macro _got(value) -%}
    {%- set text = (value | string | lower) if value is boolean else value | string -%}
    {%- if '://' in text -%}
        {%- set text = modules.re.sub('(?s)[?].*', '?...', modules.re.sub('(?s)://.*@', '://...@', text)) -%}
    {%- endif -%}
    {%- if value is not string and value is not number and value is not boolean -%}
        {%- set shown = policy_workflow._kind(value) -%}
    {%- else -%}
        {%- set shown = text[:200] if text | trim else 'an empty text' -%}
        {%- set hidden = '[\\s\\x00-\\x20\\u200b-\\u200f\\u2060\\ufeff]' -%}
        {%- if text | trim and modules.re.search('^' ~ hidden ~ '|' ~ hidden ~ '$', text) -%}
            {%- set shown = tojson(shown) -%}
        {%- endif -%}
    {%- endif -%}
    {{- return(shown) -}}
{%- endmacro %}

{#- Returns the name, of several, that is most similar to another one, or none where no name is similar.
    Similarity is the share of the pairs of letters that both names have; it must be more than `least`. The
    prefix that all vars have does not count. -#}
{% macro _nearest(name, names, least=0.7) -%}
    {%- set best = namespace(name=none, likeness=least) -%}
    {%- set plain = (name | string | lower)[:64] -%}
    {%- set plain = plain[7:] if plain.startswith('policy_') else plain -%}
    {%- set pairs = [] -%}
    {%- for at in range(plain | length) -%}{%- do pairs.append((' ' ~ plain)[at:at + 2]) -%}{%- endfor -%}
    {%- for candidate in names -%}
        {%- set other = candidate[7:] if candidate.startswith('policy_') else candidate -%}
        {%- set others = [] -%}
        {%- for at in range(other | length) -%}{%- do others.append((' ' ~ other)[at:at + 2]) -%}{%- endfor -%}
        {%- set shared = (pairs | select('in', others) | list + others | select('in', pairs) | list) | length -%}
        {%- set likeness = shared / ([pairs | length + others | length, 1] | max) -%}
        {%- if likeness > best.likeness -%}
            {%- set best.name = candidate -%}
            {%- set best.likeness = likeness -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(best.name) -}}
{%- endmacro %}

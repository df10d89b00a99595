{#- What is wrong with a var's value, or none. -#}
{% macro _setting_problem(spec, value) -%}
    {%- set problem = none -%}
    {%- if value is none -%}
        {%- if not spec.optional -%}{%- set problem = "must have a value" -%}{%- endif -%}
    {%- elif spec.type == 'integer' -%}
        {%- if value is not integer or value is boolean or value < spec.min or value > spec.max -%}
            {%- set problem = "must be a whole number from " ~ spec.min ~ " to " ~ spec.max -%}
        {%- endif -%}
    {%- elif spec.type == 'boolean' -%}
        {%- if value is not boolean -%}{%- set problem = "must be true or false" -%}{%- endif -%}
    {%- elif spec.type == 'list' -%}
        {%- if value is string or value is mapping or value is not sequence or (value | reject('string') | list) or not value -%}
            {%- set problem = "must be a list of texts with at least one item" -%}
        {%- endif -%}
    {%- elif spec.type == 'mapping' -%}
        {%- if value is not mapping -%}{%- set problem = "must be a mapping" -%}{%- endif -%}
    {%- elif value is not string or not (value | trim) -%}
        {%- set problem = "must be a text" -%}
    {%- elif spec.pattern and not modules.re.fullmatch(spec.pattern, value) -%}
        {%- set problem = "must be " ~ spec.says -%}
    {%- endif -%}
    {{- return(problem) -}}
{%- endmacro %}

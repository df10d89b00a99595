{#- Returns what is wrong with the value of a var or an argument, to come after its name, or none. `spec`
    is a spec of _setting_specs, or has `legal`: all values that there are. -#}
{% macro _value_problem(spec, value) -%}
    {%- set is_number = value is number and value is not boolean -%}
    {%- set problem = none -%}
    {%- if spec.legal -%}
        {#- 1 equals true. -#}
        {%- if value not in spec.legal or is_number -%}{%- set problem = "must be " ~ spec.says -%}{%- endif -%}
    {%- elif spec.type in ('integer', 'number') -%}
        {%- set is_whole = value is integer or spec.type == 'number' -%}
        {#- NaN is between no two numbers. -#}
        {%- if not is_whole or not is_number or not spec.min <= value <= spec.max -%}
            {%- set kind = "a whole number from " if spec.type == 'integer' else "a number from " -%}
            {%- set problem = "must be " ~ kind ~ spec.min ~ " to " ~ spec.max -%}
        {%- endif -%}
    {%- elif spec.type == 'boolean' -%}
        {%- if value is not boolean -%}{%- set problem = "must be true or false" -%}{%- endif -%}
    {%- elif spec.type == 'list' -%}
        {%- set is_list = value is sequence and value is not string and value is not mapping -%}
        {%- if not is_list or (value | reject('string') | list) or not value -%}
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

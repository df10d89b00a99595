{#- Returns nothing: what a test of the tables begins with; ends the test where a table is missing. In a build
    a test comes after the models, which make sure of more. -#}
{% macro _before_test() -%}
    {%- if execute and flags.WHICH == 'test' -%}
        {%- set missing = policy_workflow._tables() | reject('in', policy_workflow._found_tables()) | list -%}
        {%- if missing -%}
            {%- do policy_workflow._fail_table_missing(missing[0]) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

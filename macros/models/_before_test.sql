{#- What a test of the tables begins with. In a build it comes after the models, which ask for more. -#}
{% macro _before_test() -%}
    {%- if execute and flags.WHICH == 'test' -%}
        {%- set missing = policy_workflow._tables() | reject('in', policy_workflow._found_tables()) | list -%}
        {%- if missing -%}
            {%- do policy_workflow._fail_table_missing(missing[0]) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Returns nothing: waits inside Snowflake, because Jinja cannot sleep. -#}
{% macro _wait(seconds) -%}
    {%- if seconds > 0 -%}
        {%- set whole = seconds | int -%}
        {%- if whole == seconds -%}
            {%- do run_query("call system$wait(" ~ whole ~ ")") -%}
        {%- else -%}
            {%- set milliseconds = (1000 * seconds) | round(0, 'ceil') | int -%}
            {%- do run_query("call system$wait(" ~ milliseconds ~ ", 'MILLISECONDS')") -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

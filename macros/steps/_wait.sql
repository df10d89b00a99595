{#- Returns nothing: waits inside Snowflake, because Jinja cannot sleep. -#}
{% macro _wait(seconds) -%}
    {%- if seconds > 0 -%}
        {%- do run_query("call system$wait(" ~ seconds ~ ")") -%}
    {%- endif -%}
{%- endmacro %}

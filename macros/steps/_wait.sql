{#- Waits inside Snowflake: Jinja cannot sleep (facts, 7). -#}
{% macro _wait(seconds) -%}
    {%- if seconds > 0 -%}
        {%- do run_query("call system$wait(" ~ seconds ~ ")") -%}
    {%- endif -%}
{%- endmacro %}

{#- Host and port of the API, as a network rule names them. -#}
{% macro _api_address() -%}
    {%- set found = modules.re.fullmatch('(https?)://([^/:]+)(?::([0-9]+))?.*', policy_workflow._setting('policy_api_base_url')) -%}
    {{- return({'host': found.group(2) | lower, 'port': found.group(3) or ('443' if found.group(1) == 'https' else '80')}) -}}
{%- endmacro %}

{#- Refuses what cannot name an execution; `where` says which argument it was. -#}
{% macro _check_execution_id(execution_id, where='') -%}
    {%- if execution_id is not string or not modules.re.fullmatch('[A-Za-z0-9][A-Za-z0-9._:@+-]{0,127}', execution_id) -%}
        {{- policy_workflow._fail(where ~ "execution_id must be a text of 1 to 128 letters, digits, . _ : @ + or -, beginning with a letter or digit. Got: " ~ policy_workflow._got(execution_id)) -}}
    {%- endif -%}
{%- endmacro %}

{#- How the procedures of steps 2 and 3 are told of a selection. -#}
{% macro _selected(selection) -%}
    {%- set request = {'invocation_id': selection.driver} -%}
    {%- if selection.ids is not none -%}
        {%- do request.update({'execution_ids': selection.ids}) -%}
    {%- endif -%}
    {{- return(request) -}}
{%- endmacro %}

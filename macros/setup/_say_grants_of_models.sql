{#- Before models are built or tested: which rights the role needs for those selected, by the ids of
    their nodes. -#}
{% macro _say_grants_of_models(selected) -%}
    {%- set models = [] -%}
    {%- for id in selected if id in graph.nodes -%}
        {%- do models.extend([id] if flags.WHICH != 'test' else graph.nodes[id].depends_on.nodes) -%}
    {%- endfor -%}
    {%- set schemas = [policy_workflow._schema_name()] -%}
    {%- set rights = [] -%}
    {%- for id in models | unique if id in graph.nodes and graph.nodes[id].resource_type == 'model' -%}
        {%- set node = graph.nodes[id] -%}
        {%- set schema = node.database ~ '.' ~ node.schema -%}
        {%- set relation = 'view' if node.config.materialized == 'view' else 'table' -%}
        {%- do schemas.append(schema) -%}
        {#- A view loses its grants when dbt replaces it, and gets those on future views. -#}
        {%- do rights.append('select on future ' ~ relation ~ 's in schema ' ~ schema if flags.WHICH == 'test' else 'create ' ~ relation ~ ' on schema ' ~ schema) -%}
    {%- endfor -%}
    {%- do policy_workflow._say_needed_grants(rights | unique | list, schemas | unique | list) -%}
{%- endmacro %}

{#- Returns the tables of the workflow and the views of its models that are there, as kind and name. A relation
    in the place of a model of ours is ours when it is a view of the tables of this project. -#}
{% macro _own_relations() -%}
    {%- set own = ['', policy_workflow._schema_name() | upper] -%}
    {%- set relations = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.package_name == 'policy_workflow' -%}
        {%- for row in policy_workflow._shown('views', [node.database, node.schema, node.alias]) -%}
            {%- set is_plain = row['name'] == row['name'] | upper -%}
            {%- set name = node.alias if is_plain else '"' ~ row['name'] ~ '"' -%}
            {%- if policy_workflow._place_of_text(row['text'], row['database_name']) in own -%}
                {%- do relations.append({'kind': 'view', 'name': [node.database, node.schema, name] | join('.')}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set tables = policy_workflow._tables() -%}
    {%- for name, columns in policy_workflow._found_columns().items() if columns is not none -%}
        {%- if not (tables[name].known_by | reject('in', columns) | list) -%}
            {%- do relations.append({'kind': 'table', 'name': policy_workflow._relation_name(name)}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(relations) -}}
{%- endmacro %}

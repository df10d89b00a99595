{#- The tables of the workflow and the views of its models that are there, as kind and name. A relation in
    the place of one of our models is ours when it is a view of the tables of this project. -#}
{% macro _own_relations() -%}
    {%- set relations = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.package_name == 'policy_workflow' -%}
        {%- for row in run_query("show views like " ~ policy_workflow._sql_literal(node.alias) ~ " in account").rows -%}
            {%- if [row['database_name'], row['schema_name'], row['name']] | map('upper') | join('.') == [node.database, node.schema, node.alias] | map('upper') | join('.') -%}
                {%- set is_plain = row['name'] == row['name'] | upper -%}
                {%- set view = [node.database, node.schema, node.alias if is_plain else '"' ~ row['name'] ~ '"'] | join('.') -%}
                {%- if policy_workflow._place_of_text(row['text'], row['database_name']) in ('', policy_workflow._schema_name() | upper) -%}
                    {%- do relations.append({'kind': 'view', 'name': view}) -%}
                {%- endif -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for name, columns in policy_workflow._found_columns().items() if columns is not none and not (policy_workflow._tables()[name].known_by | reject('in', columns) | list) -%}
        {%- do relations.append({'kind': 'table', 'name': policy_workflow._relation_name(name)}) -%}
    {%- endfor -%}
    {{- return(relations) -}}
{%- endmacro %}

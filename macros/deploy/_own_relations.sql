{#- The tables of the workflow and the views of its models that are there, as kind and name. A relation in
    the place of one of our models is ours when it is a view whose text names what our models read. -#}
{% macro _own_relations() -%}
    {%- set relations = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.package_name == 'policy_workflow' -%}
        {%- set place = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias) -%}
        {%- for row in run_query("show views like " ~ policy_workflow._sql_literal(node.alias) ~ " in account").rows -%}
            {%- set same = [row['database_name'], row['schema_name'], row['name']] | map('upper') | join('.') == [node.database, node.schema, node.alias] | map('upper') | join('.') -%}
            {%- if same and 'policy_execution' in (row['text'] or '') | lower -%}
                {%- do relations.append({'kind': 'view', 'name': place | string}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for name, columns in policy_workflow._found_columns().items() if columns is not none and not (policy_workflow._tables()[name].known_by | reject('in', columns) | list) -%}
        {%- do relations.append({'kind': 'table', 'name': policy_workflow._relation_name(name)}) -%}
    {%- endfor -%}
    {{- return(relations) -}}
{%- endmacro %}

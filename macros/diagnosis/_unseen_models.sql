{#- The models of this package whose view is not there, or not for this role; SHOW ... IN ACCOUNT fails for
    no role. -#}
{% macro _unseen_models() -%}
    {%- set seen = [] -%}
    {%- for row in run_query("show views like 'policy_%' in account").rows -%}
        {%- do seen.append([row['database_name'], row['schema_name'], row['name']] | join('.') | upper) -%}
    {%- endfor -%}
    {%- set unseen = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.package_name == 'policy_workflow' -%}
        {%- if [node.database, node.schema, node.alias] | join('.') | upper not in seen -%}{%- do unseen.append(node.alias) -%}{%- endif -%}
    {%- endfor -%}
    {{- return(unseen) -}}
{%- endmacro %}

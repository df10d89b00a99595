{#- What policies_from names, fully qualified: a model, seed or snapshot by its name, or else a table or
    view, whose missing parts are the target's. -#}
{% macro _policy_relation(policies_from) -%}
    {%- set identifier = '([A-Za-z_][A-Za-z0-9_$]*|"[^"]+")' -%}
    {%- if policies_from is not string or not modules.re.fullmatch(identifier ~ '([.]' ~ identifier ~ '){0,2}', policies_from) -%}
        {{- policy_workflow._fail("policies_from must name a model, or a table or view such as database.schema.name. Got: " ~ policy_workflow._got(policies_from)) -}}
    {%- endif -%}
    {%- set found = [] -%}
    {%- for node in graph.nodes.values() if node.name == policies_from and node.resource_type in ('model', 'seed', 'snapshot') and (not node.version or node.version == node.latest_version) -%}
        {%- do found.append(node) -%}
    {%- endfor -%}
    {#- The installing project's own comes before a package's of the same name. -#}
    {%- set found = found | selectattr('package_name', 'equalto', project_name) | list or found -%}
    {%- if found | length > 1 -%}
        {{- policy_workflow._fail("policies_from: more than one model has the name " ~ policies_from ~ ": " ~ found | map(attribute='unique_id') | join(', ') ~ ". Name the table or view, as database.schema.name") -}}
    {%- endif -%}
    {%- if found and not found[0].relation_name -%}
        {{- policy_workflow._fail("policies_from: the model " ~ policies_from ~ " is " ~ found[0].config.materialized ~ ", so there is no table or view to read; make it a table or a view") -}}
    {%- endif -%}
    {%- set parts = modules.re.findall(identifier, policies_from) -%}
    {{- return(found[0].relation_name if found else ([target.database, target.schema, ''][:3 - parts | length] + parts) | join('.')) -}}
{%- endmacro %}

{#- Returns the full name of what policies_from names: of a model, seed or snapshot by its name, or else of a
    table or view, whose missing parts are the target's. Refuses what names none, or more than one. -#}
{% macro _policy_relation(policies_from) -%}
    {%- set identifier = '([A-Za-z_][A-Za-z0-9_$]*|"[^"]+")' -%}
    {%- set pattern = identifier ~ '([.]' ~ identifier ~ '){0,2}' -%}
    {%- if policies_from is not string or not modules.re.fullmatch(pattern, policies_from) -%}
        {{- policy_workflow._fail(
            "policies_from must name a model, or a table or view such as database.schema.name. Got: "
            ~ policy_workflow._got(policies_from)
        ) -}}
    {%- endif -%}
    {%- set found = [] -%}
    {%- for node in graph.nodes.values() if node.name == policies_from -%}
        {%- set is_current = not node.version or node.version == node.latest_version -%}
        {%- if is_current and node.resource_type in ('model', 'seed', 'snapshot') -%}
            {%- do found.append(node) -%}
        {%- endif -%}
    {%- endfor -%}
    {#- The installing project's own node comes before a package's node of the same name. -#}
    {%- set found = found | selectattr('package_name', 'equalto', project_name) | list or found -%}
    {%- if found | length > 1 -%}
        {{- policy_workflow._fail(
            "policies_from: more than one model has the name " ~ policies_from ~ ": "
            ~ found | map(attribute='unique_id') | join(', ') ~ ". Name the table or view, as database.schema.name"
        ) -}}
    {%- endif -%}
    {%- if found and not found[0].relation_name -%}
        {{- policy_workflow._fail(
            "policies_from: the model " ~ policies_from ~ " is " ~ found[0].config.materialized
            ~ ", so there is no table or view to read; make it a table or a view"
        ) -}}
    {%- endif -%}
    {%- set parts = modules.re.findall(identifier, policies_from) -%}
    {%- set name = ([target.database, target.schema, ''][:3 - parts | length] + parts) | join('.') -%}
    {{- return(found[0].relation_name if found else name) -}}
{%- endmacro %}

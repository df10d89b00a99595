{#- Returns nothing; refuses to let a model replace what is not ours. A view is known by the tables that it
    reads. Other kinds of relation have no text; dbt replaces them only where the installing project wants
    our models to be of that kind, so a table in the place of a view is somebody else's. -#}
{% macro _check_own_view(found) -%}
    {%- set help = "Nothing was replaced. Let the models of policy_workflow be built elsewhere "
        ~ "(models: {policy_workflow: {+schema: ...}}), or not at all (the var policy_workflow_models); or, if "
        ~ "nobody needs it: drop " ~ found.type ~ " " ~ found -%}
    {%- if found.type == 'view' -%}
        {%- set own = policy_workflow._schema_name() | upper -%}
        {%- for row in policy_workflow._shown('views', [found.database, found.schema, found.identifier]) -%}
            {%- set name = [row['database_name'], row['schema_name'], row['name']] -%}
            {#- A view without a text is another role's, which Snowflake lets no other role replace. -#}
            {%- if row['text'] and name == [found.database, found.schema, found.identifier] -%}
                {%- set place = policy_workflow._place_of_text(row['text'], row['database_name']) -%}
                {%- if place is none -%}
                    {{- policy_workflow._fail(
                        "view " ~ found ~ " is not the workflow's: it reads none of its tables. " ~ help
                    ) -}}
                {%- elif place not in ('', own) -%}
                    {{- policy_workflow._fail(
                        "view " ~ found ~ " is another project's, or was built when this one's var "
                        ~ "policy_workflow_schema was another: it reads the tables in " ~ place
                        ~ ", and this project's are in " ~ own ~ ". " ~ help
                    ) -}}
                {%- endif -%}
            {%- endif -%}
        {%- endfor -%}
    {%- elif model.config.materialized == 'view' -%}
        {{- policy_workflow._fail(
            found.type ~ " " ~ found ~ " stands where a view of the workflow is to be. " ~ help
        ) -}}
    {%- endif -%}
{%- endmacro %}

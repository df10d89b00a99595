{#- Returns nothing; refuses to change what another dbt project has deployed into the schema. The name of the
    project stands in the COMMENT of the procedures, and is none where an older version wrote the COMMENT.
    `found` is what _registered_procedures returns. -#}
{% macro _check_project(found) -%}
    {%- for procedure in found if procedure.project not in (none, project_name) -%}
        {{- policy_workflow._fail(
            "what is in " ~ policy_workflow._schema_name() ~ " was deployed by the dbt project " ~ procedure.project
            ~ ", and this is " ~ project_name ~ ". Nothing was changed. Let this project's live elsewhere: the var "
            ~ "policy_workflow_schema. Or, if " ~ procedure.project ~ " is done with it: "
            ~ "dbt run-operation deploy_policy_workflow --args '{take_over: true}'"
        ) -}}
    {%- endfor -%}
{%- endmacro %}

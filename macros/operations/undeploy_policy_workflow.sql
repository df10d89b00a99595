{% macro undeploy_policy_workflow(drop_data=false) -%}
    {%- if execute -%}
        {%- do policy_workflow._check_arguments('undeploy_policy_workflow', ['drop_data'], {}, kwargs, varargs) -%}
        {%- do policy_workflow._check_argument('drop_data', drop_data, {'type': 'boolean'}) -%}
        {%- do policy_workflow._check_settings() -%}
        {%- set place = policy_workflow._schema_name() -%}
        {%- if not policy_workflow._schema_is_there() -%}
            {%- do policy_workflow._log(
                "✅ policy_workflow: nothing to remove: there is no schema " ~ place ~ ", or this role may not see it"
            ) -%}
        {%- else -%}
            {%- set found = policy_workflow._registered_procedures() -%}
            {%- do policy_workflow._check_project(found) -%}
            {%- set procedures = policy_workflow._judged_procedures(found) -%}
            {%- set relations = policy_workflow._own_relations() -%}
            {%- do policy_workflow._drop_procedures(procedures) -%}
            {%- for relation in relations -%}
                {%- if drop_data -%}
                    {%- do run_query("drop " ~ relation.kind ~ " if exists " ~ relation.name) -%}
                {%- endif -%}
                {%- set done = "dropped " if drop_data else "left " -%}
                {%- do policy_workflow._log("policy_workflow: " ~ done ~ relation.kind ~ " " ~ relation.name) -%}
            {%- endfor -%}
            {%- if relations and not drop_data -%}
                {%- do policy_workflow._log(
                    "policy_workflow: to drop tables and views, with all that they hold: "
                    ~ "dbt run-operation undeploy_policy_workflow --args '{drop_data: true}'"
                ) -%}
            {%- endif -%}
            {%- set dropped = procedures | selectattr('verdict', 'equalto', 'ours') | list -%}
            {%- set gone = dropped | length + (relations | length if drop_data else 0) -%}
            {%- set result = gone ~ " object(s) removed from " if gone else "nothing to remove in " -%}
            {%- do policy_workflow._log(
                "✅ policy_workflow: " ~ result ~ place
                ~ "; integration, network rule, secret, roles and task, where there are such, stay"
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

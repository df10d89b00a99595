{#- Returns whether a build has the models of this project, and with them their tests. The YAML of the models
    says the same, because no macro can be called there. dbt warns of a test whose model is not there. -#}
{% macro _models_are_on() -%}
    {%- set is_wanted = project_name == 'policy_workflow' or policy_workflow._setting('policy_workflow_models') -%}
    {{- return(policy_workflow._setting('policy_workflow_enabled') and is_wanted) -}}
{%- endmacro %}

{#- Whether a build has the models of this project, and with them their tests. The YAML of the models says
    the same, where no macro can be called; a test of what is not there is one that dbt warns of. -#}
{% macro _models_are_on() -%}
    {{- return(policy_workflow._setting('policy_workflow_enabled') and (project_name == 'policy_workflow' or policy_workflow._setting('policy_workflow_models'))) -}}
{%- endmacro %}

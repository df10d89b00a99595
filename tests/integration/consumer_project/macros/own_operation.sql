{#- An operation of the consumer's own, around one of the package. -#}
{% macro run_nightly_policy(policy_name) -%}
    {%- if execute -%}
        {%- do log("consumer: " ~ schema_name() ~ ", " ~ _schema_name(), info=true) -%}
        {%- do policy_workflow.run_policy_workflow(policy_data={'policy_name': policy_name}) -%}
    {%- endif -%}
{%- endmacro %}

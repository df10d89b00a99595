{#- Says that a procedure is another role's than the tables are. -#}
{% macro _other_owner(name, found, owner) -%}
    {{- return("procedure " ~ policy_workflow._relation_name(name) ~ " belongs to " ~ ("role " ~ found if found else "a role that cannot be seen") ~ ", and table policy_execution_state to role " ~ owner) -}}
{%- endmacro %}

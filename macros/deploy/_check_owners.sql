{#- Returns nothing; refuses to call procedures that another role owns than the tables: what a procedure
    receives is secret. `owners` is what _owners returns. -#}
{% macro _check_owners(names, owners) -%}
    {%- set owner = owners['policy_execution_state'] -%}
    {%- if owner is none -%}
        {%- set table = policy_workflow._relation_name('policy_execution_state') -%}
        {{- policy_workflow._fail(
            "role " ~ target.role ~ " does not see table " ~ table ~ ", so nothing shows whether the procedures are "
            ~ "its owner's. Nothing was called. grant select on table " ~ table ~ " to role " ~ target.role
        ) -}}
    {%- endif -%}
    {%- do policy_workflow._add_hidden_owners(names, owners) -%}
    {%- for name in names if owners[name] != owner -%}
        {%- set other = policy_workflow._other_owner(name, owners[name], owner) -%}
        {{- policy_workflow._fail(other.says ~ ". Nothing was called. " ~ other.next) -}}
    {%- endfor -%}
{%- endmacro %}

{#- Refuses to call procedures that are not their owner's whose the tables are: the COMMENT by which they are
    known can be copied by everybody who may create procedures in the schema, and what they are sent is
    secret. `owners` is what _owners answers. -#}
{% macro _check_owners(names, owners) -%}
    {%- set owner = owners['policy_execution_state'] -%}
    {%- set table = policy_workflow._relation_name('policy_execution_state') -%}
    {%- if owner is none -%}
        {{- policy_workflow._fail("role " ~ target.role ~ " does not see table " ~ table ~ ", so it cannot be told whether the procedures are its owner's. Nothing was called. grant select on table " ~ table ~ " to role " ~ target.role) -}}
    {%- endif -%}
    {%- do policy_workflow._add_hidden_owners(names, owners) -%}
    {%- for name in names -%}
        {%- if owners[name] != owner -%}
            {{- policy_workflow._fail(policy_workflow._other_owner(name, owners[name], owner) ~ ". Nothing was called. " ~ policy_workflow._other_owner_remedy(name, owner)) -}}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- How an execution is called in what people read: by the name of its policy, and by its id. -#}

{#- Returns an execution's policy_name and execution_id as people read them, or the id alone where the policy has
    no name. A name longer than 60 characters is cut. -#}
{% macro _named(name, execution_id) -%}
    {%- set is_named = name is string and name | trim -%}
    {{- return(policy_workflow._short_name(name, 60) ~ " (" ~ execution_id ~ ")" if is_named else execution_id) -}}
{%- endmacro %}

{#- Returns a name of at most `most` characters, without its middle where it is longer: names of a kind often
    differ at the end. -#}
{% macro _short_name(name, most) -%}
    {%- set name = name | trim -%}
    {{- return(name if name | length <= most else name[:most // 2] ~ "…" ~ name[1 - most // 2:]) -}}
{%- endmacro %}

{#- Returns an expression of SQL: the policy_name in a policy_data, null where the name is no text. The
    expression cuts the name, which may be long. -#}
{% macro _policy_name_sql(policy_data) -%}
case when typeof({{ policy_data }}:policy_name) = 'VARCHAR' then left({{ policy_data }}:policy_name::varchar, 200) end
{%- endmacro %}

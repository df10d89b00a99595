{#- A list of execution ids as a subquery with the column execution_id: one literal, however many. -#}
{% macro _ids_sql(execution_ids) -%}
(
    select f.value::varchar as execution_id
    from (select parse_json({{ policy_workflow._sql_literal(tojson(execution_ids)) }}) as j) p,
    lateral flatten(input => p.j) f
)
{%- endmacro %}

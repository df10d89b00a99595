{#- A list of texts, such as execution ids, as a subquery with the column item: one literal, however many. -#}
{% macro _listed_sql(texts) -%}
(
    select f.value::varchar as item
    from (select parse_json({{ policy_workflow._sql_literal(tojson(texts)) }}) as j) p,
    lateral flatten(input => p.j) f
)
{%- endmacro %}

{#- Returns the answer of one of the procedures, which is called with a JSON request and answers with JSON.
    The answer is read by position, because its column has the name of the procedure
    (docs/snowflake_facts.md#answer-of-call). -#}
{% macro _call_procedure(name, request) -%}
    {%- set literal = policy_workflow._sql_literal(tojson(request)) -%}
    {%- if literal | length > 950000 -%}
        {{- policy_workflow._fail(
            "the policies make a statement of " ~ literal | length ~ " characters; Snowflake takes 1 MB. "
            ~ "Run them in smaller lists"
        ) -}}
    {%- endif -%}
    {%- set result = run_query("call " ~ policy_workflow._relation_name(name) ~ "(" ~ literal ~ ")") -%}
    {%- if not result or result.rows | length != 1 or not result.rows[0][0] -%}
        {{- policy_workflow._fail("procedure " ~ name ~ " answered nothing; run diagnose_policy_execution") -}}
    {%- endif -%}
    {{- return(fromjson(result.rows[0][0])) -}}
{%- endmacro %}

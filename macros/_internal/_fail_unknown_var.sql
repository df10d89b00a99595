{#- Refuses a var that there is none of, with the one that is most like it, if any; `place` says where it
    stands. -#}
{% macro _fail_unknown_var(name, near, place) -%}
    {%- set help = "Did you mean " ~ near ~ "?" if near else "README lists all of them, under Settings." -%}
    {{- policy_workflow._fail("policy_workflow has no var " ~ (name | string)[:200] ~ (", which stands " ~ place if place else "") ~ ". " ~ help) -}}
{%- endmacro %}

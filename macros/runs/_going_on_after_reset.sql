{#- Returns in words the command that takes up all executions that a breaker has held back. The defaults of
    retry_policy_workflow are enough for a few that are young; else the command has the age of the oldest, with half
    a day in reserve, and as many as there are to take up in that time, because the oldest come first. -#}
{% macro _going_on_after_reset() -%}
    {%- set most = 10000 -%}
    {%- set statement -%}
with unfinished as (
{{ policy_workflow._unfinished_sql(8760) }}
),
held as (
    select coalesce(max(datediff(hour, u."event_time", current_timestamp())), 0) as hours
    from unfinished u
    where u."error_class" = 'ApiBreakerOpen'
),
bounds as (
    select case when h.hours < 12 then 24 else least(h.hours + 12, 8760) end as hours
    from held h
)
select
    b.hours as "hours",
    count(u."execution_id") as "executions"
from bounds b
left join unfinished u
    on u."event_time" >= dateadd(hour, -b.hours, current_timestamp())
group by b.hours
    {%- endset -%}
    {%- set row = run_query(statement).rows[0] -%}
    {%- set hours, count = row['hours'] | int, row['executions'] | int -%}
    {%- set arguments = [] -%}
    {%- if hours > 24 -%}{%- do arguments.append("max_age_hours: " ~ hours) -%}{%- endif -%}
    {%- if count > 100 -%}{%- do arguments.append("limit: " ~ [count, most] | min) -%}{%- endif -%}
    {%- set command = "dbt run-operation retry_policy_workflow" -%}
    {%- if arguments -%}
        {%- set command = command ~ " --args '{" ~ arguments | join(", ") ~ "}'" -%}
    {%- endif -%}
    {%- if count > most -%}
        {%- set command = command ~ ", once more until nothing is left: " ~ most ~ " of " ~ count
            ~ " are taken up at a time" -%}
    {%- endif -%}
    {{- return(command) -}}
{%- endmacro %}

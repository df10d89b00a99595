{#- A query: where each execution of a run stands, by its row, or where retention has removed that, by its
    events. One row each, at most `most` of a kind:
      completed; cancelled; error; refused, which it never had to drive ("message" says why);
      open, which this run drives; elsewhere, which another run drives; free, which nobody does;
      lost, of which there is neither row nor event.
    "executions" is how many there are of the kind. -#}
{% macro _standing_sql(run, most) -%}
select
    s.*,
    count(*) over (partition by s."standing") as "executions"
from (
{{ policy_workflow._members_standing_sql(run) }}
) s
qualify row_number() over (partition by s."standing" order by s."position") <= {{ most }}
order by s."position"
{%- endmacro %}

{#- How the executions of a run stand. The kinds of standing are:
      completed; cancelled; error; refused: the run never began the execution ("message" says why);
      open: this run holds the lease; elsewhere: another run holds the lease; free: no run holds a live
      lease; lost: there is neither a row nor an event of the execution. -#}

{#- Returns how the executions of a run stand, read in one statement: the tables decide, not what a step
    answered. The result is {'total': ..., 'counts': {kind: number}, 'rows': at most 20 of each kind, in
    their order, 'owner': a run that holds the lease of some of them, or none}. -#}
{% macro _standing(run) -%}
    {%- set counts = {} -%}
    {%- set rows = [] -%}
    {%- set seen = {} -%}
    {%- for row in run_query(policy_workflow._standing_sql(run, 20)).rows -%}
        {%- if row['execution_id'] in seen -%}
            {{- policy_workflow._fail(
                "execution " ~ row['execution_id'] ~ " stands twice in policy_execution_state"
            ) -}}
        {%- endif -%}
        {%- do seen.update({row['execution_id']: true}) -%}
        {%- do counts.update({row['standing']: row['executions'] | int}) -%}
        {%- do rows.append(row) -%}
    {%- endfor -%}
    {%- set owners = rows | selectattr('standing', 'equalto', 'elsewhere') | map(attribute='owner') | list -%}
    {{- return({
        'total': counts.values() | sum,
        'counts': counts,
        'rows': rows,
        'owner': owners[0] if owners else none
    }) -}}
{%- endmacro %}

{#- Returns a query: the executions of a run with their standing, at most `most` of a kind. "executions" is
    how many there are of the kind. -#}
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

{#- Returns a query: the executions of a run, each with where it stands by its row, or by its events where
    retention has removed the row. -#}
{% macro _members_standing_sql(run) -%}
{%- set state = policy_workflow._relation_name('policy_execution_state') -%}
{%- set runs = policy_workflow._relation_name('policy_execution_runs') -%}
{%- set run_id = policy_workflow._sql_literal(run) -%}
select
    r."execution_id",
    r."position",
    coalesce(t."status", h.status) as "status",
    coalesce(
        {{ policy_workflow._policy_name_sql('t."policy_data"') }},
        h.policy_name
    ) as "policy_name",
    coalesce(t."policy_id", h.policy_id) as "policy_id",
    coalesce(t."poll_count", h.polls, 0) as "poll_count",
    coalesce(t."status" = 'completed' or t."requires_circuit_breaker", h.confirmed > 0, false) as "is_confirmed",
    t."circuit_breaker_initiated" as "is_initiated",
    coalesce(
        t."circuit_breaker_completed",
        h.status = 'completed' and h.without_breaker = 0,
        false
    ) as "is_triggered",
    t."invocation_id" as "owner",
    to_varchar(t."lease_expires_at", 'YYYY-MM-DD HH24:MI:SS') || ' UTC' as "lease_expires_at",
    coalesce(r."problem", t."error_message", t."message", h.message) as "message",
    case
        when r."problem" is not null then 'refused'
        when coalesce(t."execution_id", h.execution_id) is null then 'lost'
        when coalesce(t."status", h.status) = 'completed' then 'completed'
        when t."cancelled_at" is not null or h.cancelled > 0 then 'cancelled'
        when coalesce(t."status", h.status) = 'error' then 'error'
        when coalesce(t."lease_expires_at" <= sysdate(), true) then 'free'
        when t."invocation_id" = {{ run_id }} then 'open'
        else 'elsewhere'
    end as "standing"
from {{ runs }} r
left join {{ state }} t
    on r."execution_id" = t."execution_id"
left join (
    select
        e."execution_id" as execution_id,
        max_by(e."status_after", e."sequence") as status,
        max_by(e."message", e."sequence") as message,
        max_by(
            e."policy_id",
            case when e."policy_id" is not null then e."sequence" end
        ) as policy_id,
        max({{ policy_workflow._policy_name_sql('e."policy_data"') }}) as policy_name,
        count_if(e."event" = 'poll_policy_status') as polls,
        count_if(e."event" = 'cancelled') as cancelled,
        count_if(e."status_after" = 'policy_ready') as confirmed,
        count_if(e."event" = 'no_circuit_breaker') as without_breaker
    from {{ policy_workflow._relation_name('policy_execution_events') }} e
    inner join {{ runs }} g
        on e."execution_id" = g."execution_id"
    left join {{ state }} a
        on e."execution_id" = a."execution_id"
    where
        g."run_id" = {{ run_id }}
        and a."execution_id" is null
        and e."event" <> 'superseded'
        and e."status_after" is not null
    group by e."execution_id"
) h
    on r."execution_id" = h.execution_id
where r."run_id" = {{ run_id }}
{%- endmacro %}

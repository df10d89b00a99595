{#- The executions of a run that did not complete, by cause. -#}

{#- Returns the executions of a run that do not stand in one of the kinds in `fine`, in groups, the largest first.
    A group is {'standing', 'cause': as _failure_causes has it, 'doubt': what a person decides, or none,
    'count': how many, 'rows': at most five of them, in their order}. Read in one statement. -#}
{% macro _missed(run, fine) -%}
    {%- set groups = {} -%}
    {%- for row in run_query(policy_workflow._missed_sql(run, fine, 5)).rows -%}
        {%- set key = row['standing'] ~ ' ' ~ row['cause'] ~ ' ' ~ row['doubt'] ~ ' ' ~ row['held_at'] -%}
        {%- if key not in groups -%}
            {%- set cause = policy_workflow._missed_cause(row['standing'], row['cause']) -%}
            {%- set doubt = cause.get('decisions') or {
                'create': ['policy_id: ...', 'create: again'], 'trigger': ['trigger: confirmed', 'trigger: again']
            }.get(row['doubt']) -%}
            {%- do groups.update({key: {
                'standing': row['standing'],
                'cause': cause,
                'goes_on': 'decide' if doubt else cause.get('goes_on', 'retry'),
                'doubt': doubt,
                'count': row['executions'] | int,
                'rows': []
            }}) -%}
        {%- endif -%}
        {%- do groups[key].rows.append(row) -%}
    {%- endfor -%}
    {{- return(groups.values() | sort(attribute='count', reverse=true) | list) -}}
{%- endmacro %}

{#- Returns why executions of a kind of standing did not complete, in the form of _failure_causes. -#}
{% macro _missed_cause(standing, cause) -%}
    {%- set by_standing = {
        'refused': {
            'goes_on': 'never',
            'says': "another run began the execution with another policy_data",
            'remedy': "Give the policy another execution_id."
        },
        'lost': {
            'goes_on': 'give',
            'says': "never begun, and no policy of it is stored",
            'remedy': "Run the command that gave it once more."
        },
        'elsewhere': {
            'says': "another run holds the lease",
            'remedy': "Wait for that run, or for the end of its lease. Then {retry}."
        },
        'open': {'says': "the run ended before it was done", 'remedy': "Wait for the end of its lease. Then {retry}."},
        'free': {'says': "no run holds the lease", 'remedy': "Go on with it: {retry}."}
    } -%}
    {%- set found = dict(by_standing.get(standing, by_standing.free), name=standing) -%}
    {%- if standing == 'cancelled' or (cause and standing in ('error', 'open', 'free')) -%}
        {%- set found = policy_workflow._failure_cause({'cause': 'cancelled' if standing == 'cancelled' else cause}) -%}
    {%- endif -%}
    {{- return(found) -}}
{%- endmacro %}

{#- Returns a query: the executions of a run that do not stand in one of the kinds in `fine`, at most `most` of
    each cause. "cause" is that of the latest event; "doubt" is the step whose request may have taken effect
    without an idempotency key, and "held_at" the endpoint whose breaker holds the execution back, as the message
    of the procedures says them. -#}
{% macro _missed_sql(run, fine, most) -%}
{%- set kinds = [] -%}
{%- for kind in fine -%}{%- do kinds.append(policy_workflow._sql_literal(kind)) -%}{%- endfor -%}
with missed as (
    select
        s.*,
        case
            when s."message" like '% may have triggered the circuit breaker. Look at %trigger: again}%' then 'trigger'
            when s."message" like '% may have created the policy. Look at %create: again}%' then 'create'
        end as "doubt",
        case
{%- for endpoint in ['find', 'create', 'poll', 'trigger'] %}
            {%- set told = '%breaker towards the API is open for ' ~ endpoint ~ ' since%' %}
            when s."message" like {{ policy_workflow._sql_literal(told) }}
                then {{ policy_workflow._sql_literal(endpoint) }}
{%- endfor %}
        end as "held_at"
    from (
{{ policy_workflow._members_standing_sql(run) }}
    ) s
    where s."standing" not in ({{ kinds | join(", ") }})
),
latest as (
    select
        e."execution_id" as execution_id,
        {{ policy_workflow._failure_cause_sql('e') | indent(8) }} as cause
    from {{ policy_workflow._relation_name('policy_execution_events') }} e
    inner join missed m
        on e."execution_id" = m."execution_id"
    where e."event" <> 'superseded'
    qualify row_number() over (partition by e."execution_id" order by e."sequence" desc) = 1
),
known as (
    select
        m.*,
        l.cause as "cause"
    from missed m
    left join latest l
        on m."execution_id" = l.execution_id
)
select
    k.*,
    count(*) over (partition by k."standing", k."cause", k."doubt", k."held_at") as "executions"
from known k
qualify
    row_number() over (
        partition by k."standing", k."cause", k."doubt", k."held_at"
        order by k."position"
    ) <= {{ most }}
order by k."position"
{%- endmacro %}

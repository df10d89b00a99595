{#- Returns nothing: adds why the executions of a run failed, by cause, with a count, an example and the remedy;
    and how the others stand that did not complete. -#}
{% macro _diagnose_run(findings, run) -%}
    {%- if policy_workflow._found_columns()['policy_execution_runs'] is none -%}
        {%- do policy_workflow._fail_table_missing('policy_execution_runs') -%}
    {%- endif -%}
    {%- set standing = policy_workflow._standing(run) -%}
    {%- if not standing.total -%}
        {%- set table = policy_workflow._relation_name('policy_execution_runs') -%}
        {%- do policy_workflow._add_finding(findings, 'no_such_run', {'run': run, 'table': table}) -%}
    {%- else -%}
        {%- set values = {'completed': standing.counts.get('completed', 0), 'total': standing.total} -%}
        {%- do policy_workflow._add_finding(findings, 'run_completed', values) -%}
    {%- endif -%}
    {%- set members -%}
e."execution_id" in (
        select r."execution_id"
        from {{ policy_workflow._relation_name('policy_execution_runs') }} as r
        where
            r."run_id" = {{ policy_workflow._sql_literal(run) }}
            and r."problem" is null
    )
    {%- endset -%}
    {%- do policy_workflow._add_causes(findings, policy_workflow._events_sql(members), 'error') -%}
    {%- set levels = {
        'cancelled': 'ok', 'open': 'ok', 'elsewhere': 'ok', 'free': 'warn', 'refused': 'error', 'lost': 'error'
    } -%}
    {%- for row in standing.rows if row['standing'] in levels -%}
        {%- set kind = row['standing'] -%}
        {%- if kind not in (findings | map(attribute='check')) -%}
            {%- do policy_workflow._add_finding(findings, 'free' if kind == 'free' else 'standing', {
                'standing': kind,
                'count': standing.counts[kind],
                'example': row['execution_id'],
                'words': policy_workflow._standing_words(row),
                'run': run
            }, levels[kind]) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- Returns nothing: adds why the executions of a run did not complete, by cause, with a count, an example and the
    remedy, and how the others stand. -#}
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
    {%- set levels = {
        'cancelled': 'ok', 'open': 'ok', 'elsewhere': 'ok', 'free': 'warn', 'refused': 'error', 'lost': 'error'
    } -%}
    {%- set retry = "dbt run-operation retry_policy_workflow --args '{run: " ~ run ~ "}'" -%}
    {%- for group in policy_workflow._missed(run, ['completed']) -%}
        {%- set row = group.rows[0] -%}
        {%- set kind = group.standing -%}
        {%- set values = {
            'cause': group.cause.name,
            'standing': kind,
            'says': group.cause.says,
            'count': group.count,
            'example': policy_workflow._named(row['policy_name'], row['execution_id']),
            'message': row['message'],
            'words': policy_workflow._standing_words(row),
            'run': run,
            'remedy': policy_workflow._remedy(group.cause, retry, row['execution_id'], row['message'])
        } -%}
        {%- if kind == 'error' or group.cause.name not in (kind, 'cancelled') -%}
            {%- do policy_workflow._add_finding(findings, 'cause', values, 'error' if kind == 'error' else 'warn') -%}
        {%- else -%}
            {%- set text = 'free' if kind == 'free' else 'standing' -%}
            {%- do policy_workflow._add_finding(findings, text, values, levels[kind]) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- How one execution stands that did not complete, in words. -#}
{% macro _standing_words(row) -%}
    {%- set stands = row['status'] ~ ": " ~ row['message'] -%}
    {%- if row['standing'] == 'elsewhere' -%}
        {%- set stands = "lease still held by run " ~ row['owner'] ~ " after waiting " ~ policy_workflow._setting('policy_wait_seconds') ~ " seconds; the lease ends at " ~ row['lease_expires_at'] -%}
    {%- elif row['standing'] == 'lost' -%}
        {%- set stands = "never begun, and no policy of it is stored; run the command that gave it once more" -%}
    {%- elif row['standing'] == 'refused' -%}
        {%- set stands = "refused: " ~ row['message'] -%}
    {%- elif row['standing'] == 'error' and row['owner'] and not row['owner'].startswith(invocation_id) -%}
        {%- set stands = "error, under run " ~ row['owner'] ~ ": " ~ row['message'] -%}
    {%- endif -%}
    {{- return(stands) -}}
{%- endmacro %}

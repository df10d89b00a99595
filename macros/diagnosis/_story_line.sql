{#- One event as a line of the story. -#}
{% macro _story_line(event) -%}
    {%- set parts = [event.event_time[:23], "+" ~ "%.3f" | format(event.seconds) ~ " s", event.event ~ (" " ~ event.attempt if event.event == 'poll_policy_status' else "")] -%}
    {%- if event.status_after and event.status_before != event.status_after -%}
        {%- do parts.append((event.status_before ~ " → " if event.status_before else "") ~ event.status_after) -%}
    {%- endif -%}
    {%- if event.http_method -%}
        {%- do parts.append(event.http_method ~ " " ~ event.url ~ " " ~ ("HTTP " ~ event.http_status if event.http_status else "no answer") ~ " in " ~ event.duration_ms ~ " ms" ~ (", " ~ event.requests_sent ~ " requests" if event.requests_sent > 1 else "")) -%}
    {%- endif -%}
    {%- do parts.append(event.message or '') -%}
    {%- if event.event in ('claimed', 'resumed', 'cancelled') -%}{%- do parts.append("run " ~ event.invocation_id) -%}{%- endif -%}
    {{- return(parts | select | join("  ")) -}}
{%- endmacro %}

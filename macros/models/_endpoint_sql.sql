{#- Returns an expression of SQL: method and path of the endpoint that a call of the API is about, by the step of
    the call, as the vars describe the API now. -#}
{% macro _endpoint_sql() -%}
    {%- set said = policy_workflow._setting('policy_api') or {} -%}
    {%- set words = {} -%}
    {%- set methods = {} -%}
    {%- set sample = policy_workflow._sample_api() -%}
    {%- for step in ['find', 'create', 'poll', 'trigger'] -%}
        {%- set given = said.get(step) if said.get(step) is mapping else {} -%}
        {%- set default = sample[step] or {'method': 'GET', 'url': ''} -%}
        {%- set method = given.get('method', default.method) -%}
        {%- set label = method ~ ' ' ~ given.get('path', default.url) -%}
        {%- do methods.update({step: policy_workflow._sql_literal(method)}) -%}
        {%- do words.update({step: policy_workflow._sql_literal(label)}) -%}
    {%- endfor -%}
    {%- set lines = ['case step'] -%}
    {%- if said.get('find') is mapping -%}
        {#- Both requests belong to step 1. Where they have one method, only a find that succeeds is known. -#}
        {%- set finds = "event = 'policy_adopted'" -%}
        {%- if methods.find != methods.create -%}
            {%- set finds = "step = 1 and http_method = " ~ methods.find -%}
        {%- endif -%}
        {%- set lines = ['case', '        when ' ~ finds ~ ' then ' ~ words.find] -%}
    {%- endif -%}
    {%- for step in ['create', 'poll', 'trigger'] -%}
        {%- set number = ('' if lines[0] == 'case step' else 'step = ') ~ loop.index -%}
        {%- do lines.append('        when ' ~ number ~ ' then ' ~ words[step]) -%}
    {%- endfor -%}
    {{- return(lines | join('\n') ~ '\n    end') -}}
{%- endmacro %}

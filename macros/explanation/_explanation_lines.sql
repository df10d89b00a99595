{#- The lines by which a person sees what would be sent, and what an answer means. -#}

{#- Returns the lines of one request: what a heading names, method and address, headers, body and notes. -#}
{% macro _request_lines(sent) -%}
    {%- set lines = ['', '--- ' ~ sent.step] -%}
    {%- if sent.url -%}
        {%- do lines.append('    ' ~ sent.method ~ ' ' ~ sent.url) -%}
    {%- endif -%}
    {%- for name, value in (sent.headers or {}).items() -%}
        {%- do lines.append('    ' ~ name ~ ': ' ~ value) -%}
    {%- endfor -%}
    {%- if sent.body is string -%}
        {%- do lines.append('') -%}
        {%- do lines.extend(policy_workflow._json_lines(sent.body, '    ')) -%}
    {%- endif -%}
    {%- if sent.note -%}
        {%- do lines.append('    note: ' ~ sent.note) -%}
    {%- endif -%}
    {{- return(lines) -}}
{%- endmacro %}

{#- Returns the lines of what an answer means: what was read of it, and why. -#}
{% macro _reading_lines(reading) -%}
    {%- set class = ' (' ~ reading.error_class ~ ')' if reading.error_class else '' -%}
    {%- set to = ' (' ~ reading.request ~ ')' if reading.request else '' -%}
    {%- set lines = ['', '--- the answer to ' ~ reading.step ~ to, '    is read as: ' ~ reading.kind ~ class] -%}
    {%- if reading.message -%}
        {%- do lines.append('    because: ' ~ reading.message) -%}
    {%- endif -%}
    {%- if reading.policy_id is string -%}
        {%- do lines.append('    policy_id: ' ~ reading.policy_id) -%}
    {%- endif -%}
    {%- if reading.note -%}
        {%- do lines.append('    note: ' ~ reading.note) -%}
    {%- endif -%}
    {{- return(lines) -}}
{%- endmacro %}

{#- Returns a JSON text as lines with one value each, after `margin`. Numbers and texts stay to the letter: the
    text is cut, not read. What stands in no JSON is a line of its own. -#}
{% macro _json_lines(text, margin) -%}
    {%- set tokens = modules.re.findall('"(?:[^"\\\\]|\\\\.)*"|[{}\\[\\],:]|[^\\s{}\\[\\],:"]+|"', text) -%}
    {%- set state = namespace(line='', depth=0) -%}
    {%- set lines = [] -%}
    {%- for token in tokens -%}
        {%- set next = tokens[loop.index] if loop.index < tokens | length else '' -%}
        {%- set closes = token in ('}', ']') -%}
        {%- set was_opened = loop.index0 > 0 and tokens[loop.index0 - 1] in ('{', '[') -%}
        {%- if closes and not was_opened -%}
            {%- do lines.append(margin ~ '  ' * state.depth ~ state.line) -%}
            {%- set state.line = '' -%}
            {%- set state.depth = [state.depth - 1, 0] | max -%}
        {%- endif -%}
        {%- set state.line = state.line ~ (': ' if token == ':' else token) -%}
        {%- if token == ',' or token in ('{', '[') and next not in ('}', ']') -%}
            {%- do lines.append(margin ~ '  ' * state.depth ~ state.line) -%}
            {%- set state.line = '' -%}
            {%- set state.depth = state.depth + (0 if token == ',' else 1) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if state.line -%}
        {%- do lines.append(margin ~ '  ' * state.depth ~ state.line) -%}
    {%- endif -%}
    {{- return(lines) -}}
{%- endmacro %}

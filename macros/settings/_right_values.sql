{#- Which values of a description are surely right. dbt compiles each macro that a command calls, and those that
    say what is wrong take longer than all else. Most descriptions are right, so those macros are called only for
    values that are not surely right, and they have the last word. -#}

{#- Returns whether the value of a key is surely right. `take` is the key's spec, `spec` the endpoint's, `right`
    has the patterns of _policy_api_specs, which match values as JSON. `secrets` are the types of the declared
    secrets by alias. -#}
{% macro _is_right(value, take, spec, right, secrets) -%}
    {%- if take.legal -%}
        {%- set is_right = value in take.legal -%}
    {%- elif take.type != 'body' and value | string | length > 2000 -%}
        {%- set is_right = false -%}
    {%- elif take.type == 'path' -%}
        {%- set names = policy_workflow._right_placeholders(spec.path, secrets) -%}
        {%- set is_right = modules.re.fullmatch(right.path, modules.re.sub(names, '-', tojson(value))) -%}
    {%- elif take.type == 'body' -%}
        {%- set names = policy_workflow._right_placeholders(spec.body, secrets) -%}
        {%- set values_only = '"[{]policy[}]"(?!:)|' ~ names ~ '(?![^"]*":)' -%}
        {%- set rest = modules.re.sub(values_only, '', tojson(value)) -%}
        {%- set may_be = value is not string or modules.re.fullmatch('[{]policy([.][A-Za-z0-9_]+)*[}]', value) -%}
        {%- set is_right = may_be and modules.re.fullmatch(right.body, rest) -%}
    {%- else -%}
        {%- set is_right = modules.re.fullmatch(right[take.means or take.type], tojson(value)) -%}
    {%- endif -%}
    {{- return(is_right and true) -}}
{%- endmacro %}

{#- Returns the pattern of the placeholders that a place may hold inside a text. -#}
{% macro _right_placeholders(kinds, secrets) -%}
    {%- set names = [] -%}
    {%- for kind in kinds if kind not in ('policy', 'secret') -%}
        {%- do names.append(kind.replace('.NAME', '([.][A-Za-z0-9_]+)+').replace('.number', '[.]number')) -%}
    {%- endfor -%}
    {%- for alias, type in (secrets if 'secret' in kinds else {}).items() if alias is string -%}
        {%- set parts = '([.](username|password))?' if type == 'password' else '' -%}
        {%- do names.append('secret[.]' ~ modules.re.escape(alias) ~ parts) -%}
    {%- endfor -%}
    {{- return('[{](' ~ names | join('|') ~ ')[}]' if names else '(?!)') -}}
{%- endmacro %}

{#- Returns whether a header is surely right: its name is no word of a credential and none of the connection's,
    and its value holds either nothing that looks like a placeholder, or a secret that is declared. -#}
{% macro _is_right_header(name, value, right, secrets) -%}
    {%- set secret = policy_workflow._right_placeholders(['secret'], secrets) -%}
    {%- if value is none -%}
        {%- set is_right = modules.re.fullmatch(right.header_name, name) -%}
    {%- elif value is not string -%}
        {%- set is_right = false -%}
    {%- elif modules.re.search(secret, value) -%}
        {%- set rest = modules.re.sub(secret, 'x', value) -%}
        {%- set is_right = modules.re.fullmatch(right.header_name, name)
            and modules.re.fullmatch(right.header_value, rest) -%}
    {%- elif name | lower == 'content-type' -%}
        {%- set is_right = modules.re.fullmatch(right.content_type, value) -%}
    {%- else -%}
        {%- set is_right = modules.re.fullmatch(right.plain_header_name, name)
            and modules.re.fullmatch(right.plain_header_value, value) -%}
    {%- endif -%}
    {{- return(is_right and true) -}}
{%- endmacro %}

{#- Returns whether a whole description is surely something that JSON can carry, and holds no text that no place
    may hold. The macro looks at values one level after another, and at no more of them than there may be. -#}
{% macro _is_right_json(described) -%}
    {%- set state = namespace(level=[described], seen=0, is_right=true) -%}
    {%- set texts = [] -%}
    {%- for depth in range(20) if state.level and state.is_right -%}
        {%- set below = [] -%}
        {%- for holder in state.level if state.seen <= 2000 -%}
            {%- set state.seen = state.seen + holder | length -%}
            {%- for value in ((holder.values() if holder is mapping else holder) if state.seen <= 2000 else []) -%}
                {%- if value is string -%}
                    {%- do texts.append(value) -%}
                {%- elif value is mapping or value.sort is defined -%}
                    {%- do below.append(value) -%}
                {%- elif value is not integer and value is not boolean -%}
                    {%- set state.is_right = false -%}
                {%- endif -%}
            {%- endfor -%}
            {%- if holder is mapping -%}{%- do texts.extend(holder) -%}{%- endif -%}
        {%- endfor -%}
        {%- set state.level = below -%}
    {%- endfor -%}
    {%- set is_right = state.is_right and state.seen <= 2000 and not state.level
        and not (texts | reject('string') | list) -%}
    {%- set text = texts | join('\n') if is_right else '$$' -%}
    {%- set bad = '[$][$]|[{][{]|[{]%|[^\\u0000-\\ud7ff\\ue000-\\U0010ffff]' -%}
    {{- return(text | length <= 100000 and not modules.re.search(bad, text)) -}}
{%- endmacro %}

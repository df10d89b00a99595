{#- Returns nothing: adds what JSON cannot carry, and texts that no place of the description may hold. The macro
    looks at values before tojson does, one level after another, and at no more of them than the description
    may have, because aliases in YAML make many values of few. A placeholder that stands without quotes is a
    mapping to YAML, and is found here, too. -#}
{% macro _add_json_problems(problems, described) -%}
    {%- set state = namespace(level=[('policy_api', described)], seen=0, characters=0) -%}
    {%- set remedies = {
        'a date': 'Put a date or a time in quotes', 'a time': 'Put a date or a time in quotes',
        'NaN': 'Write a number, or null', 'Infinity': 'Write a number, or null',
        'bytes': 'Write a text, without !!binary', 'a set': 'Write a list, without !!set'
    } -%}
    {%- for depth in range(20) if state.level -%}
        {%- set below = [] -%}
        {%- for place, holder in state.level if state.seen <= 2000 and state.characters <= 100000 -%}
            {%- set keyed = holder is mapping -%}
            {%- set state.seen = state.seen + holder | length -%}
            {%- for name in (holder if state.seen <= 2000 else []) -%}
                {%- set value = holder[name] if keyed else name -%}
                {%- set key = name if keyed and name is string else loop.index0 -%}
                {%- if keyed and name is not string -%}
                    {%- set values = {'kind': policy_workflow._kind(name)} -%}
                    {%- do policy_workflow._add_problem(problems, place, 'key_no_text', values) -%}
                {%- elif keyed -%}
                    {%- do policy_workflow._add_text_problem(problems, place, key, name) -%}
                    {%- set state.characters = state.characters + name | length -%}
                    {%- if value is none -%}
                        {%- do policy_workflow._add_unquoted_problem(problems, place, name, holder) -%}
                    {%- endif -%}
                {%- endif -%}
                {%- if value is string -%}
                    {%- do policy_workflow._add_text_problem(problems, place, key, value) -%}
                    {%- set state.characters = state.characters + value | length -%}
                {%- elif value is mapping or value.sort is defined -%}
                    {%- do below.append((policy_workflow._place_in(place, key), value)) -%}
                {%- elif value is sequence and value.decode is not defined -%}
                    {%- do policy_workflow._add_problem(problems, policy_workflow._place_in(place, key), 'pairs') -%}
                {%- elif policy_workflow._kind(value) not in ('nothing', 'a boolean', 'a number') -%}
                    {%- set kind = policy_workflow._kind(value) -%}
                    {%- set values = {'kind': kind, 'remedy': remedies.get(kind, 'Write a text in quotes')} -%}
                    {%- set here = policy_workflow._place_in(place, key) -%}
                    {%- do policy_workflow._add_problem(problems, here, 'no_json', values) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- set state.level = below -%}
    {%- endfor -%}
    {%- if state.seen > 2000 or state.characters > 100000 or state.level -%}
        {%- do policy_workflow._add_problem(problems, 'policy_api', 'too_large') -%}
    {%- endif -%}
{%- endmacro %}

{#- Returns nothing: adds a null under a key that is a placeholder: `{policy}` without quotes is a mapping to
    YAML, with this key. -#}
{% macro _add_unquoted_problem(problems, place, name, holder) -%}
    {%- set plain = ['policy', 'policy_id', 'execution_id', 'api_execution_id', 'trigger_reason'] -%}
    {%- set is_field = modules.re.fullmatch('(policy|secret|policy_id)[.][A-Za-z0-9_.]+', name) -%}
    {%- if (is_field or name in plain and holder | length == 1) and place != 'policy_api.secrets' -%}
        {%- do policy_workflow._add_problem(problems, place, 'unquoted', {'placeholder': '{' ~ name[:60] ~ '}'}) -%}
    {%- endif -%}
{%- endmacro %}

{#- Returns nothing: adds what a text, a value or a key, must not hold wherever it stands: the end of the
    procedures' body, an expression of Jinja, or half of a character. -#}
{% macro _add_text_problem(problems, place, key, text) -%}
    {%- set found = modules.re.search('[$][$]|[{][{]|[{]%|[^\\u0000-\\ud7ff\\ue000-\\U0010ffff]', text) -%}
    {%- if found -%}
        {%- set is_jinja = found.group(0).startswith('{') -%}
        {%- set what = 'jinja' if is_jinja else 'dollars' if found.group(0) == '$$' else 'half_character' -%}
        {%- do policy_workflow._add_problem(problems, policy_workflow._place_in(place, key), what) -%}
    {%- endif -%}
{%- endmacro %}

{#- Refuses what cannot be sent as a policy, with path and kind of what is wrong, never its content, which
    may be secret. Values are looked at before tojson is, which ends in an error without a name; each pass
    takes one level. `most` is how many characters a policy may have: no more values and characters are
    looked at, as aliases in YAML make many of few. -#}
{% macro _check_policy_data(policy_data, where, most) -%}
    {%- if policy_data is not mapping or not policy_data -%}
        {{- policy_workflow._fail(where ~ "policy_data must be a JSON object such as {policy_name: ..., parameters: {...}}. Got: " ~ policy_workflow._kind(policy_data)) -}}
    {%- endif -%}
    {%- set state = namespace(level=[('', policy_data)], size=0) -%}
    {%- for depth in range(50) if state.level -%}
        {%- set below = [] -%}
        {%- for path, holder in state.level if state.size <= most -%}
            {%- set keyed = holder is mapping -%}
            {%- set texts = (holder.values() if keyed else holder) | select('string') | join ~ (holder | join if keyed else '') -%}
            {#- Brackets, quotes of keys, colons and commas count, too. -#}
            {%- set state.size = state.size + (6 if keyed else 2) * holder | length + texts | length -%}
            {%- set halves = modules.re.search('[^\\u0000-\\ud7ff\\ue000-\\U0010ffff]', texts) -%}
            {%- if keyed and (halves or holder | reject('string') | list) -%}
                {%- do policy_workflow._check_policy_keys(holder, path, where) -%}
            {%- endif -%}
            {%- for name in holder -%}
                {%- set value = holder[name] if keyed else name -%}
                {%- if not (value is string or value is none or value is boolean or value is integer or value is float and value - value == 0) or halves -%}
                    {%- set here = path ~ ('.' ~ name if keyed else '[' ~ loop.index0 ~ ']') -%}
                    {%- if value is mapping or value is sequence and value is not string and value is defined and value.decode is undefined and value.keys is undefined -%}
                        {%- do below.append((here, value)) -%}
                    {%- else -%}
                        {%- do policy_workflow._check_policy_value(value, 'at ' ~ here[1:201], where) -%}
                    {%- endif -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- set state.level = below -%}
    {%- endfor -%}
    {%- set size = state.size if state.size > most else 0 if state.level else tojson(policy_data, '') | length -%}
    {%- if not size or size > most -%}
        {%- do policy_workflow._fail_policy_size(where, size, most, state.level) -%}
    {%- endif -%}
{%- endmacro %}

{#- Refuses a policy_data that cannot be sent. Each macro returns nothing, or ends the command. A message has
    the path and the kind of what is wrong, never its content, which may be secret. -#}

{#- Refuses a policy_data that is no JSON object, holds a value that JSON cannot carry, or is too long. The
    macro looks at values before tojson does: an error of tojson names nothing. Each pass takes one level.
    `most` is how many characters a policy may have. The macro looks at no more values and characters than
    that, because aliases in YAML make many values of few. `where` names the item of a list. -#}
{% macro _check_policy_data(policy_data, where, most) -%}
    {%- if policy_data is not mapping or not policy_data -%}
        {{- policy_workflow._fail(
            where ~ "policy_data must be a JSON object such as {policy_name: ..., parameters: {...}}. Got: "
            ~ policy_workflow._kind(policy_data)
        ) -}}
    {%- endif -%}
    {%- set state = namespace(level=[('', policy_data)], size=0) -%}
    {%- for depth in range(50) if state.level -%}
        {%- set below = [] -%}
        {%- for path, holder in state.level if state.size <= most -%}
            {%- set keyed = holder is mapping -%}
            {%- set values = (holder.values() if keyed else holder) | select('string') | join -%}
            {%- set texts = values ~ (holder | join if keyed else '') -%}
            {#- Brackets, quotes of keys, colons and commas count, too. -#}
            {%- set state.size = state.size + (6 if keyed else 2) * holder | length + texts | length -%}
            {%- set halves = modules.re.search('[^\\u0000-\\ud7ff\\ue000-\\U0010ffff]', texts) -%}
            {%- if keyed and (halves or holder | reject('string') | list) -%}
                {%- do policy_workflow._check_policy_keys(holder, path, where) -%}
            {%- endif -%}
            {%- for name in holder -%}
                {%- set value = holder[name] if keyed else name -%}
                {%- if halves or not (
                    value is string or value is none or value is boolean or value is integer
                    or value is float and value - value == 0
                ) -%}
                    {%- set here = path ~ ('.' ~ name if keyed else '[' ~ loop.index0 ~ ']') -%}
                    {%- if value is mapping or (
                        value is sequence and value is not string and value is defined
                        and value.decode is undefined and value.keys is undefined
                    ) -%}
                        {%- do below.append((here, value)) -%}
                    {%- else -%}
                        {%- do policy_workflow._check_policy_value(value, 'at ' ~ here[1:201], where) -%}
                    {%- endif -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- set state.level = below -%}
    {%- endfor -%}
    {%- if state.size > most -%}
        {%- set size = state.size -%}
    {%- else -%}
        {%- set size = 0 if state.level else tojson(policy_data, '') | length -%}
    {%- endif -%}
    {%- if not size or size > most -%}
        {%- do policy_workflow._fail_policy_size(where, size, most, state.level) -%}
    {%- endif -%}
{%- endmacro %}

{#- Refuses an object with a key that JSON cannot have, or with two keys that are the same in JSON. -#}
{% macro _check_policy_keys(holder, path, where) -%}
    {%- set place = (path or '.policy_data')[1:201] -%}
    {%- set seen = {} -%}
    {%- for key in holder -%}
        {%- do policy_workflow._check_policy_value(key, 'as a key of ' ~ place, where) -%}
        {%- set text = key if key is string else tojson(key) -%}
        {%- if text in seen -%}
            {{- policy_workflow._fail(
                where ~ "policy_data holds the key " ~ tojson(text)[:200] ~ " twice in " ~ place
                ~ ": with and without quotes it is the same to JSON, whose keys are texts"
            ) -}}
        {%- endif -%}
        {%- do seen.update({text: true}) -%}
    {%- endfor -%}
{%- endmacro %}

{#- Refuses a value or a key that JSON cannot carry, other than an object or a list; `place` is its place in
    the policy. -#}
{% macro _check_policy_value(value, place, where) -%}
    {%- set kind = policy_workflow._kind(value) -%}
    {%- if kind not in ('nothing', 'a text', 'an empty text', 'a boolean', 'a number') -%}
        {%- set help = "; put it in quotes" if kind in ('a date', 'a time') else "" -%}
        {{- policy_workflow._fail(
            where ~ "policy_data holds a value that JSON cannot carry, " ~ place ~ " (" ~ kind ~ ")" ~ help
        ) -}}
    {%- endif -%}
{%- endmacro %}

{#- Ends the command because a policy has at least `size` characters. With a size of 0 the policy is nested
    too deep, if levels are left `below`, or cannot be written as JSON. -#}
{% macro _fail_policy_size(where, size, most, below) -%}
    {%- if size -%}
        {%- set problem = "has at least " ~ size ~ " characters as JSON; the var policy_max_policy_characters allows "
            ~ most -%}
    {%- elif below -%}
        {%- set problem = "is nested over 50 levels deep" -%}
    {%- else -%}
        {%- set problem = "holds a value that JSON cannot carry, such as a number of thousands of digits" -%}
    {%- endif -%}
    {{- policy_workflow._fail(where ~ "policy_data " ~ problem) -}}
{%- endmacro %}

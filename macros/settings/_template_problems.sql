{#- What is wrong with paths, bodies and values of headers, in which placeholders stand. Each macro returns
    nothing but _known_placeholders, and adds problems. `secrets` are the types of the declared secrets by
    alias. -#}

{#- Adds what is wrong with a path: a URI template of level 1 (RFC 6570). -#}
{% macro _add_path_problems(problems, place, path, spec, secrets) -%}
    {%- set example = {'example': spec.takes.path.example, 'got': policy_workflow._kind(path)} -%}
    {%- if path is not string or not path.startswith('/') -%}
        {%- do policy_workflow._add_problem(problems, place, 'path', example) -%}
    {%- elif path | length > 2000 -%}
        {%- do policy_workflow._add_problem(problems, place, 'too_long', {'length': path | length | string}) -%}
    {%- else -%}
        {%- for name in modules.re.findall('[{]([^{}]*)[}]', path) -%}
            {%- do policy_workflow._add_placeholder_problem(problems, place, name, spec.path, secrets, 'path') -%}
        {%- endfor -%}
        {%- set rest = modules.re.sub('[{][^{}]*[}]', '', path) -%}
        {%- if modules.re.search('%(?![0-9A-Fa-f]{2})', modules.re.sub('[{][^{}]*[}]', '-', path)) -%}
            {%- do policy_workflow._add_problem(problems, place, 'path_percent') -%}
        {%- endif -%}
        {%- set illegal = modules.re.findall('[^!-~]|[#{}]', rest) -%}
        {%- if illegal -%}
            {%- set brace = illegal[0] in '{}' -%}
            {%- do policy_workflow._add_problem(problems, place, 'path_brace' if brace else 'path_character', {
                'character': tojson(illegal[0]), 'escaped': illegal[0] | urlencode,
                'known': policy_workflow._known_placeholders(spec.path, secrets)
            }) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Adds what is wrong with a body: YAML in which a text may be a placeholder, or may hold some. -#}
{% macro _add_body_problems(problems, place, body, spec, secrets) -%}
    {%- if body is string and not modules.re.fullmatch('[{]policy([.][A-Za-z0-9_]+)*[}]', body) -%}
        {%- do policy_workflow._add_problem(problems, place, 'body_text', {'whole': '{policy}'}) -%}
    {%- elif body is boolean or body is number -%}
        {%- do policy_workflow._add_problem(problems, place, 'body', {
            'whole': '{policy}', 'got': policy_workflow._kind(body)
        }) -%}
    {%- elif body is not none -%}
        {%- set inside = policy_workflow._texts_in(body, place) -%}
        {%- for here, text in inside.texts -%}
            {%- do policy_workflow._add_text_placeholder_problems(problems, here, text, spec.body, secrets) -%}
        {%- endfor -%}
        {%- for here, key in inside['keys'] if modules.re.search('[{][A-Za-z_][A-Za-z0-9_.]*[}]', key) -%}
            {%- do policy_workflow._add_problem(problems, here, 'body_key') -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- Adds what is wrong with the placeholders of one text. Braces around what has not the form of a name, such
    as { name } with spaces, are left as they are: GraphQL and others have them. A text that is as a whole in braces
    without blanks is meant as a placeholder, but for JSON and for a GUID. -#}
{% macro _add_text_placeholder_problems(problems, place, text, kinds, secrets) -%}
    {%- set pattern = '[{]((?:policy|secret)(?![A-Za-z0-9_])[^{}\\s]+|[A-Za-z_][A-Za-z0-9_.]*)[}]' -%}
    {%- set whole = '(?!.[0-9A-Fa-f-]{32,38}.$)[{]([^{}\\s"\']+)[}]' -%}
    {%- set names = '(?:policy|policy_id|execution_id|api_execution_id|trigger_reason|secret)$' -%}
    {%- set open = '[{]((?:policy|secret)[.][^{}\\s]*(?![^{}\\s]*[}])|' ~ names ~ ')' -%}
    {%- for name in modules.re.findall(open, text) -%}
        {%- set values = {'placeholder': '{' ~ name[:60], 'whole': '{' ~ name[:60] ~ '}'} -%}
        {%- do policy_workflow._add_problem(problems, place, 'text_open', values) -%}
    {%- endfor -%}
    {%- for name in modules.re.findall('^' ~ whole ~ '$' if modules.re.fullmatch(whole, text) else pattern, text) -%}
        {%- if name == 'policy' and 'policy' in kinds and text != '{policy}' -%}
            {%- do policy_workflow._add_problem(problems, place, 'policy_in_text', {'placeholder': '{policy}'}) -%}
        {%- else -%}
            {%- set where = 'header' if kinds == ['secret'] else 'body' -%}
            {%- do policy_workflow._add_placeholder_problem(problems, place, name, kinds, secrets, where) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- Adds what is wrong with one placeholder. `kinds` are the placeholders that have a value there; `where` is
    path, body or header. -#}
{% macro _add_placeholder_problem(problems, place, name, kinds, secrets, where) -%}
    {%- set known = policy_workflow._known_placeholders(kinds, secrets) -%}
    {%- set of_policy = modules.re.fullmatch('policy([.][A-Za-z0-9_]+)+', name) -%}
    {%- set every = [
        'policy', 'policy_id', 'policy_id.number', 'execution_id', 'api_execution_id', 'trigger_reason'
    ] -%}
    {#- As JSON, a letter that only looks like another one is told from that one. -#}
    {%- set shown = '{' ~ tojson(name[:60])[1:-1] ~ '}' -%}
    {%- if where == 'header' and not secrets -%}
        {%- set known = '{secret.ALIAS}, and no secret is declared' -%}
    {%- endif -%}
    {%- set values = {'placeholder': shown, 'known': known, 'meant': ''} -%}
    {%- set of_secret = name == 'secret' or name.startswith('secret.') -%}
    {%- set is_known = name in kinds and name != 'secret' or of_policy and 'policy.NAME' in kinds -%}
    {%- if of_secret and where != 'path' -%}
        {%- do policy_workflow._add_alias_problem(problems, place, name, secrets) -%}
    {%- elif not is_known -%}
        {%- set text = 'placeholder_' ~ where -%}
        {%- if of_secret -%}
            {%- set text = 'secret_in_path' -%}
        {%- elif name == 'policy' and where == 'path' -%}
            {%- set text = 'policy_in_path' -%}
        {%- elif name in every and where != 'header' -%}
            {%- set text = 'placeholder_too_early' -%}
        {%- elif name.startswith('policy.') and where != 'header' -%}
            {%- set text = 'policy_field' -%}
        {%- else -%}
            {#- With its brace, no name begins with policy_, which _nearest leaves out. -#}
            {%- set near = policy_workflow._nearest('{' ~ name, modules.re.findall('[{][a-zA-Z_.]+', known), 0.5) -%}
            {%- do values.update({'meant': 'Did you mean ' ~ near ~ '}? ' if near else ''}) -%}
        {%- endif -%}
        {%- do policy_workflow._add_problem(problems, place, text, values) -%}
    {%- endif -%}
{%- endmacro %}

{#- Adds what is wrong with the placeholder of a secret. -#}
{% macro _add_alias_problem(problems, place, name, secrets) -%}
    {%- set alias, dot, part = name[7:].partition('.') -%}
    {%- set values = {
        'placeholder': '{' ~ name[:60] ~ '}', 'alias': alias[:60] or 'api_key', 'type': secrets.get(alias),
        'known': policy_workflow._known_placeholders(['secret'], secrets)
    } -%}
    {%- if alias not in secrets -%}
        {%- set near = policy_workflow._nearest(alias, secrets, 0.4) -%}
        {%- do values.update({'meant': 'Did you mean {secret.' ~ near ~ '}? ' if near else ''}) -%}
        {%- set words = 'secret_unknown' if secrets else 'secret_none' -%}
        {%- do policy_workflow._add_problem(problems, place, words, values) -%}
    {%- elif dot and (secrets[alias] != 'password' or part not in ('username', 'password')) -%}
        {%- do policy_workflow._add_problem(problems, place, 'secret_part', values) -%}
    {%- endif -%}
{%- endmacro %}

{#- Returns the placeholders that a place may hold, as people write them. -#}
{% macro _known_placeholders(kinds, secrets) -%}
    {%- set known = [] -%}
    {%- for kind in kinds if kind != 'secret' -%}{%- do known.append('{' ~ kind ~ '}') -%}{%- endfor -%}
    {%- for alias, type in (secrets if 'secret' in kinds else {}).items() -%}
        {%- for part in ['', '.username', '.password'][:3 if type == 'password' else 1] -%}
            {%- do known.append('{secret.' ~ alias ~ part ~ '}') -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(known | join(', ')) -}}
{%- endmacro %}

{#- Returns the texts and the keys in a value, as lists of pairs of a place and what stands there. -#}
{% macro _texts_in(value, place) -%}
    {%- set state = namespace(level=[(place, value)]) -%}
    {%- set texts = [] -%}
    {%- set keys = [] -%}
    {%- for depth in range(21) if state.level -%}
        {%- set below = [] -%}
        {%- for here, held in state.level -%}
            {%- if held is string -%}
                {%- do texts.append((here, held)) -%}
            {%- elif held is mapping -%}
                {%- for key in held -%}
                    {%- do keys.append((policy_workflow._place_in(here, key), key)) -%}
                    {%- do below.append((policy_workflow._place_in(here, key), held[key])) -%}
                {%- endfor -%}
            {%- elif held is sequence -%}
                {%- for item in held -%}
                    {%- do below.append((policy_workflow._place_in(here, loop.index0), item)) -%}
                {%- endfor -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set state.level = below -%}
    {%- endfor -%}
    {{- return({'texts': texts, 'keys': keys}) -}}
{%- endmacro %}

{#- Returns what is wrong with the value of a var or an argument, to come after its name, or none. `spec`
    is a spec of _setting_specs, or has `legal`: all values that there are. -#}
{% macro _value_problem(spec, value) -%}
    {%- set is_number = value is number and value is not boolean -%}
    {%- set problem = none -%}
    {%- if spec.legal -%}
        {#- 1 equals true. -#}
        {%- if value not in spec.legal or is_number -%}{%- set problem = "must be " ~ spec.says -%}{%- endif -%}
    {%- elif spec.type in ('integer', 'number') -%}
        {%- set is_whole = value is integer or spec.type == 'number' -%}
        {#- NaN is between no two numbers. -#}
        {%- if not is_whole or not is_number or not spec.min <= value <= spec.max -%}
            {%- set kind = "a whole number from " if spec.type == 'integer' else "a number from " -%}
            {%- set problem = "must be " ~ kind ~ spec.min ~ " to " ~ spec.max -%}
        {%- endif -%}
    {%- elif spec.type == 'boolean' -%}
        {%- if value is not boolean -%}{%- set problem = "must be true or false" -%}{%- endif -%}
    {%- elif spec.type == 'list' -%}
        {%- set is_list = value is sequence and value is not string and value is not mapping -%}
        {%- if not is_list or (value | reject('string') | list) or not value -%}
            {%- set items = value if is_list else [] -%}
            {%- set which = policy_workflow._item_problem(items) if items else " with at least one item" -%}
            {%- set problem = "must be a list of texts" ~ which -%}
        {%- endif -%}
    {%- elif spec.type == 'mapping' -%}
        {%- if value is not mapping -%}{%- set problem = "must be a mapping" ~ (spec.written or "") -%}{%- endif -%}
    {%- elif value is not string or not (value | trim) -%}
        {%- set problem = "must be a text" -%}
    {%- elif spec.pattern and not modules.re.fullmatch(spec.pattern, value) -%}
        {%- set problem = policy_workflow._address_problem(spec, value) if spec.env else "must be " ~ spec.says -%}
    {%- endif -%}
    {{- return(problem) -}}
{%- endmacro %}

{#- Returns which item of a list is the first that is no text, to come after "must be a list of texts". YAML makes
    numbers and booleans of words without quotes. -#}
{% macro _item_problem(items) -%}
    {%- set found = namespace(says='') -%}
    {%- for item in items -%}
        {%- if item is string or found.says -%}
        {%- elif item is boolean -%}
            {%- set words = 'true, which YAML also makes of yes and on' if item
                else 'false, which YAML also makes of no and off' -%}
            {%- set found.says = loop.index ~ ' is ' ~ words ~ '. In quotes each is a text' -%}
        {%- elif item is number -%}
            {%- set found.says = loop.index ~ ' is the number ' ~ item ~ '. In quotes it is a text: '
                ~ tojson(item | string) -%}
        {%- else -%}
            {%- set found.says = loop.index ~ ' is ' ~ policy_workflow._kind(item) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(', and item ' ~ found.says) -}}
{%- endmacro %}

{#- Returns what is wrong with an address, to come after the name of the var or of the key. -#}
{% macro _address_problem(spec, value) -%}
    {%- set host = modules.re.sub('(?s)^https?://|[/?#].*', '', value) -%}
    {%- if value | trim != value -%}
        {%- set says = 'an https URL without blanks at its ends' -%}
    {%- elif value | length > 2000 -%}
        {%- set says = 'an https URL of at most 2000 characters' -%}
    {%- elif modules.re.match('(?i)https?://', value) and not modules.re.match('https?://', value) -%}
        {%- set says = 'an https URL with https:// in lower case' -%}
    {%- elif '://' not in value -%}
        {%- set says = 'an https URL, which begins with https://' -%}
    {%- elif not modules.re.match('https://|http://(localhost|127[.]0[.]0[.]1)(?![^:/])', value)
        or modules.re.search('[@?#]', value) -%}
        {%- set says = spec.says -%}
    {%- elif '[' in host or modules.re.fullmatch('[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*', host) -%}
        {%- set says = 'an https URL with the name of a host or an IPv4 address, and no IPv6 address' -%}
    {%- elif modules.re.search('[^ -~]', host) -%}
        {%- set says = 'an https URL in ASCII, with the host in punycode, such as xn--bcher-kva.example' -%}
    {%- elif '_' in host -%}
        {%- set says = 'an https URL whose host has letters, digits, - and dots, and no _' -%}
    {%- elif not modules.re.fullmatch(spec.pattern, 'https://' ~ host.partition(':')[0]) -%}
        {%- set says = 'an https URL with the name of a host, such as api.example.com' -%}
    {%- elif not modules.re.fullmatch(spec.pattern, 'https://' ~ host) -%}
        {%- set says = 'an https URL with a port from 1 to 65535, or without a port' -%}
    {%- else -%}
        {%- set says = 'an https URL with a path of letters, digits and . _ ~ / -' -%}
    {%- endif -%}
    {{- return('must be ' ~ says) -}}
{%- endmacro %}

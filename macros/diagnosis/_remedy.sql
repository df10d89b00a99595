{#- What to do about a cause, in the words of _failure_causes. -#}

{#- Returns the remedy of a cause with its placeholders filled: with `retry`, the command that goes on; with the
    decisions of a person about an execution; with the vars and their values; and with what the execution's
    message says of the breaker towards the API: the endpoint, since when, what was seen last, and when the API is
    asked again. -#}
{% macro _remedy(cause, retry='dbt run-operation retry_policy_workflow', execution_id='...', message='') -%}
    {%- set until = modules.re.findall('again (?:at|from|after) ([0-9-]{10}[ T][0-9:]{8}(?: UTC)?)', message or '') -%}
    {%- set breaker = modules.re.findall(
        'breaker towards the API is open for ([a-z]+) since ([^;]*);.*?; seen last: ([^\n]*)', message or ''
    ) -%}
    {%- set where = "" -%}
    {%- if breaker -%}
        {%- set endpoint, since, problem = breaker[-1] -%}
        {%- set where = " for " ~ endpoint ~ " since " ~ since ~ ", seen last: "
            ~ policy_workflow._short_name(problem, 120) -%}
    {%- endif -%}
    {%- set values = {
        'retry': retry,
        'execution_id': execution_id,
        'with_policy_id': policy_workflow._decision_command(execution_id, 'policy_id: ...'),
        'with_create_again': policy_workflow._decision_command(execution_id, 'create: again'),
        'with_trigger_again': policy_workflow._decision_command(execution_id, 'trigger: again'),
        'with_trigger_confirmed': policy_workflow._decision_command(execution_id, 'trigger: confirmed'),
        'reset': "dbt run-operation reset_policy_api_breaker",
        'where': where,
        'until': " at " ~ until[-1] if until else ""
    } -%}
    {%- for name in modules.re.findall('[{](policy_[a-z_]+)[}]', cause.remedy) -%}
        {%- set value = policy_workflow._setting(name) -%}
        {%- do values.update({name: name ~ (" (" ~ value ~ ")" if value is not none else "")}) -%}
    {%- endfor -%}
    {{- return(policy_workflow._filled(cause.remedy, values)) -}}
{%- endmacro %}

{#- Returns the command by which a person decides about one execution. -#}
{% macro _decision_command(execution_id, decision) -%}
    {{- return(
        "dbt run-operation retry_policy_workflow --args '{execution_id: " ~ execution_id ~ ", " ~ decision ~ "}'"
    ) -}}
{%- endmacro %}

{#- Returns the first sentence of a remedy, without its full stop. -#}
{% macro _first_sentence(remedy) -%}
    {{- return(modules.re.split('(?<=[^. ])[.](?: |$)', remedy)[0]) -}}
{%- endmacro %}

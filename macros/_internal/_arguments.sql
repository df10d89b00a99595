{#- Checks of what people give to an operation or to the gate. Each returns nothing, or ends the command
    before anything is sent. -#}

{#- Refuses an argument that the operation does not have, and names the most similar one; refuses surplus
    values; and refuses to begin without a required argument. dbt's own messages would speak of a macro.
    `names` are all arguments of the operation, `required` the values of those without a default, by name;
    `given` and `more` are its kwargs and varargs. Jinja gives both to a macro that names them. -#}
{% macro _check_arguments(operation, names, required, given, more) -%}
    {%- set takes = operation ~ " takes " ~ (names | join(', ') or "no arguments") -%}
    {%- for name in given -%}
        {%- set near = policy_workflow._nearest(name, names, 0.4) -%}
        {%- set meant = "Did you mean " ~ near ~ "? " if near else "" -%}
        {%- set shown = (name | string)[:200] -%}
        {{- policy_workflow._fail(operation ~ " has no argument " ~ shown ~ ". " ~ meant ~ takes) -}}
    {%- endfor -%}
    {%- if more -%}
        {{- policy_workflow._fail(operation ~ " was given more than its arguments. " ~ takes) -}}
    {%- endif -%}
    {%- for name, value in required.items() if value is undefined -%}
        {%- set example = "--args '{" ~ required | join(': ..., ') ~ ": ...}'" -%}
        {{- policy_workflow._fail(operation ~ " needs the argument " ~ name ~ ": " ~ example) -}}
    {%- endfor -%}
{%- endmacro %}

{#- Refuses a value that is not as `spec` demands; `spec` has the form of a spec of _setting_specs. -#}
{% macro _check_argument(name, value, spec) -%}
    {%- set problem = policy_workflow._value_problem(spec, value) -%}
    {%- if problem -%}
        {{- policy_workflow._fail(name ~ " " ~ problem ~ ". Got: " ~ policy_workflow._got(value)) -}}
    {%- endif -%}
{%- endmacro %}

{#- Refuses a value that cannot be an execution_id; `where` names the item of a list, if there is one. -#}
{% macro _check_execution_id(execution_id, where='') -%}
    {%- set pattern = '[A-Za-z0-9][A-Za-z0-9._:@+-]{0,127}' -%}
    {%- if execution_id is not string or not modules.re.fullmatch(pattern, execution_id) -%}
        {{- policy_workflow._fail(
            where ~ "execution_id must be a text of 1 to 128 letters, digits, . _ : @ + or -, beginning with a "
            ~ "letter or digit. Got: " ~ policy_workflow._got(execution_id)
        ) -}}
    {%- endif -%}
{%- endmacro %}

{#- Refuses values that cannot name a run or an execution, and both at once; each may be none. -#}
{% macro _check_run_or_execution(run, execution_id) -%}
    {%- if run is not none and execution_id is not none -%}
        {{- policy_workflow._fail("give either run or execution_id, not both") -}}
    {%- endif -%}
    {%- if run is not none and (run is not string or not modules.re.fullmatch('[A-Za-z0-9_-]{1,64}', run)) -%}
        {{- policy_workflow._fail(
            "run must be a run's id, as the last lines of a run that failed name it. Got: "
            ~ policy_workflow._got(run)
        ) -}}
    {%- endif -%}
    {%- if execution_id is not none -%}
        {%- do policy_workflow._check_execution_id(execution_id) -%}
    {%- endif -%}
{%- endmacro %}

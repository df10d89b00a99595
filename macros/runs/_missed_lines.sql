{#- The last lines of a run that failed. Ten lines are what is seen of a log at a glance: they say which policies
    did not complete, why, and what to type. -#}

{#- Returns these lines. `missed` is what _missed returns, `total` the number of the run's executions. Up to five
    executions have a line each; of more, each cause has one, with how many there are and three of their
    policies. -#}
{% macro _missed_lines(run, missed, total) -%}
    {%- set count = missed | sum(attribute='count') -%}
    {%- set which = " --args '{run: " ~ run ~ "}'" -%}
    {%- if total == 1 -%}
        {%- set which = " --args '{execution_id: " ~ missed[0].rows[0]['execution_id'] ~ "}'" -%}
    {%- endif -%}
    {%- set lines = [count ~ " of " ~ total ~ " execution(s) did not complete."] -%}
    {%- set last = policy_workflow._going_on_lines(missed, which, count) -%}
    {%- if count <= 5 -%}
        {%- set rows = [] -%}
        {%- for group in missed -%}{%- do rows.extend(group.rows) -%}{%- endfor -%}
        {%- for row in rows | sort(attribute='position') -%}
            {%- set name = policy_workflow._named(row['policy_name'], row['execution_id']) -%}
            {%- do lines.append("  " ~ name ~ ": " ~ policy_workflow._standing_words(row)) -%}
        {%- endfor -%}
        {%- set why = "Why, and what to do: dbt run-operation diagnose_policy_execution" ~ which -%}
    {%- else -%}
        {%- set why = "All of them: " ~ policy_workflow._missed_list_sql(run) -%}
    {%- endif -%}
    {%- set room = [9 - lines | length - last | length, 1] | max -%}
    {%- do lines.extend(policy_workflow._cause_lines(missed, room, count > 5)) -%}
    {{- return(lines + [why] + last) -}}
{%- endmacro %}

{#- Returns one line or more on the causes, at most `room` lines: a line for each cause, or where there are more
    causes than lines, two or more of the rarer causes in one line, shorter. -#}
{% macro _cause_lines(missed, room, counts) -%}
    {%- set a_line = (missed | length + room - 1) // room -%}
    {#- So many lines hold one cause less than the others, and the most frequent causes stand in them. -#}
    {%- set roomy = room * a_line - missed | length -%}
    {%- set state = namespace(at=0) -%}
    {%- set lines = [] -%}
    {%- for number in range(room) if state.at < missed | length -%}
        {%- set size = [a_line - 1 if number < roomy else a_line, 1] | max -%}
        {%- set parts = [] -%}
        {%- for group in missed[state.at:state.at + size] -%}
            {%- do parts.append(policy_workflow._cause_text(group, size == 1, counts)) -%}
        {%- endfor -%}
        {%- set state.at = state.at + size -%}
        {%- do lines.append("  " ~ parts | join(" | ")) -%}
    {%- endfor -%}
    {{- return(lines) -}}
{%- endmacro %}

{#- Returns one cause in words: with `counts` how many executions it has and three of their policies, and the
    first sentence of the remedy; else the whole remedy. A text that shares its line is shorter. -#}
{% macro _cause_text(group, is_alone, counts) -%}
    {%- set first = group.rows[0] -%}
    {%- set retry = "retry_policy_workflow" -%}
    {%- set remedy = policy_workflow._remedy(group.cause, retry, first['execution_id'], first['message']) -%}
    {#- What fills a placeholder may hold full stops, so the sentence is found before. -#}
    {%- set sentence = dict(group.cause, remedy=policy_workflow._first_sentence(group.cause.remedy)) -%}
    {%- set brief = policy_workflow._remedy(sentence, retry, first['execution_id'], first['message']) -%}
    {%- set text = group.cause.name ~ ": " ~ (remedy if is_alone else brief) -%}
    {%- if counts -%}
        {%- set names = [] -%}
        {%- for row in group.rows[:3] -%}
            {%- set name = row['policy_name'] -%}
            {%- set name = name if name is string and name | trim else row['execution_id'] -%}
            {%- do names.append(policy_workflow._short_name(name, 40)) -%}
        {%- endfor -%}
        {%- do names.extend(["..."] if group.count > 3 else []) -%}
        {%- set text = group.count ~ " " ~ group.cause.name ~ " (" ~ names | join(", ") ~ "): "
            ~ (group.cause.says ~ ". " ~ brief ~ "." if is_alone else brief) -%}
    {%- endif -%}
    {{- return(text) -}}
{%- endmacro %}

{#- Returns the lines with the commands that go on: what a plain retry takes up, and last what a person decides,
    because a plain retry does nothing there. -#}
{% macro _going_on_lines(missed, which, count) -%}
    {%- set lines = [] -%}
    {%- if missed | selectattr('goes_on', 'equalto', 'retry') | list -%}
        {%- set they = "it" if count == 1 else "they" -%}
        {%- do lines.append(
            "When the cause is mended, to go on where " ~ they ~ " stopped: dbt run-operation retry_policy_workflow"
            ~ which
        ) -%}
    {%- endif -%}
    {%- set decided = missed | selectattr('goes_on', 'equalto', 'decide') | list -%}
    {%- set commands = [] -%}
    {%- for group in decided -%}
        {%- set parts = [] -%}
        {%- for decision in group.doubt -%}
            {%- do parts.append(policy_workflow._decision_command(group.rows[0]['execution_id'], decision)) -%}
        {%- endfor -%}
        {%- if parts | length == 2 -%}
            {%- set is_of_trigger = 'trigger:' in group.doubt[0] -%}
            {%- set sees = "the circuit breaker is triggered" if is_of_trigger else "the policy is there" -%}
            {%- do commands.append(parts[0] ~ " if " ~ sees ~ ", else " ~ parts[1]) -%}
        {%- elif group.doubt not in decided[:loop.index0] | map(attribute='doubt') | list -%}
            {%- do commands.append(parts[0]) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if commands -%}
        {%- set each = "" if decided | sum(attribute='count') == 1 else " for each in doubt, such as" -%}
        {%- do lines.append("Look at the API, then" ~ each ~ ": " ~ commands[:2] | join("; ")) -%}
    {%- elif not lines and missed | selectattr('goes_on', 'equalto', 'give') | list -%}
        {%- do lines.append(
            "To go on, give the policies once more: run_policy_workflow with policy_data and execution_id of each"
        ) -%}
    {%- elif not lines -%}
        {%- do lines.append("Nothing of these can be gone on with") -%}
    {%- endif -%}
    {{- return(lines) -}}
{%- endmacro %}

{#- Returns a query, in one line: the executions of a run that did not complete, each with its policy's name and
    what happened. -#}
{% macro _missed_list_sql(run) -%}
    {{- return(
        'select t."policy_data":policy_name::varchar as policy_name, r."execution_id", t."status", '
        ~ 'coalesce(r."problem", t."error_message", t."message") as message from '
        ~ policy_workflow._relation_name('policy_execution_runs') ~ ' as r left join '
        ~ policy_workflow._relation_name('policy_execution_state')
        ~ ' as t on r."execution_id" = t."execution_id" where r."run_id" = ' ~ policy_workflow._sql_literal(run)
        ~ ' and (r."problem" is not null or t."status" is distinct from \'completed\') order by r."position"'
    ) -}}
{%- endmacro %}

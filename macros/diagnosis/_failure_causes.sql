{#- Why executions fail. -#}

{#- Returns the causes; no other place says why executions fail. Each cause has the events' error_class or
    outcome by which it is known, what it means, and what to do. The first cause that fits counts. The first
    sentence of `remedy` is for those who read one line; _remedy fills the placeholders. `goes_on` says how
    an execution goes on, where a plain retry does nothing: 'decide': a person decides by one of the
    arguments in `decisions`; 'give': a run gives the policy once more; 'never'. -#}
{% macro _failure_causes() -%}
    {{- return([
        {'name': 'create_in_doubt', 'error_class': ['CreateInDoubt'],
         'goes_on': 'decide', 'decisions': ['policy_id: ...', 'create: again'],
         'says': 'the creation may have taken effect, and the API knows neither keys nor a way to find the '
             ~ 'policy',
         'remedy': 'Look at the API whether the policy is there; nothing is repeated by itself. If it is: '
             ~ '{with_policy_id} goes on with it. If not: {with_create_again}. To avoid it: find or '
             ~ 'idempotency in policy_api.'},
        {'name': 'create_to_find', 'error_class': ['CreateToFind'],
         'says': 'the creation may have taken effect, and find has not shown the policy yet',
         'remedy': 'Retry: find is asked first, and a policy is created only where none is there. The command: '
             ~ '{retry}.'},
        {'name': 'find_unclear', 'error_class': ['FindUnclear'],
         'says': 'the answer to find says neither that the policy is there nor that it is not',
         'remedy': 'Correct id or absent of find in policy_api, or ask so that the whole list comes. The '
             ~ 'response in the story is the API\'s answer; '
             ~ 'explain_policy_api shows what is read from it. Then {retry}, which asks again.'},
        {'name': 'trigger_in_doubt', 'error_class': ['TriggerInDoubt'],
         'goes_on': 'decide', 'decisions': ['trigger: confirmed', 'trigger: again'],
         'says': 'the circuit breaker\'s request may have taken effect, and the API knows no keys',
         'remedy': 'Look at the API whether the circuit breaker is triggered; nothing is repeated by itself. If '
             ~ 'it is: {with_trigger_confirmed}. If it is not: {with_trigger_again}. To avoid it: '
             ~ 'idempotency in policy_api.'},
        {'name': 'repeated_conflict', 'error_class': ['RepeatedConflict'],
         'says': 'the API answers HTTP 409 to a request that may have been sent before: the first one may have '
             ~ 'taken effect',
         'remedy': 'Look at the API whether the first one did. If 409 means that there, say already: [409] for '
             ~ 'the endpoint in policy_api; then {retry}.'},
        {'name': 'already_without_id', 'error_class': ['AlreadyWithoutId'],
         'goes_on': 'decide', 'decisions': ['policy_id: ...'],
         'says': 'the API says that the policy is there already, and nothing says under which id',
         'remedy': 'Look for the policy\'s id at the API. Then {with_policy_id} goes on with it. To avoid it: '
             ~ 'find in policy_api, or an id of create that this answer has.'},
        {'name': 'placeholder_missing', 'error_class': ['PlaceholderMissing'],
         'says': 'the policy has no field that policy_api names; nothing was sent',
         'remedy': 'Correct in policy_api the placeholder that the message names. Then {retry}; or run a '
             ~ 'policy_data with the field, which needs another execution_id.'},
        {'name': 'api_breaker_open', 'error_class': ['ApiBreakerOpen'],
         'says': 'the API was down, so nothing is sent for these',
         'remedy': 'The breaker towards the API is open{where}; the next run asks the API again{until}, or at once '
             ~ 'after {reset}. Then {retry}.'},
        {'name': 'api_busy', 'error_class': ['ApiBusy'],
         'says': 'the API was busy until the deadline, by a status that policy_api calls so',
         'remedy': 'Raise {policy_api_step_deadline_seconds}, or lower policy_api_requests_per_second. Then '
             ~ '{retry}.'},
        {'name': 'outcome_unknown', 'outcome': ['unknown'],
         'says': 'a POST got no complete answer: the API may have processed it',
         'remedy': 'Look at the API whether the request took effect. Then {retry}: it sends the same '
             ~ 'Idempotency-Key.'},
        {'name': 'api_name_not_resolved', 'error_class': ['NameNotResolved'],
         'says': 'the API\'s host name could not be resolved inside Snowflake',
         'remedy': 'List host:port in the network rule of the external access integration, or correct '
             ~ '{policy_api_base_url}. To see: diagnose_policy_execution with check_api: true. Then '
             ~ '{retry}.'},
        {'name': 'api_connection_failed', 'error_class': ['ConnectionFailed', 'InvalidURL'],
         'says': 'no connection to the API could be made',
         'remedy': 'Check that the API is up, and its port in {policy_api_base_url} and in the network rule. '
             ~ 'Check its certificate, too. Then {retry}.'},
        {'name': 'api_no_answer', 'error_class': ['NoAnswer', 'IncompleteAnswer', 'CallBroken'],
         'says': 'the API did not answer in time, or broke the connection off',
         'remedy': 'Check the API\'s health; raise {policy_api_timeout_seconds} if it is only slow. Then '
             ~ '{retry}.'},
        {'name': 'api_unauthorized', 'error_class': ['HTTP401', 'HTTP403', 'HTTP407'],
         'says': 'the API refuses the token, or wants one',
         'remedy': 'Put a valid token into the SECRET that {policy_api_secret} names. Check '
             ~ 'policy_api_auth_header and policy_api_auth_scheme, or secrets and headers of policy_api. '
             ~ 'Only then {retry}: until then each request is refused.'},
        {'name': 'api_not_found', 'error_class': ['HTTP404', 'HTTP405', 'HTTP410'],
         'says': 'the API does not know the address or the policy',
         'remedy': 'Check the path of {policy_api_base_url}, and those in policy_api. For a poll, look whether '
             ~ 'the policy was removed at the API. Then {retry}.'},
        {'name': 'api_rate_limited', 'error_class': ['HTTP429'],
         'says': 'the API wants fewer requests',
         'remedy': 'Lower {policy_api_connections}, or raise {policy_api_step_deadline_seconds}. The Retry-After '
             ~ 'of the API has to fit into the deadline. Then {retry}.'},
        {'name': 'api_redirect', 'error_class': ['Redirect'],
         'says': 'the API answers with a redirect, which is not followed',
         'remedy': 'Set {policy_api_base_url}, or the address in policy_api, to the final address. Allow that '
             ~ 'host in the network rule. Then {retry}.'},
        {'name': 'answer_unreadable', 'error_class': ['UnreadableAnswer'],
         'says': 'the answer is not a JSON object',
         'remedy': 'Check {policy_api_base_url}: mostly a proxy\'s or a login page answers. Look at the response '
             ~ 'in the story. Then {retry}.'},
        {'name': 'answer_too_large', 'error_class': ['ResponseTooLarge'],
         'says': 'the answer is longer than 1 MiB',
         'remedy': 'Check {policy_api_base_url}: the policy API\'s answers are small. Then {retry}.'},
        {'name': 'answer_too_slow', 'error_class': ['ResponseTooSlow'],
         'says': 'the answer did not end within the timeout',
         'remedy': 'Check the API\'s health, or raise {policy_api_timeout_seconds}. Then {retry}.'},
        {'name': 'request_impossible', 'error_class': ['InvalidRequest'],
         'says': 'no request could be made of what there is',
         'remedy': 'Correct what the message names: a header, the address, or the policy_data. Nothing was sent. '
             ~ 'Then {retry}; a changed policy needs another execution_id.'},
        {'name': 'answer_about_another', 'error_class': ['AnotherPolicy'],
         'says': 'the answer names another policy than the one that was asked about',
         'remedy': 'Tell the API\'s owner: the API, or what stands before it, mixes up answers. Look at the '
             ~ 'response in the story. {retry} asks again.'},
        {'name': 'create_refused', 'error_class': ['CreateRefused'],
         'says': 'the API answers the creation with 2xx, and its answer says failure',
         'remedy': 'Correct the policy_data; a changed policy needs another execution_id. The response in the '
             ~ 'story says what is wrong. If the cause is at the API: {retry}.'},
        {'name': 'policy_id_missing', 'error_class': ['MissingPolicyId'],
         'says': 'the API took the policy but gave no policy_id',
         'remedy': 'Look at the API whether the policy exists, and check id of create in policy_api. The '
             ~ 'response in the story says whether this is the policy API. Then {retry}.'},
        {'name': 'policy_id_unusable', 'error_class': ['InvalidPolicyId'],
         'says': 'the API gave a policy_id that cannot stand in a path',
         'remedy': 'Tell the API\'s owner: a policy_id has 1 to 1024 characters and is not . or .. as a whole. '
             ~ 'Then {retry}.'},
        {'name': 'status_missing', 'error_class': ['MissingStatus'],
         'says': 'the polled answers hold no status',
         'remedy': 'Check that status of poll in policy_api points to the status. By the response in the story: is '
             ~ 'this the policy API? Then {retry}.'},
        {'name': 'status_contradicted', 'error_class': ['StatusContradicted'],
         'says': 'the polled answers name a status of success and say otherwise beside it',
         'remedy': 'Look at the response in the story: what stands beside the status? Then {retry} polls anew '
             ~ 'and creates nothing.'},
        {'name': 'policy_failed', 'error_class': ['PolicyFailed'],
         'says': 'the API reports that the policy failed',
         'remedy': 'Find out at the API why. Then run it anew with another execution_id; or {retry} polls again.'},
        {'name': 'policy_not_ready', 'error_class': ['PolicyNotReady'],
         'says': 'the policy was not ready within the attempts',
         'remedy': 'Raise {policy_max_poll_attempts} or {policy_poll_interval_seconds}. Then {retry} polls anew '
             ~ 'and creates nothing.'},
        {'name': 'circuit_refused', 'error_class': ['CircuitRefused'],
         'says': 'the circuit breaker\'s answer says failure',
         'remedy': 'Look at the response in the story. Steps 1 and 2 stay done; {retry} repeats step 3 only.'},
        {'name': 'circuit_accepted', 'error_class': ['CircuitAccepted'],
         'says': 'the API accepted the circuit breaker\'s request and has not confirmed it',
         'remedy': 'Wait until the API has done it, then retry. {retry} repeats step 3 only, with the same '
             ~ 'Idempotency-Key where the API knows keys.'},
        {'name': 'circuit_not_confirmed', 'error_class': ['CircuitNotConfirmed'],
         'says': 'the circuit breaker\'s answer has a status that confirms nothing',
         'remedy': 'Add its status to policy_confirmed_statuses, or to confirm in policy_api, if it does mean '
             ~ 'yes. It stands in the response in the story. Then {retry} repeats step 3 only.'},
        {'name': 'secrets_not_kept', 'error_class': ['SecretsNotKept'],
         'goes_on': 'give',
         'says': 'the history does not keep the policy\'s secrets',
         'remedy': 'Run run_policy_workflow with its policy_data and execution_id.'},
        {'name': 'secret_unusable', 'error_class': ['SecretUnusable'],
         'says': 'the SECRET is empty, of another type than the vars say, or unfit for a header',
         'remedy': 'Give the SECRET a value in one line: the doctor with check_api has the statement. Then {retry}.'},
        {'name': 'cancelled', 'error_class': ['Cancelled'],
         'goes_on': 'never',
         'says': 'somebody cancelled it',
         'remedy': 'Nothing to do: it is never taken up again. A new execution_id starts anew.'},
        {'name': 'api_rejected', 'outcome': ['rejected'],
         'says': 'the API refuses the request (4xx)',
         'remedy': 'Correct the policy_data; a changed policy needs another execution_id. The response in the '
             ~ 'story says what is wrong. If the cause is at the API: {retry}.'},
        {'name': 'api_unavailable', 'outcome': ['unavailable'],
         'says': 'the API is not available (5xx, 408 or 425)',
         'remedy': 'Check the API\'s health. Then {retry}.'}
    ]) -}}
{%- endmacro %}

{#- Returns the cause of one event or outcome, found by its error_class and outcome, or by its own name. -#}
{% macro _failure_cause(event) -%}
    {%- set found = [] -%}
    {%- for cause in policy_workflow._failure_causes() -%}
        {%- set is_named = event.cause == cause.name -%}
        {%- set is_of_class = event.error_class in cause.get('error_class', []) -%}
        {%- if is_named or is_of_class or event.outcome in cause.get('outcome', []) -%}
            {%- do found.append(cause) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set unclassified = {
        'name': 'unclassified',
        'says': 'something that has no name yet',
        'remedy': "Look at its story: dbt run-operation diagnose_policy_execution --args '{execution_id: {execution_id}}'"
    } -%}
    {{- return(found[0] if found else unclassified) -}}
{%- endmacro %}

{#- Returns an expression of SQL: the cause of an event of the events table, null where nothing failed. -#}
{% macro _failure_cause_sql(alias) -%}
case
    when {{ alias }}."error_class" is null and {{ alias }}."status_after" is distinct from 'error' then null
{%- for cause in policy_workflow._failure_causes() %}
    {%- set column = 'outcome' if cause.outcome is defined else 'error_class' %}
    when {{ alias }}."{{ column }}" in ('{{ cause[column] | join("', '") }}') then '{{ cause.name }}'
{%- endfor %}
    else 'unclassified'
end
{%- endmacro %}

{#- Returns the texts of all findings by name, with placeholders in braces: the check, the level (ok, warn,
    error, or skipped where this role cannot see it), what the check found, and in `next` the command or the
    SQL that mends it. Where the level is missing, the check decides it. The macros of this room decide
    which finding there is; only this macro has its words. -#}
{% macro _finding_texts() -%}
    {{- return({
        'connection': {
            'check': 'connection', 'level': 'ok',
            'says': "account {account}, user {user}, Snowflake {version}, dbt {dbt}"
        },
        'role': {'check': 'role', 'level': 'ok', 'says': "{role}"},
        'role_differs': {
            'check': 'role', 'level': 'warn',
            'says': "{role}, but the profile says {wanted}",
            'next': "Correct role in the profile, or: grant role {wanted} to user {user}"
        },
        'role_missing': {'check': 'role', 'level': 'error', 'says': "none", 'next': "Name a role in the profile"},
        'warehouse': {'check': 'warehouse', 'level': 'ok', 'says': "{warehouse}"},
        'warehouse_missing': {
            'check': 'warehouse', 'level': 'error',
            'says': "none, or role {role} may not use it; procedures need one",
            'next': "Name a warehouse in the profile; grant usage on warehouse {warehouse} to role {role}"
        },
        'schema': {'check': 'schema', 'level': 'ok', 'says': "{schema}"},
        'schema_missing': {
            'check': 'schema', 'level': 'error',
            'says': "{schema} does not exist, or role {role} may not see it",
            'next': "create schema if not exists {schema}; or correct the profile, policy_workflow_database and "
                ~ "policy_workflow_schema"
        },
        'case': {'check': 'QUOTED_IDENTIFIERS_IGNORE_CASE', 'level': 'ok', 'says': "false"},
        'case_lost_in_session': {
            'check': 'QUOTED_IDENTIFIERS_IGNORE_CASE', 'level': 'error',
            'says': "true for the session: quoted lower-case columns are not found",
            'next': "alter user {user} set QUOTED_IDENTIFIERS_IGNORE_CASE = false"
        },
        'case_lost_in_account': {
            'check': 'QUOTED_IDENTIFIERS_IGNORE_CASE', 'level': 'error',
            'says': "true for the {scopes}: quoted lower-case columns are not found",
            'next': "alter account set QUOTED_IDENTIFIERS_IGNORE_CASE = false (the account's value holds inside "
                ~ "the procedures)"
        },
        'time_zone': {
            'check': 'TIMEZONE', 'level': 'ok',
            'says': "{here}; start_time and last_poll_time are in it, all else is UTC"
        },
        'time_zones_differ': {
            'check': 'TIMEZONE', 'level': 'warn',
            'says': "{here} in this session, {account} in the account: start_time and last_poll_time mean different "
                ~ "times to different sessions; nothing is decided by them",
            'next': "alter user {user} unset timezone"
        },
        'breaker': {
            'check': 'breaker of {endpoint}', 'level': 'warn',
            'says': "open since {since} UTC, {state}; seen last: {problem}",
            'next': "The next run asks the API again at {until} UTC; to close the breaker at once: "
                ~ "dbt run-operation reset_policy_api_breaker"
        },
        'breakers_off': {
            'check': 'breakers', 'level': 'ok', 'says': "switched off: policy_api_breaker_failures is 0"
        },
        'breakers_closed': {'check': 'breakers', 'level': 'ok', 'says': "closed: no endpoint of the API is given up"},
        'table': {'check': '{name}', 'level': 'ok', 'says': "{count} columns, as they should be"},
        'table_missing': {
            'check': '{name}', 'level': 'error',
            'says': "not there, or role {role} may not see it",
            'next': "dbt run-operation deploy_policy_workflow; or: grant select on table {table} to role {role}"
        },
        'table_old': {
            'check': '{name}', 'level': 'error',
            'says': "made by an older version; without {columns}",
            'next': "dbt run-operation deploy_policy_workflow"
        },
        'table_differs': {
            'check': '{name}', 'level': 'error',
            'says': "{columns}",
            'next': "alter table {table} rename to {table}_old; then dbt run-operation deploy_policy_workflow"
        },
        'events_missing': {
            'check': 'policy_execution_events', 'level': 'error',
            'says': "not there, or role {role} may not see it",
            'next': "dbt run-operation diagnose_policy_execution; or: grant select on table {table} to role {role}"
        },
        'procedure': {'check': '{name}', 'level': 'ok', 'says': "current; {about}"},
        'procedure_old': {
            'check': '{name}({types})', 'level': 'warn',
            'says': "a signature of an older version, still callable",
            'next': "drop procedure if exists {procedure}({types})"
        },
        'procedure_missing': {
            'check': '{name}', 'level': 'error',
            'says': "not registered, or role {role} may not use it",
            'next': "dbt run-operation deploy_policy_workflow; or: grant usage on procedure {procedure}(varchar) to "
                ~ "role {role}"
        },
        'procedure_of_caller': {
            'check': '{name}', 'level': 'error',
            'says': "{about}: it must run with its owner's rights",
            'next': "alter procedure {procedure}(varchar) execute as owner"
        },
        'procedure_not_current': {
            'check': '{name}', 'level': 'warn',
            'says': "{about}; not current: {reason}. The next run "
                ~ "registers it anew, and needs CREATE PROCEDURE for that",
            'next': "dbt run-operation deploy_policy_workflow"
        },
        'procedure_of_another': {
            'check': '{name}', 'level': 'error', 'says': "{says}: it is not called", 'next': "{next}"
        },
        'integration': {'check': '{name}', 'level': 'ok', 'says': "the integration is enabled"},
        'integration_missing': {
            'check': '{name}',
            'says': "the integration is not there, or role {role} may not use it",
            'next': "grant usage on integration {name} to role {owner}"
        },
        'integration_disabled': {
            'check': '{name}', 'level': 'error',
            'says': "the integration is disabled",
            'next': "alter external access integration {name} set enabled = true"
        },
        'host_allowed': {'check': 'network rule', 'level': 'ok', 'says': "{value} is allowed"},
        'rule_hidden': {
            'check': 'network rule', 'level': 'skipped',
            'says': "role {role} does not own {rules} and cannot see whether {host} is allowed",
            'next': "dbt run-operation diagnose_policy_execution --args '{check_api: true}'"
        },
        'host_not_allowed': {
            'check': 'network rule', 'level': 'error',
            'says': "{host} is not allowed; allowed: {allowed}",
            'next': "alter network rule {rule} set value_list = ({values})"
        },
        'secret': {'check': 'secret', 'level': 'ok', 'says': "{secret}, {kind}"},
        'secret_not_set': {
            'check': 'secret', 'level': 'ok', 'says': "none: requests carry no token ({place})"
        },
        'secret_missing': {
            'check': 'secret',
            'says': "{secret} is not there, or role {role} may not read it",
            'next': "grant read on secret {secret} to role {owner}"
        },
        'secret_of_another_type': {
            'check': 'secret', 'level': 'error',
            'says': "{secret} is of type {type}, {place} says {kind}",
            'next': "{remedy}"
        },
        'secret_not_allowed': {
            'check': 'secret', 'level': 'error',
            'says': "{secret} is not allowed by the integrations",
            'next': "alter external access integration {integration} set allowed_authentication_secrets = ({secrets})"
        },
        'secret_allowance_hidden': {
            'check': 'secret', 'level': 'skipped',
            'says': "{secret}, {kind}; role {role} cannot see whether {integrations} allows it"
        },
        'api': {'check': 'API', 'level': 'ok', 'says': "{url} answers HTTP {status} in {duration} ms{versions}"},
        'api_fails': {'check': 'API', 'says': "{cause}: {message}{versions}", 'next': "{remedy}"},
        'api_not_checked': {
            'check': 'API', 'level': 'error',
            'says': "not checked: the procedure check_policy_api is not there for this role",
            'next': "dbt run-operation deploy_policy_workflow"
        },
        'api_not_asked': {
            'check': 'API', 'level': 'skipped',
            'says': "not asked",
            'next': "dbt run-operation diagnose_policy_execution --args '{check_api: true}'"
        },
        'grants': {'check': 'grants', 'level': 'ok', 'says': "role {role} has what the set-up gives it"},
        'grant_missing': {
            'check': '{right} on {kind}', 'level': 'warn',
            'says': "role {role} does not have it on {name} itself; needed, unless another role that it inherits "
                ~ "has it",
            'next': "{grant}"
        },
        'views_missing': {
            'check': 'views', 'level': 'warn',
            'says': "not built, or role {role} may not read them: {views}",
            'next': "{grant}; then, as role {deployer}: dbt build"
        },
        'state_table': {'check': 'state table', 'level': 'ok', 'says': "{counts}"},
        'state_table_empty': {
            'check': 'state table', 'level': 'ok',
            'says': "empty: finished executions leave it after their retention"
        },
        'active': {'check': 'active', 'level': 'ok', 'says': "{count} execution(s) not finished"},
        'none_stuck': {'check': 'stuck', 'level': 'ok', 'says': "none is open for over {minutes} minutes"},
        'stuck': {
            'check': 'stuck', 'level': 'warn',
            'says': "{count} execution(s) not finished after {minutes} minutes, such as {example}",
            'next': "dbt run-operation retry_policy_workflow"
        },
        'all_leased': {
            'check': 'leases', 'level': 'ok', 'says': "a run holds the lease of every open execution"
        },
        'left_behind': {
            'check': 'leases', 'level': 'warn',
            'says': "{count} execution(s) whose run is gone (their lease ran out), such as {example}",
            'next': "dbt run-operation retry_policy_workflow"
        },
        'none_started': {
            'check': 'success rate', 'level': 'ok', 'says': "no execution started in the last 24 hours"
        },
        'success_rate': {
            'check': 'success rate', 'level': 'ok',
            'says': "{rate} % of the {started} execution(s) of the last 24 hours completed "
                ~ "(policy_min_success_rate_percent: {least})"
        },
        'success_rate_low': {
            'check': 'success rate', 'level': 'warn',
            'says': "{rate} % of the {started} execution(s) of the last 24 hours completed "
                ~ "(policy_min_success_rate_percent: {least})",
            'next': "See the causes below"
        },
        'polls': {'check': 'polls', 'level': 'ok', 'says': "{polls} an execution on average, {most} at most"},
        'slowest_step': {
            'check': 'slowest step', 'level': 'ok', 'says': "{step}: {seconds} s on average, {longest} s at most"
        },
        'none_failed': {
            'check': 'failures', 'level': 'ok', 'says': "none in the last 24 hours that is not mended"
        },
        'cause': {
            'check': '{cause}',
            'says': "{count} execution(s): {says}. Such as {example}: {message}",
            'next': "{remedy}"
        },
        'no_such_run': {
            'check': '{run}', 'level': 'error',
            'says': "there is no such run in {table}",
            'next': "dbt run-operation get_policy_execution_state"
        },
        'run_completed': {'check': 'completed', 'level': 'ok', 'says': "{completed} of {total} execution(s)"},
        'standing': {'check': '{standing}', 'says': "{count} execution(s), such as {example}: {words}"},
        'free': {
            'check': 'free', 'level': 'warn',
            'says': "{count} execution(s), such as {example}: {words}",
            'next': "dbt run-operation retry_policy_workflow --args '{run: {run}}'"
        },
        'no_such_execution': {
            'check': '{execution_id}', 'level': 'error',
            'says': "there is no event of such an execution in {schema}",
            'next': "dbt run-operation get_policy_execution_state"
        },
        'execution': {'check': '{execution_id}', 'level': 'ok', 'says': "{words}"},
        'execution_failed': {
            'check': '{execution_id}', 'level': 'error', 'says': "{cause}: {says}", 'next': "{remedy}"
        },
        'execution_leased': {
            'check': '{execution_id}', 'level': 'ok', 'says': "at {status}, lease held by run {lease} UTC"
        },
        'execution_left': {
            'check': '{execution_id}', 'level': 'warn',
            'says': "at {status}, and its run is gone",
            'next': "dbt run-operation retry_policy_workflow --args '{execution_id: {execution_id}}'"
        }
    }) -}}
{%- endmacro %}

"""The test of the tests: code that falls into a trap of Snowflake is found."""

from __future__ import annotations

import pytest

from tests.unit.sql_audit.mutants import Mutant

pytestmark = pytest.mark.slow

DDL = "macros/objects/_procedure_ddl.sql"
STATEMENTS = "procedures/tables/statements.py"
CLAIM = "procedures/tables/claim_statements.py"
READ = "procedures/tables/read_statements.py"
HISTORY = "procedures/tables/history_statements.py"
DATABASE = "procedures/tables/database.py"
CLAIMING = "procedures/tables/claiming.py"
STATE = "procedures/tables/execution_state.py"
TRANSPORT = "procedures/http/transport.py"
LITERAL = "macros/_internal/_sql_literal.sql"
CALL = "macros/objects/_call_procedure.sql"
CHANGES = "macros/deploy/_create_tables.sql"
COLUMNS = "macros/objects/_tables.sql"
MEMBERS = "macros/runs/_standing.sql"
LEASE = "macros/diagnosis/_live_lease.sql"
OWNERS = "macros/objects/_owners.sql"
OPEN = "macros/diagnosis/_diagnose_executions.sql"
UNFINISHED = "macros/runs/_unfinished_executions.sql"
CALLERS = "current_timestamp()::timestamp_ntz"
WAIT = "macros/steps/_wait.sql"
COMMIT = 'self._session.sql("commit").collect()'

# trap, file, text to replace, replacement, rule that must fire
MUTATIONS = [
    # 1: no way out to the API
    (1, DDL, "external_access_integrations =", "imports =", "no_way_out"),
    (
        1,
        TRANSPORT,
        "timeout=Timeout(connect=seconds, read=seconds),",
        "",
        "request_without_timeout",
    ),
    # 2: packages and runtime
    (2, DDL, "runtime_version = {{", "runtime_version = '3.8' -- {{", "runtime_that_is_gone"),
    (2, DDL, "{%- do packages.append(", "{%- do [].append(", "packages_that_fail"),
    # 3: NULL at the border
    (3, DDL, "(request varchar)", "(request variant)", "null_argument"),
    (3, DDL, r"\nexecute as owner", r"\nstrict\nexecute as owner", "null_argument"),
    (3, DATABASE, "value if isinstance(value, str) else to_json(value)", "value", "bound_value"),
    (3, DATABASE, "params=params or None", "params=[*params, None]", "bound_value"),
    # 4: typed, strict DML
    (
        4,
        STATEMENTS,
        "select\n{values},\n    current_timestamp()\nfrom {ROWS}",
        "values (parse_json(?))",
        "semi_structured_in_values",
    ),
    (4, STATEMENTS, '"api_response": ""', '"api_response": "::varchar"', "wrong_type"),
    (4, STATEMENTS, '"response": ""', '"response": "::varchar"', "wrong_type"),
    (4, STATEMENTS, '"policy_id": "::varchar"', '"policy_id": ""', "wrong_type"),
    (4, HISTORY, '"f.value:policy_data"', '"f.value:policy_data::varchar"', "wrong_type"),
    (
        4,
        CLAIM,
        "f.value:invocation_id::varchar as invocation_id",
        "f.value:invocation_id as invocation_id",
        "wrong_type",
    ),
    (4, CLAIM, "s.item:position::number", "s.item:position", "wrong_type"),
    (4, CLAIM, "f.value:problem::varchar as", "f.value:problem as", "wrong_type"),
    (
        4,
        COLUMNS,
        "'start_time', 'type': 'timestamp_ntz'",
        "'start_time', 'type': 'timestamp_ntz(3)'",
        "precise_default",
    ),
    (4, CHANGES, "column.type) -%}", "column.type ~ ' default 0') -%}", "precise_default"),
    # 5: the clock
    (5, STATEMENTS, 'NOW = "sysdate()"', f'NOW = "{CALLERS}"', "other_clock"),
    (5, STATEMENTS, 'NOW = "sysdate()"', 'NOW = "current_timestamp()"', "other_clock"),
    (5, STATEMENTS, f'CLOCK = "{CALLERS}"', 'CLOCK = "sysdate()"', "other_clock"),
    (5, STATEMENTS, f'CLOCK = "{CALLERS}"', 'CLOCK = "current_timestamp()"', "zone_of_time"),
    (5, STATEMENTS, "step = 2 then {NOW}", "step = 2 then {WALL_CLOCK}", "other_clock"),
    (5, STATEMENTS, "current_timestamp())::timestamp_ntz", "sysdate())", "other_clock"),
    (
        5,
        STATEMENTS,
        "current_timestamp())::timestamp_ntz",
        "current_timestamp())",
        "zone_of_time",
    ),
    (5, STATEMENTS, "    current_timestamp()\n", "    sysdate()\n", "other_clock"),
    (5, STATEMENTS, "    current_timestamp()\n", f"    {CALLERS}\n", "zone_of_time"),
    (5, CLAIM, "number,\n    {NOW}\nfrom", "number,\n    {WALL_CLOCK}\nfrom", "other_clock"),
    (5, CLAIM, "'pending', {WALL_CLOCK}", "'pending', {NOW}", "other_clock"),
    (5, CLAIM, '"lease_expires_at" <= {NOW}', '"lease_expires_at" <= {WALL_CLOCK}', "other_clock"),
    (5, READ, "(millisecond, {NOW},", "(millisecond, current_timestamp(),", "other_clock"),
    (
        5,
        HISTORY,
        "f.value:started::number, 6)::timestamp_ntz",
        "f.value:started::number, 6)",
        "zone_of_time",
    ),
    (
        5,
        HISTORY,
        '"to_timestamp_ntz(f.value:polled',
        '"to_timestamp_ltz(f.value:polled',
        "other_clock",
    ),
    (
        5,
        HISTORY,
        """'date_part(epoch_microsecond, e."event_time")'""",
        """'e."event_time"::varchar'""",
        "text_of_time",
    ),
    (5, MEMBERS, "<= sysdate()", f"<= {CALLERS}", "other_clock"),
    (
        5,
        MEMBERS,
        "to_varchar(t.\"lease_expires_at\", 'YYYY-MM-DD HH24:MI:SS')",
        't."lease_expires_at"::varchar',
        "text_of_time",
    ),
    (5, LEASE, "> sysdate()", f"> {CALLERS}", "other_clock"),
    (5, LEASE, ", 'YYYY-MM-DD HH24:MI:SS')", ")", "text_of_time"),
    (
        5,
        LEASE,
        "to_varchar(t.\"lease_expires_at\", 'YYYY-MM-DD HH24:MI:SS')",
        't."lease_expires_at"',
        "text_of_time",
    ),
    (5, OPEN, "current_timestamp())::timestamp_ntz", "sysdate())", "other_clock"),
    (5, OPEN, "current_timestamp())::timestamp_ntz", "current_timestamp())", "zone_of_time"),
    (5, UNFINISHED, "current_timestamp())", "sysdate())", "other_clock"),
    (5, UNFINISHED, "<= sysdate()", "<= current_timestamp()", "other_clock"),
    (
        5,
        COLUMNS,
        "'finished_at', 'type': 'timestamp_ntz'",
        "'finished_at', 'type': 'timestamp_ntz', 'default': 'current_timestamp()'",
        "other_clock",
    ),
    (
        5,
        DATABASE,
        "text = str(error).lower()",
        "text = time.strftime('%H')",
        "wall_clock_in_python",
    ),
    # 6: owner's rights
    (
        6,
        STATEMENTS,
        "delete from {state}",
        "delete from policy_execution_state",
        "unqualified_name",
    ),
    (6, STATEMENTS, "t.\"status\" <> 'completed'", "t.status <> 'completed'", "unquoted_column"),
    (
        6,
        STATEMENTS,
        '    "status" = s.status_after',
        "    status = s.status_after",
        "unquoted_column",
    ),
    (
        6,
        READ,
        'select t."execution_id"\n',
        'select current_schema(), t."execution_id"\n',
        "beyond_owners_rights",
    ),
    (
        6,
        DATABASE,
        '"begin transaction"',
        '"alter session set autocommit = false"',
        "beyond_owners_rights",
    ),
    (
        6,
        "macros/objects/_schema.sql",
        'policy_workflow._schema_name() ~ "." ~ name',
        "name",
        "unqualified_name",
    ),
    (6, CLAIM, "insert into {runs} (", "insert into policy_execution_runs (", "unqualified_name"),
    (6, CLAIM, '"position", "recorded_at")', '"position", recorded_at)', "unquoted_column"),
    (6, CLAIM, '"status", "start_time", "completed"', "status, start_time", "unquoted_column"),
    (6, CLAIM, 'max_by(e."status_after"', "max_by(e.status_after", "unquoted_column"),
    (6, MEMBERS, 'g."run_id" =', "g.run_id =", "unquoted_column"),
    (
        6,
        MEMBERS,
        "policy_workflow._relation_name('policy_execution_runs')",
        "'policy_execution_runs'",
        "unqualified_name",
    ),
    (6, OWNERS, "from {{ database }}.information_schema.", "from ", "unqualified_name"),
    (
        6,
        CHANGES,
        """'"' ~ column.name ~ '" ' ~ column.type ~ default""",
        "column.name ~ ' ' ~ column.type ~ default",
        "unquoted_column",
    ),
    # 7: transactions
    (7, DATABASE, COMMIT, "pass", "open_transaction"),
    (
        7,
        DATABASE,
        COMMIT,
        f'self._session.sql("create table x (a number)").collect()\n                {COMMIT}',
        "ddl_in_handler",
    ),
    (
        7,
        CLAIMING,
        "history = restore(self._database, self._settings, gone)",
        "history = self._database.in_transaction(\n"
        "                partial(restore, self._database, self._settings, gone)\n            )",
        "open_transaction",
    ),
    (
        7,
        DATABASE,
        "import random",
        "import random\nfrom requests import post",
        "request_near_transaction",
    ),
    (7, CLAIMING, "import time", "import time\nimport requests", "request_near_transaction"),
    (
        7,
        STATE,
        "from procedures.tables.restoring import restore",
        "from procedures.http.policy_api import PolicyApi\n"
        "from procedures.tables.restoring import restore",
        "request_near_transaction",
    ),
    (7, CALL, '"call " ~', '"begin; call " ~', "not_one_statement"),
    (7, WAIT, '"call system$wait(" ~ whole ~ ")"', '"begin"', "client_transaction"),
    # 8: locks and duplicates
    (
        8,
        STATE,
        "done = self._database.write(statement, [wanted])\n",
        "done = self._database.write(statement, [wanted, wanted])\n",
        "duplicate_source_rows",
    ),
    (
        8,
        CLAIMING,
        "self._database.write(statement, wanted)",
        "self._database.write(statement, [*wanted, *wanted])",
        "duplicate_source_rows",
    ),
    (
        8,
        CLAIM,
        "    and t.\"status\" <> 'completed'\n"
        "    and (t.\"status\" <> 'error' or s.takes_failed)\n",
        "",
        "unguarded_update",
    ),
    (
        8,
        CLAIM,
        '        or t."lease_expires_at" is null\n        or t."lease_expires_at" <= {NOW}\n    )\n'
        "then",
        "        or true\n    )\nthen",
        "unguarded_update",
    ),
    (8, CLAIM, "when not matched and s.is_new then", "when not matched then", "unguarded_insert"),
    (
        1,
        CLAIM,
        "s.policy_data, s.policy_text",
        "parse_json(s.policy_text), s.policy_text",
        "semi_structured_in_values",
    ),
    (8, CLAIM, 'set "problem" = s.problem', 'set "run_id" = s.run_id', "set_changed"),
    (8, CLAIM, 'where r."run_id" = s.run_id\n  and', "where", "set_changed"),
    (
        8,
        CLAIMING,
        "write_contended(refuse_sql(self._settings.runs_table), part)",
        'write_contended(f"delete from {self._settings.runs_table}")',
        "set_changed",
    ),
    (8, STATEMENTS, '  and t."status" = s.status_before\n', "", "unguarded_update"),
    (8, STATEMENTS, '  and t."invocation_id" = ?\n', "", "unguarded_update"),
    (
        8,
        STATE,
        "self._database.write(append_events_sql(self._events), part)",
        'self._database.write(f"delete from {self._events}")',
        "events_changed",
    ),
    (8, DATABASE, '"000625", ', "", "contention_not_repeated"),
    (
        8,
        DATABASE,
        "random.uniform(0.05, min(0.2 * 2**tried, LONGEST_WAIT_SECONDS))",
        "0.1",
        "contention_not_repeated",
    ),
    # 9: literals and results through dbt
    (9, LITERAL, '.replace("\\\\", "\\\\\\\\")', "", "literal_of_another_meaning"),
    (9, LITERAL, '.replace("\\\\", "\\\\\\\\")', "", "single_backslash"),
    (9, LITERAL, """.replace("'", "''")""", "", "unclosed_text"),
    (9, CALL, "~ literal ~", '~ "\'" ~ tojson(request) ~ "\'" ~', "value_without_literal"),
    (9, MEMBERS, "policy_workflow._sql_literal(run)", """"'" ~ run ~ "'\"""", "unclosed_text"),
    (9, MEMBERS, "policy_workflow._sql_literal(run)", """"'" ~ run ~ "'\"""", "single_backslash"),
    (
        9,
        MEMBERS,
        "policy_workflow._sql_literal(run)",
        """"'" ~ run ~ "'\"""",
        "value_without_literal",
    ),
    (9, MEMBERS, 'order by s."position"\n{%-', 'order by s."position";\n{%-', "not_one_statement"),
    (
        9,
        OWNERS,
        "{{ policy_workflow._sql_literal(schema | upper) }}",
        "'{{ schema | upper }}'",
        "value_without_literal",
    ),
    (9, CALL, "result.rows[0][0]", "result.rows[0]['CREATE_POLICY']", "answer_read_otherwise"),
    (9, "macros/objects/_tables.sql", "column['name']", "column[0]", "read_by_position"),
    (
        9,
        DDL,
        "{%- if '$$' in body -%}",
        "{%- set body = body ~ '# $$' -%}{%- if false -%}",
        "body_that_breaks",
    ),
    (
        9,
        DDL,
        "handler = {{ policy_workflow._sql_literal(name) }}",
        "handler = 'nobody'",
        "body_that_breaks",
    ),
    (9, WAIT, '~ whole ~ ")"', '~ whole ~ ");"', "not_one_statement"),
    (9, WAIT, '"call system$wait(" ~ whole ~ ")"', '"-- nothing"', "not_one_statement"),
    # 10: deploying again, and sign-in
    (10, DDL, "copy grants\n", "", "replace_without_copy_grants"),
    (10, CHANGES, '"create table if not exists "', '"create or replace table "', "replaced_object"),
    (
        10,
        "macros/deploy/_drop_procedures.sql",
        "(procedure.name) ~ signature",
        "(procedure.name)",
        "procedure_without_types",
    ),
    (
        10,
        OWNERS,
        'name) ~ "(varchar)" -%}\n        {%- for',
        "name) -%}\n        {%- for",
        "procedure_without_types",
    ),
    (
        10,
        "profiles.example.yml",
        "private_key_path: \"{{ env_var('SNOWFLAKE_PRIVATE_KEY_PATH'",
        "password: \"{{ env_var('PASSWORD'",
        "password_only_profile",
    ),
]


def test_every_trap_has_a_mutation() -> None:
    """Each of the ten traps of Snowflake is fallen into here."""
    assert {trap for trap, *_ in MUTATIONS} == set(range(1, 11))


def test_the_project_falls_into_no_trap() -> None:
    """The unchanged sources give no finding, so a mutant's finding comes from its change."""
    assert [str(finding) for finding in Mutant().findings()] == []


@pytest.mark.parametrize(
    ("path", "old", "new", "rule"),
    [mutation[1:] for mutation in MUTATIONS],
    ids=[f"{trap}-{rule}-{number}" for number, (trap, _, _, _, rule) in enumerate(MUTATIONS)],
)
def test_a_trap_is_noticed(path: str, old: str, new: str, rule: str) -> None:
    """The rule for a trap finds a project that falls into the trap."""
    assert rule in {finding.rule for finding in Mutant(path, old, new).findings()}

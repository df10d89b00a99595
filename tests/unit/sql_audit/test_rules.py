"""Each rule of the audit, on a statement that it allows and on one that it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.sql_audit.audit import call_findings, source_findings
from tests.sql_audit.parsing import UNKNOWN, problems, unparsable
from tests.sql_audit.rules import (
    CALL_RULES,
    SOURCE_RULES,
    STATEMENT_RULES,
    binds,
    form,
    names,
    time,
    types,
    writes,
)
from tests.sql_audit.rules import procedures as declared
from tests.sql_audit.scenario import statements_of
from tests.sql_audit.statement import MACROS, NODES, PROCEDURES, Sent, sender_of
from tests.unit.sql_audit.test_mutations import MUTATIONS

Rule = Callable[[Sent], Iterator[str]]
STATE = "db.sch.policy_execution_state"
EVENTS = "db.sch.policy_execution_events"
VALUE = "value_without_literal"
RUNS = "db.sch.policy_execution_runs"
WALL_CLOCK = "current_timestamp()::timestamp_ntz"
PROCEDURE = """create or replace procedure db.sch.p(request varchar) copy grants returns variant
language python runtime_version = '3.11' packages = ('snowflake-snowpark-python', 'requests')
handler = 'p' external_access_integrations = (API) execute as owner as
$$
def p(session, request):
    return 'a;b'
$$"""
EXAMPLES: list[tuple[Rule, str, str, str]] = [
    (names.unqualified_name, PROCEDURES, f"select 1 from {STATE}", "select 1 from sch.t"),
    (
        names.unqualified_name,
        MACROS,
        "with t as (select 1 as a from db.sch.u) select a from t",
        "with t as (select 1 as a from u) select a from t",
    ),
    (names.unqualified_name, MACROS, "call db.sch.p('x')", "call p('x')"),
    (names.unqualified_name, MACROS, "call system$wait(1)", "describe table sch.t"),
    (names.unqualified_name, MACROS, "show tables in schema a.b", "show tables in schema b"),
    (
        names.unquoted_column,
        MACROS,
        f'select t."status" from {STATE} t',
        f"select t.status from {STATE} t",
    ),
    (
        names.unquoted_column,
        PROCEDURES,
        f'delete from {STATE} where "completed" = true',
        f"delete from {STATE} where completed = true",
    ),
    (
        names.unquoted_column,
        MACROS,
        f'select e."event" as event from {EVENTS} e order by event',
        f'select e."Event" as event from {EVENTS} e',
    ),
    (
        names.procedure_without_types,
        MACROS,
        "drop procedure if exists db.sch.p(varchar)",
        "drop procedure if exists db.sch.p",
    ),
    (
        names.procedure_without_types,
        MACROS,
        "show grants on procedure db.sch.p(varchar)",
        "show grants on procedure db.sch.p",
    ),
    (
        types.semi_structured_in_values,
        PROCEDURES,
        "insert into db.sch.t (a) select parse_json('1')",
        "insert into db.sch.t (a) values (object_construct('a', 1))",
    ),
    (
        types.wrong_type,
        PROCEDURES,
        f'insert into {EVENTS} ("response", "step") select f.value:r, f.value:s::number from x f',
        f"""insert into {EVENTS} ("response", "step") select '{{}}', f.value:s::number from x f""",
    ),
    (
        writes.ddl_in_handler,
        PROCEDURES,
        "commit",
        "create table if not exists db.sch.t (a number)",
    ),
    (writes.beyond_owners_rights, PROCEDURES, "show tables in schema a.b", "use schema a.b"),
    (
        writes.beyond_owners_rights,
        PROCEDURES,
        "select current_user()",
        "create temporary table db.sch.t (a number)",
    ),
    (writes.write_outside_procedures, MACROS, f"select 1 from {STATE}", f"delete from {STATE}"),
    (writes.client_transaction, MACROS, "select 1", "commit"),
    (
        writes.unguarded_update,
        PROCEDURES,
        f'update {STATE} set "message" = null where "status" = \'x\' and "invocation_id" = ?',
        f'update {STATE} set "message" = null where "execution_id" = ?',
    ),
    (
        writes.unguarded_update,
        PROCEDURES,
        f'update {STATE} set "invocation_id" = ? where "completed" = false '
        'and "lease_expires_at" <= sysdate()',
        f'update {STATE} set "invocation_id" = ? where "completed" = false',
    ),
    (
        writes.unguarded_insert,
        PROCEDURES,
        f"merge into {STATE} t using (select 'e' as e, true as n) s on t.\"execution_id\" = s.e "
        "when not matched and s.n then insert (\"status\") values ('pending')",
        f"merge into {STATE} t using (select 'e' as e, true as n) s on t.\"execution_id\" = s.e "
        "when not matched then insert (\"status\") values ('pending')",
    ),
    (
        writes.set_changed,
        PROCEDURES,
        f'insert into {RUNS} ("run_id") select f.value:id::varchar from x f',
        f"delete from {RUNS}",
    ),
    (
        writes.set_changed,
        PROCEDURES,
        f'update {RUNS} set "problem" = ? where "run_id" = ?',
        f'update {RUNS} set "problem" = ? where "execution_id" = ?',
    ),
    (
        writes.set_changed,
        PROCEDURES,
        f'update {RUNS} set "problem" = ? where "run_id" = ?',
        f'update {RUNS} set "problem" = ?, "position" = 1 where "run_id" = ?',
    ),
    (
        writes.events_changed,
        PROCEDURES,
        f'insert into {EVENTS} ("step") select 1',
        f'update {EVENTS} set "step" = 1',
    ),
    (
        writes.replaced_object,
        MACROS,
        "create or replace view db.sch.v as select 1 as a",
        "create or replace external access integration i allowed_network_rules = (r)",
    ),
    (
        time.other_clock,
        PROCEDURES,
        f'update {STATE} set "finished_at" = dateadd(second, 1, sysdate())',
        f'update {STATE} set "finished_at" = dateadd(second, 1, {WALL_CLOCK})',
    ),
    (
        time.other_clock,
        PROCEDURES,
        f'insert into {RUNS} ("position", "recorded_at") select 1, sysdate()',
        f'insert into {RUNS} ("position", "recorded_at") select 1, current_timestamp()',
    ),
    (
        time.other_clock,
        PROCEDURES,
        f'update {STATE} set "last_poll_time" = {WALL_CLOCK}',
        f'update {STATE} set "last_poll_time" = case when true then sysdate() end',
    ),
    (
        time.other_clock,
        PROCEDURES,
        f'insert into {EVENTS} ("event_time") select current_timestamp()',
        f'insert into {EVENTS} ("event_time") select sysdate()',
    ),
    (
        time.other_clock,
        MACROS,
        f'select t."lease_expires_at" > sysdate() from {STATE} t',
        f'select t."lease_expires_at" > current_timestamp() from {STATE} t',
    ),
    (
        time.other_clock,
        MACROS,
        f'select datediff(second, t."polled_at", sysdate()) from {STATE} t',
        f'select datediff(second, t."start_time", sysdate()) from {STATE} t',
    ),
    (
        time.other_clock,
        NODES,
        f'select coalesce(t."finished_at", t."polled_at") as a from {STATE} t',
        f'select coalesce(t."finished_at", t."last_poll_time") as a from {STATE} t',
    ),
    (
        time.other_clock,
        NODES,
        f'select t."start_time"::timestamp_ltz as a from {STATE} t',
        f'select t."finished_at"::timestamp_ltz as a from {STATE} t',
    ),
    (
        time.other_clock,
        NODES,
        f"select convert_timezone('UTC', e.\"event_time\") as a from {EVENTS} e",
        f"select convert_timezone('UTC', t.\"cancelled_at\") as a from {STATE} t",
    ),
    (
        time.other_clock,
        MACROS,
        f'select 1 from (select "polled_at" as at from {STATE}) s where s.at < sysdate()',
        f'select 1 from (select "start_time" as at from {STATE}) s where s.at < sysdate()',
    ),
    (
        time.other_clock,
        MACROS,
        f'create table {STATE} ("start_time" timestamp_ntz default current_timestamp())',
        f'create table {STATE} ("start_time" timestamp_ntz default sysdate())',
    ),
    (
        time.zone_of_time,
        MACROS,
        f'select 1 from {STATE} t where t."start_time" '
        "< dateadd(hour, -1, current_timestamp())::timestamp_ntz",
        f'select 1 from {STATE} t where t."start_time" < dateadd(hour, -1, current_timestamp())',
    ),
    (
        time.zone_of_time,
        NODES,
        f'select min(t."start_time") over ()::timestamp_ltz < e."event_time" from {STATE} t, '
        f"{EVENTS} e",
        f'select min(t."start_time") over () < e."event_time" from {STATE} t, {EVENTS} e',
    ),
    (
        time.zone_of_time,
        MACROS,
        f'select 1 from {EVENTS} e where e."event_time" < current_timestamp()',
        f'select 1 from {EVENTS} e where e."event_time" < {WALL_CLOCK}',
    ),
    *[
        (
            time.text_of_time,
            MACROS,
            f"select to_varchar(t.\"finished_at\", 'YYYY-MM-DD') || ' UTC' as a from {STATE} t",
            f"select {bad} as a from {STATE} t",
        )
        for bad in (
            't."finished_at"::varchar',
            'cast(t."start_time" as text)',
            'to_varchar(t."finished_at")',
            "to_char(dateadd(hour, 1, sysdate()))",
            "current_timestamp()::varchar",
            "t.\"finished_at\" || ' UTC'",
            "concat(sysdate(), ' UTC')",
            'try_cast(max(t."recorded_at") as varchar)',
        )
    ],
    (
        time.precise_default,
        MACROS,
        f'create table {STATE} ("start_time" timestamp_ntz default current_timestamp())',
        f'create table {STATE} ("start_time" timestamp_ntz(3) default current_timestamp())',
    ),
    (form.not_one_statement, MACROS, "select ';' -- ;", "select 1; select 2"),
    (form.not_one_statement, NODES, "create view v as (select 1);", "select 1; select 2;"),
    (form.not_one_statement, MACROS, PROCEDURE, "-- only a comment"),
    (form.single_backslash, MACROS, r"select 'a\\b'", r"select 'a\nb'"),
    (form.unclosed_text, MACROS, "select 'it''s'", "select 'it's'"),
    (
        form.host_with_scheme,
        MACROS,
        "alter network rule a.b.c set value_list = ('api.example.com:443', '*.example.com')",
        "alter network rule a.b.c set value_list = ('https://api.example.com/v1')",
    ),
    *[
        (rule, MACROS, PROCEDURE, PROCEDURE.replace(old, new))
        for rule, old, new in [
            (declared.replace_without_copy_grants, " copy grants", ""),
            (declared.runtime_that_is_gone, "'3.11'", "'3.9'"),
            (declared.runtime_that_is_gone, "'3.11'", "3.11"),
            (declared.packages_that_fail, "snowpark-python'", "snowpark-python==1.2'"),
            (declared.no_way_out, "(API)", "()"),
            (declared.no_way_out, ".p(", ".explain_policy_api("),
            (declared.null_argument, "request varchar", "request variant"),
            (declared.declared_otherwise, "execute as owner", ""),
            (declared.declared_otherwise, "returns variant", "returns table (a number)"),
            (declared.body_that_breaks, "'a;b'", "'$$'"),
            (declared.body_that_breaks, "def p(session", "def q(session"),
            (declared.body_that_breaks, "return 'a;b'", "return ("),
        ]
    ],
]


@pytest.mark.parametrize(
    ("rule", "sender", "good", "bad"), EXAMPLES, ids=[example[0].__name__ for example in EXAMPLES]
)
def test_a_rule_tells_good_from_bad(rule: Rule, sender: str, good: str, bad: str) -> None:
    """A rule finds the wrong statement, and nothing in the right statement beside it."""
    assert list(rule(Sent(sender, good))) == []
    assert list(rule(Sent(sender, bad))) != []


@pytest.mark.parametrize(
    ("params", "right"),
    [
        ((("TEXT", "[]"),), True),
        ((("TEXT", None),), False),
        ((("TEXT", ["a", "b"]),), False),
        ((("FIXED", "1"),), False),
        ((), False),
    ],
)
def test_only_text_is_bound(params: tuple[tuple[str, Any], ...], right: bool) -> None:
    """None, lists, numbers, and a place without a value are findings."""
    statement = Sent(PROCEDURES, "select parse_json(?)", params=params)
    assert (list(binds.bound_value(statement)) == []) is right


def test_each_source_row_stands_once() -> None:
    """An execution that stands twice in the source of an UPDATE is a finding."""
    sql = f'update {STATE} t set "message" = s.m from (select parse_json(?) as m) s where true'
    row = '{"execution_id": "e"}'
    once, twice = (
        Sent(PROCEDURES, sql, params=(("TEXT", text),)) for text in (f"[{row}]", f"[{row}, {row}]")
    )
    assert list(binds.duplicate_source_rows(once)) == []
    assert list(binds.duplicate_source_rows(twice)) != []


def test_a_megabyte_is_too_much() -> None:
    """The text and the bound values count together for the size of a statement."""
    values = (("TEXT", "x" * 600_000),)
    assert list(binds.statement_too_large(Sent(PROCEDURES, "select ?", params=values))) == []
    assert list(binds.statement_too_large(Sent(PROCEDURES, "select ?, ?", params=values * 2)))


@pytest.mark.parametrize(
    ("sent", "requests", "rules"),
    [
        (["begin transaction", "update", "commit", "select"], [3.5], set()),
        (["begin", "update", "rollback", "begin", "commit"], [], set()),
        (["begin", "update"], [], {"open_transaction"}),
        (["begin", "begin", "commit"], [], {"open_transaction"}),
        (["update", "commit"], [], {"open_transaction"}),
        (["begin", "update", "commit"], [1.5], {"request_in_transaction"}),
    ],
)
def test_transactions_of_a_call(sent: list[str], requests: list[float], rules: set[str]) -> None:
    """A transaction is closed in its CALL, and no request goes out while one is open."""
    statements = [
        Sent(PROCEDURES, sql, call="one", at=float(number)) for number, sql in enumerate(sent)
    ]
    assert {finding.rule for finding in call_findings(statements, requests)} == rules


def test_every_rule_is_tried() -> None:
    """A rule has an example or a mutation that it must find, and a link to the page of facts."""
    tried = {rule.__name__ for rule, *_ in EXAMPLES} | {rule for *_, rule in MUTATIONS}
    tried |= {"bound_value", "duplicate_source_rows", "statement_too_large"}
    tried |= {"open_transaction", "request_in_transaction", "sql_outside_statements"}
    rules: list[Callable[..., Any]] = [*STATEMENT_RULES, *CALL_RULES, *SOURCE_RULES]
    assert {rule.__name__ for rule in rules} == tried
    assert [rule for rule in rules if "(docs/snowflake_facts.md#" not in str(rule.__doc__)] == []


def test_sql_stands_in_one_module() -> None:
    """Another module of the procedures that sends SQL is a finding."""
    found = source_findings({"procedures/other.py": "def f(session):\n    session.sql('x')\n"})
    assert "sql_outside_statements" in {finding.rule for finding in found}


def test_a_commands_arguments_are_no_sql() -> None:
    """What a message puts between quotes behind --args is right, and elsewhere it is a finding."""
    advice = """{%- do lines.append("dbt run-operation x --args '" ~ which ~ "'") -%}"""
    for text, found in ((advice, set()), (advice.replace("--args ", ""), {VALUE})):
        given = source_findings({"macros/x.sql": text})
        assert {finding.rule for finding in given} & {VALUE} == found


def test_statements_of_one_shape_differ_in_values_only() -> None:
    """Literals, bodies, comments, blanks and the test's schema do not change a shape."""
    one = Sent(MACROS, "select 'a', 1\nfrom POLICY_DB.TEST_0123456789AB.t -- x")
    two = Sent(MACROS, "select 'it''s; b', 22 from POLICY_DB.TEST_BA9876543210.t")
    three = Sent(MACROS, "select 'a', one from POLICY_DB.TEST_0123456789AB.t")
    assert one.shape == two.shape == "select '...', 0 from POLICY_DB.SCHEMA.t"
    assert three.shape != one.shape


@pytest.mark.parametrize(
    ("source", "sender"),
    [
        ("macro_run_policy_workflow", "project macros"),
        ("master", "project macros"),
        ("model.policy_workflow.policy_executions", "models and tests"),
        ("unit_test.policy_workflow.a.b", "dbt unit tests"),
        ("list_POLICY_DB", "dbt adapter"),
    ],
)
def test_who_sent_it(source: str, sender: str) -> None:
    """The name of dbt's connection or node says whose text it is."""
    assert sender_of(source) == sender


def test_a_script_is_cut_at_its_semicolons() -> None:
    """Semicolons in texts and comments do not cut a script."""
    assert list(statements_of("-- a; b\nselect ';';\nselect 2;")) == ["select ';'", "select 2"]


def test_sqlfluff_says_what_it_cannot_read() -> None:
    """A syntax error is a problem; bound values and the body of a procedure are none."""
    assert problems("select from where")
    assert problems("select parse_json(?) as j") == []
    assert problems(PROCEDURE) == []


def test_the_list_of_what_sqlfluff_does_not_know_is_kept_short() -> None:
    """An entry that nothing needs is a finding, unless its sender sent nothing at all."""
    found = list(unparsable([Sent(MACROS, "select 1")]))
    stale = [entry for entry in UNKNOWN if entry.sender == MACROS]
    assert [statement for statement, _ in found] == [None] * len(stale)
    assert list(unparsable([Sent(PROCEDURES, "select 1")])) == []

"""Stored procedures, as Snowflake has them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests
from snowflake.connector.errors import ProgrammingError

from local_snowflake.server import LocalSnowflake
from tests.unit.local_snowflake.account import SETUP, Account, connect, execute

ECHO = "def run(session, a):\n    return a"


def test_a_variant_result_is_pretty_printed_text(account: Account) -> None:
    """CALL gives one row, one column named after the procedure; VARIANT is indented JSON text."""
    account.procedure("p", "def run(session):\n    return {'b': [1, None], 'a': 'ü'}")
    cursor = execute(account.connection, "call p()")
    assert cursor.description[0].name == "P"
    text = cursor.fetchone()[0]
    assert text == '{\n  "a": "ü",\n  "b": [\n    1,\n    null\n  ]\n}'


@pytest.mark.parametrize(
    ("kind", "argument", "expected"),
    [
        ("varchar", "'it''s \\\\ \\n'", "it's \\ \n"),
        ("varchar", "null", None),
        ("number", "7", 7),
        ("boolean", "true", True),
        ("variant", """parse_json('{"k": [1, null]}')""", {"k": [1, None]}),
        ("variant", "parse_json('null')", None),
    ],
)
def test_arguments_reach_python(account: Account, kind: str, argument: str, expected: Any) -> None:
    """Arguments arrive as the documented Python types; NULL is None, JSON null is None."""
    account.procedure("p", "def run(session, a):\n    return {'got': a}", f"a {kind}")
    assert json.loads(account.value(f"call p({argument})")) == {"got": expected}


def test_sql_null_in_a_variant_argument_is_not_none(account: Account) -> None:
    """SQL NULL in a VARIANT argument is a truthy object with is_sql_null."""
    body = "def run(session, a):\n    return [a is None, bool(a), getattr(a, 'is_sql_null', False)]"
    account.procedure("p", body, "a variant")
    assert json.loads(account.value("call p(null)")) == [False, True, True]


def test_named_arguments(account: Account) -> None:
    """Arguments can be given by name."""
    account.procedure(
        "p", "def run(session, a, b):\n    return a + b", "a varchar, b varchar", "varchar"
    )
    assert account.value("call p(b => 'y', a => 'x')") == "xy"


def test_procedures_are_overloaded_by_argument_types(account: Account) -> None:
    """Two signatures of one name live side by side; DROP needs the types."""
    account.procedure("p", "def run(session, a):\n    return 'text'", "a varchar", "varchar")
    account.procedure("p", "def run(session, a):\n    return 'number'", "a number", "varchar")
    assert account.value("call p('1')") == "text"
    assert account.value("call p(1)") == "number"
    account.run("drop procedure p(number)")
    assert account.value("call p(1)") == "text"
    with pytest.raises(ProgrammingError, match="does not exist or not authorized"):
        account.run("drop procedure p(number)")
    account.run("drop procedure if exists p(number)")


def test_show_procedures(account: Account) -> None:
    """SHOW has lower-case columns, the comment as description, and LIKE wildcards without case."""
    account.procedure("my_proc", ECHO, "a varchar", options="comment = 'hash abc'")
    account.procedure("other", ECHO, "a varchar")
    cursor = execute(account.connection, f"show procedures in schema sample_db.{account.schema}")
    names = [column.name for column in cursor.description]
    rows = {row[names.index("name")]: row for row in cursor.fetchall()}
    assert names[:2] == ["created_on", "name"]
    assert rows["MY_PROC"][names.index("description")] == "hash abc"
    assert rows["OTHER"][names.index("description")] == "user-defined procedure"
    assert rows["OTHER"][names.index("arguments")] == "OTHER(VARCHAR) RETURN VARIANT"
    shown = account.run(f"show procedures like 'MY%PROC' in schema sample_db.{account.schema}")
    assert len(shown) == 1
    assert len(account.run(f"show procedures like 'oth_r' in schema {account.schema}")) == 1


def test_describe_procedure(account: Account) -> None:
    """DESCRIBE gives the body, handler, runtime and packages as property rows."""
    account.procedure("p", ECHO, "a varchar")
    found = dict(account.run("describe procedure p(varchar)"))
    assert found["handler"] == "run"
    assert found["runtime_version"] == "3.11"
    assert found["body"].strip() == ECHO
    assert json.loads(found["packages"]) == ["snowflake-snowpark-python", "requests"]


def test_a_body_is_kept_character_by_character(account: Account) -> None:
    """Quotes, comments, semicolons, backslashes and dollars in a body mean nothing to SQL."""
    body = "A = '\\n; -- \\' as $ ' # \" /* ''\nB = '*/ é'\ndef run(session):\n    return [A, B]"
    account.procedure("p", body)
    assert dict(account.run("describe procedure p()"))["body"].strip() == body
    assert json.loads(account.value("call p()")) == ["\n; -- ' as $ ", "*/ é"]


def test_an_exception_comes_back_with_its_traceback(account: Account) -> None:
    """An uncaught exception fails the CALL with 100357 (P0000) and the Python traceback."""
    account.procedure("p", "def run(session):\n    raise ValueError('my marker')")
    with pytest.raises(ProgrammingError, match="my marker") as caught:
        account.run("call p()")
    assert caught.value.errno == 100357
    assert caught.value.sqlstate == "P0000"
    assert 'File "_udf_code.py"' in str(caught.value)
    assert "in function P with handler run" in str(caught.value)


def test_the_module_of_a_body(account: Account) -> None:
    """A body's module is named after its handler, not in `sys.modules`, and without imports."""
    body = (
        "import sys\n"
        "def annotated(a: int): pass\n"
        "def run(session):\n"
        "    known = [name for name in sys.modules if '_udf_code' in name]\n"
        "    return [__name__, __name__ in sys.modules, known,\n"
        "        isinstance(annotated.__annotations__['a'], str)]"
    )
    account.procedure("p", body)
    assert json.loads(account.value("call p()")) == ["run_module", False, [], False]


@pytest.mark.parametrize(
    ("body", "dies_with"),
    [
        (
            "from __future__ import annotations\nfrom dataclasses import dataclass\n"
            "@dataclass\nclass A:\n    a: int\ndef run(session):\n    return A(1).a",
            "'NoneType' object has no attribute '__dict__'",
        ),
        (
            "import pickle\nclass A:\n    pass\ndef run(session):\n    pickle.dumps(A())",
            "import of module 'run_module' failed",
        ),
    ],
    ids=["a dataclass with annotations as texts", "pickle"],
)
def test_what_looks_its_module_up_fails(account: Account, body: str, dies_with: str) -> None:
    """As in Snowflake, a body cannot find its own module, and what needs that fails the CALL."""
    account.procedure("p", body)
    with pytest.raises(ProgrammingError, match=dies_with) as caught:
        account.run("call p()")
    assert caught.value.errno == 100357


def test_python_errors_surface_at_call(account: Account) -> None:
    """A body that does not compile is found at CALL."""
    account.procedure("p", "def run(session:\n")
    with pytest.raises(ProgrammingError, match="SyntaxError"):
        account.run("call p()")


def test_an_open_transaction_is_rolled_back(account: Account) -> None:
    """A procedure that returns with an open transaction fails, and its writes are undone."""
    account.run("create table t (a number)")
    account.procedure(
        "p",
        "def run(session):\n"
        "    session.sql('begin transaction').collect()\n"
        "    session.sql('insert into t values (1)').collect()\n"
        "    return 1",
    )
    with pytest.raises(ProgrammingError, match="is incomplete and it was rolled back"):
        account.run("call p()")
    assert account.value("select count(*) from t") == 0


def test_statements_of_a_procedure_commit_one_by_one(account: Account) -> None:
    """A failing procedure leaves its earlier rows in place: it is not atomic."""
    account.run("create table t (a number)")
    insert = "session.sql('insert into t values (1)').collect()"
    body = f"def run(session):\n    {insert}\n    raise ValueError"
    account.procedure("p", body)
    with pytest.raises(ProgrammingError):
        account.run("call p()")
    assert account.value("select count(*) from t") == 1


def test_a_body_sees_nothing_of_the_servers_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Secrets and proxies of the shell stay out of a procedure; its trusted certificates count."""
    monkeypatch.setenv("SECRET_OF_THE_SHELL", "s3cret")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", requests.utils.DEFAULT_CA_BUNDLE_PATH)
    with LocalSnowflake(setup=SETUP) as server:
        account = Account(server)
        body = "import os\ndef run(session):\n    return sorted(os.environ)"
        account.procedure("p", body)
        seen = json.loads(account.value("call p()"))
        account.connection.close()
    assert {"SECRET_OF_THE_SHELL", "HTTPS_PROXY"}.isdisjoint(seen)
    assert "REQUESTS_CA_BUNDLE" in seen


def test_a_session_sends_what_the_body_sends(account: Account) -> None:
    """A CALL adds no statement of its own, and its session is gone when it has answered."""
    account.procedure("p", "def run(session):\n    session.sql('select 1').collect()")
    before, sessions = len(account.server.statements), len(account.server.sessions.all())
    account.run("call p()")
    sent = [s.sql for s in account.server.statements[before:] if s.kind == "procedure"]
    assert (sent, len(account.server.sessions.all())) == (["select 1"], sessions)


def test_a_procedure_runs_in_its_own_schema(account: Account, server: LocalSnowflake) -> None:
    """Owner's rights: unqualified names resolve in the procedure's schema, not the caller's."""
    account.run("create table only_here (a number)")
    count = "session.sql('select count(*) from only_here').collect()[0][0]"
    body = f"def run(session):\n    return {count}"
    account.procedure("p", body)
    with connect(server) as elsewhere:
        rows = execute(elsewhere, f"call sample_db.{account.schema}.p()").fetchall()
    assert rows == [("0",)]


@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        ("alter session set query_tag = 'x'", "ALTER_SESSION"),
        ("use warehouse w", "USE"),
        ("show parameters like 'TIMEZONE'", "SHOW PARAMETERS"),
        ("create temporary table t (a number)", "temporary"),
    ],
)
def test_owners_rights_forbid(account: Account, statement: str, answer: str) -> None:
    """ALTER SESSION, USE, SHOW PARAMETERS and temporary tables fail in an owner's-rights body."""
    account.procedure("p", f'def run(session):\n    session.sql("{statement}").collect()')
    with pytest.raises(ProgrammingError, match=answer):
        account.run("call p()")


@pytest.mark.parametrize(
    ("replaced", "by", "answer"),
    [
        ("'3.11'", "'3.8'", "decommissioned"),
        ("'3.11'", "'3.9'", "decommissioned"),
        ("'requests'", "'no-such-package'", "Package 'no-such-package' is not supported"),
        ("'snowflake-snowpark-python', ", "", "snowflake-snowpark-python"),
        ("handler = 'run'", "handler = 'run' external_access_integrations = (NOPE)", "NOPE"),
        ("return 1\n$$", "return 1\n$$ junk", "syntax error"),
        ("return 1\n$$", "return 1\n$$ 'junk'", "syntax error"),
        ("as $$", "$$", "syntax error"),
    ],
)
def test_create_refuses(account: Account, replaced: str, by: str, answer: str) -> None:
    """CREATE fails with a runtime or a name that Snowflake has not, and where no SQL is."""
    statement = (
        "create procedure p() returns variant language python runtime_version = '3.11' "
        "packages = ('snowflake-snowpark-python', 'requests') handler = 'run' "
        "as $$\ndef run(session):\n    return 1\n$$"
    )
    assert replaced in statement
    with pytest.raises(ProgrammingError, match=answer):
        account.run(statement.replace(replaced, by))


def test_an_existing_procedure_is_replaced_only_when_asked(account: Account) -> None:
    """CREATE without OR REPLACE fails where the signature exists."""
    account.procedure("p", ECHO, "a varchar")
    with pytest.raises(ProgrammingError, match="already exists"):
        account.run(
            "create procedure p(a varchar) returns variant language python "
            "runtime_version = '3.11' "
            "packages = ('snowflake-snowpark-python') handler = 'run' as $$x$$"
        )


def test_everything_is_there_after_a_restart(restarted: Callable[[], LocalSnowflake]) -> None:
    """With a data directory, tables, procedures and integrations survive."""
    with restarted() as first:
        first.open_external_access("example.com", 443)
        account = Account(first)
        account.run('create table t ("a" varchar, "v" variant)')
        account.run("insert into t select ?, parse_json(?)", "x", '{"k": 1}')
        account.procedure("p", ECHO, "a varchar", "varchar", "comment = 'c'")
        schema = account.schema
        account.connection.close()
    with restarted() as second, connect(second, schema) as connection:
        assert execute(connection, "select * from t").fetchall() == [("x", '{\n  "k": 1\n}')]
        assert execute(connection, "call p('again')").fetchone()[0] == "again"
        assert "SAMPLE_ACCESS" in second.account.catalog.integrations


def test_sessions_call_side_by_side(account: Account, server: LocalSnowflake) -> None:
    """CALLs of several sessions run at the same time."""
    account.procedure("p", "import time\ndef run(session):\n    time.sleep(0.5)\n    return 1")
    running: list[str] = []

    def call() -> None:
        with connect(server, account.schema) as connection:
            running.append(execute(connection, "call p()").fetchone()[0])

    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert running == ["1"] * 3

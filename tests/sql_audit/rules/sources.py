"""Rules for the source files: how results are read, and how values get into SQL."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache

import jinja2
import yaml

from tests.repository import ROOT

Sources = Mapping[str, str]

_LITERAL = "macros/_internal/_sql_literal.sql"
_CALL = "macros/objects/_call_procedure.sql"
_GENERATED = "macros/generated/_procedure_body.sql"
_DATABASE = "procedures/tables/database.py"
# The modules that open transactions or run inside them.
_TRANSACTIONS = (
    _DATABASE,
    "procedures/tables/execution_state.py",
    "procedures/tables/claiming.py",
    "procedures/tables/restoring.py",
)
_SENDERS = (_DATABASE, "procedures/tables/policy_source.py")
_API = ("policy_api", "transport")
_POSITION = re.compile(r"\b(?:rows\[[^\]]+\]|row|column|shown\[\d+\])\[\d+\]")
# The arguments of a command in a message are no SQL.
_BY_HAND = re.compile(r"""(?<!--args )'"\s*~\s*(\w+)|'{{-?\s*(\w+)""")
# Values that need no literal, as the project makes them itself: a hash, names in a list, the causes
# of failures, and checked whole numbers.
_OWN_VALUES = {"hash", "name", "cause", "minutes", "within_hours"}
_HOSTILE = ("plain", "it's", "a\\b", "\\'", "'; drop table x --", 'q"\\n"', "ü\n\t$$", "\\")
_WALL_CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "gmtime", "localtime", "strftime"}


@cache
def project_sources() -> dict[str, str]:
    """The files that the rules look at, by path in the project."""
    found = [*(ROOT / "macros").rglob("*.sql"), *(ROOT / "procedures").rglob("*.py")]
    found.append(ROOT / "profiles.example.yml")
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(found)
        if path != ROOT / _GENERATED
    }


def _macros(sources: Sources) -> Iterator[tuple[str, str]]:
    return ((path, text) for path, text in sources.items() if path.startswith("macros/"))


@cache
def _nodes(text: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(text)))


def _python(sources: Sources) -> Iterator[tuple[str, tuple[ast.AST, ...]]]:
    """Every Python file with all nodes of its syntax tree."""
    for path, text in sources.items():
        if path.endswith(".py"):
            yield path, _nodes(text)


def read_by_position(sources: Sources) -> Iterator[str]:
    """The results of SHOW and DESCRIBE are read by name.

    They get new columns without notice (docs/snowflake_facts.md#show-and-describe). Only the answer
    of CALL is read by position: its column is named after the procedure
    (docs/snowflake_facts.md#answer-of-call).
    """
    for path, text in _macros(sources):
        if path != _CALL:
            for found in _POSITION.finditer(text):
                yield f"{path}: {found[0]}"


def answer_read_otherwise(sources: Sources) -> Iterator[str]:
    """The answer of CALL is read by position, and parsed.

    It is pretty-printed JSON, in a column with the procedure's name
    (docs/snowflake_facts.md#answer-of-call).
    """
    if "fromjson(result.rows[0][0])" not in sources.get(_CALL, ""):
        yield f"{_CALL}: the answer is not read by position and parsed"


def literal_of_another_meaning(sources: Sources) -> Iterator[str]:
    """A literal means the text that it was made of.

    A backslash is doubled first, then quotes (docs/snowflake_facts.md#strings).
    """
    made = _rendered(sources[_LITERAL]) if _LITERAL in sources else lambda _: ""
    for text in _HOSTILE:
        literal = made(text)
        inner = re.fullmatch(r"'((?:[^'\\]|\\\\|'')*)'", literal, re.DOTALL)
        if not inner or inner[1].replace("''", "'").replace("\\\\", "\\") != text:
            yield f"{_LITERAL}: {text!r} becomes {literal}"


def _rendered(source: str) -> Callable[[str], str]:
    """The macro as a function, with dbt's `return`; Jinja exports no name with an underscore."""
    environment = jinja2.Environment()
    environment.globals["return"] = lambda value: value
    template = environment.from_string(source.replace("macro _sql_literal", "macro literal"))
    made: Callable[[str], str] = template.make_module().literal  # type: ignore[attr-defined]
    return lambda text: str(made(text))


def value_without_literal(sources: Sources) -> Iterator[str]:
    """Only _sql_literal puts a value between quotes.

    run_query binds nothing (docs/snowflake_facts.md#strings).
    """
    for path, text in _macros(sources):
        if path == _LITERAL:
            continue
        code = re.sub(r"{#.*?#}", "", text, flags=re.DOTALL)
        for line in code.splitlines():
            if "log(" in line or "_fail(" in line or "_add_finding(" in line:
                continue
            for found in _BY_HAND.finditer(line):
                name = found[1] or found[2]
                if name and name not in _OWN_VALUES:
                    yield f"{path}: {name} is put between quotes by hand"


def wall_clock_in_python(sources: Sources) -> Iterator[str]:
    """No handler reads Python's clock.

    Python's clock differs from the database's clock (docs/snowflake_facts.md#time).
    """
    for path, nodes in _python(sources):
        for node in nodes:
            called = node.func if isinstance(node, ast.Call) else None
            asked = isinstance(called, ast.Attribute) and called.attr in _WALL_CLOCKS
            if asked:
                yield f"{path}: {ast.unparse(node)[:60]}"


def request_near_transaction(sources: Sources) -> Iterator[str]:
    """A module that opens transactions, or runs inside them, imports nothing that sends requests.

    A request must not go out while a transaction is open
    (docs/snowflake_facts.md#transactions-in-python).
    """
    for path, nodes in _python(sources):
        for node in nodes if path in _TRANSACTIONS else ():
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                if name.split(".")[0] in {"requests", "urllib3", "http"} or name.endswith(_API):
                    yield f"{path} imports {name}"


def sql_outside_statements(sources: Sources) -> Iterator[str]:
    """Two modules send SQL: one for the project's tables, one for a relation of policies.

    A value in a text that is made elsewhere would not be bound (docs/snowflake_facts.md#binds).
    """
    for path, nodes in _python(sources):
        for node in nodes:
            if isinstance(node, ast.Attribute) and node.attr == "sql" and path not in _SENDERS:
                yield f"{path}: {ast.unparse(node)}"


def request_without_timeout(sources: Sources) -> Iterator[str]:
    """Each request has a timeout.

    A blocked port hangs until the statement's own timeout (docs/snowflake_facts.md#egress-errors).
    """
    for path, nodes in _python(sources):
        for node in nodes:
            called = node.func if isinstance(node, ast.Call) else None
            if (
                isinstance(node, ast.Call)
                and isinstance(called, ast.Attribute)
                and called.attr == "send"
                # urllib3's own `send`, and our client's: their sockets have a timeout.
                and ast.unparse(called.value) not in ("super()", "api", "self")
            ):
                given = {keyword.arg for keyword in node.keywords}
                if "timeout" not in given:
                    yield f"{path}: {ast.unparse(called)} has no timeout"


def contention_not_repeated(sources: Sources) -> Iterator[str]:
    """A write that fails with 000625 is repeated after a random time.

    When 20 statements wait for the lock of a table, the next statement fails at once
    (docs/snowflake_facts.md#concurrency).
    """
    if _DATABASE not in sources:
        return
    nodes = _nodes(sources[_DATABASE])
    if not any(isinstance(node, ast.Constant) and node.value == "000625" for node in nodes):
        yield f"{_DATABASE}: 000625 is no sign of contention"
    waits = [ast.unparse(node) for node in nodes if isinstance(node, ast.Call)]
    if not any(wait.startswith("time.sleep(random.") for wait in waits):
        yield f"{_DATABASE}: it does not wait a random while"


def password_only_profile(sources: Sources) -> Iterator[str]:
    """Only the profile of the local stack signs in with a password alone.

    Few accounts still take a password alone (docs/snowflake_facts.md#recent-changes).
    """
    text = sources.get("profiles.example.yml", "")
    for profile in (yaml.safe_load(text) or {}).values():
        for name, output in profile["outputs"].items():
            # A programmatic access token is given in the place of a password.
            password = str(output.get("password", "token")).lower()
            if name != "local" and "token" not in password and "authenticator" not in output:
                yield f"profiles.example.yml: {name} signs in with a password alone"


SOURCE_RULES = (
    read_by_position,
    answer_read_otherwise,
    literal_of_another_meaning,
    value_without_literal,
    wall_clock_in_python,
    request_near_transaction,
    sql_outside_statements,
    request_without_timeout,
    contention_not_repeated,
    password_only_profile,
)

"""Rules for CREATE PROCEDURE, as accounts of 2026 take it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from tests.sql_audit.statement import Sent, lexemes

# The versions that can be created, are not deprecated, and keep their source of packages
# (docs/snowflake_facts.md#python-versions).
RUNTIMES = ("3.11", "3.12", "3.13")
_HEAD = re.compile(r"create (or replace )?(?:secure )?procedure ([\w.$\"]+) ?\((.*?)\)(.*)", re.I)
_SNOWPARK = "snowflake-snowpark-python"
# They send nothing, so they have neither a way out nor a secret.
_OFFLINE = {"explain_policy_api"}


def _head(statement: Sent) -> re.Match[str] | None:
    """The parts of the statement before the body: replace, name, arguments, clauses."""
    return _HEAD.match(statement.bare.split("$$", maxsplit=1)[0])


def _clause(clauses: str, name: str) -> str:
    found = re.search(rf"\b{name} ?= ?(\(.*?\)|'[^']*'|[\w.$]+)", clauses, re.IGNORECASE)
    return found[1] if found else ""


def replace_without_copy_grants(statement: Sent) -> Iterator[str]:
    """COPY GRANTS stands before RETURNS.

    Otherwise a replacement drops the grants (docs/snowflake_facts.md#overloads-and-replacement).
    """
    head = _head(statement)
    if head and head[1] and not re.match(r" ?copy grants returns\b", head[4], re.IGNORECASE):
        yield "COPY GRANTS does not stand between arguments and RETURNS"


def runtime_that_is_gone(statement: Sent) -> Iterator[str]:
    """RUNTIME_VERSION is a version that lasts.

    3.8 and 3.9 cannot be created, 3.10 is deprecated, and 3.14 changes the source of packages
    (docs/snowflake_facts.md#python-versions).
    """
    head = _head(statement)
    if head:
        version = _clause(head[4], "runtime_version")
        if version.strip("'") not in RUNTIMES or not version.startswith("'"):
            yield f"RUNTIME_VERSION is {version or 'missing'}, not one of {', '.join(RUNTIMES)}"


def packages_that_fail(statement: Sent) -> Iterator[str]:
    """PACKAGES lists Snowpark without a version.

    The server's copy is older than the copy on PyPI (docs/snowflake_facts.md#packages).
    """
    head = _head(statement)
    if head:
        names = re.findall(r"'([^']*)'", _clause(head[4], "packages"))
        if _SNOWPARK not in names:
            yield f"PACKAGES lacks {_SNOWPARK}, unpinned"
        if any("!" in name for name in names):
            yield "PACKAGES takes ==, ranges and wildcards only"


def no_way_out(statement: Sent) -> Iterator[str]:
    """A procedure that calls the API names an external access integration; no other has a way out.

    Without an integration it resolves no host (docs/snowflake_facts.md#egress-errors).
    """
    head = _head(statement)
    if not head:
        return
    ways = _clause(head[4], "external_access_integrations") + _clause(head[4], "secrets")
    if head[2].split(".")[-1].lower() in _OFFLINE:
        if ways:
            yield "it sends nothing, and has a way out or a secret"
    elif not re.search(r"\w", _clause(head[4], "external_access_integrations")):
        yield "EXTERNAL_ACCESS_INTEGRATIONS names none"


def null_argument(statement: Sent) -> Iterator[str]:
    """A procedure takes VARCHAR, with JSON in it, and its handler runs for NULL, too.

    SQL NULL in a VARIANT argument is a truthy object, and STRICT skips the handler
    (docs/snowflake_facts.md#arguments).
    """
    head = _head(statement)
    if not head:
        return
    for argument in head[3].split(","):
        if argument.strip() and not argument.split()[-1].lower().startswith("varchar"):
            yield f"the argument {argument.strip()} is not VARCHAR"
    if re.search(r"\bstrict\b|returns null on null input", head[4], re.IGNORECASE):
        yield "with a NULL argument the handler is not run"


def declared_otherwise(statement: Sent) -> Iterator[str]:
    """A declaration says EXECUTE AS OWNER, returns VARIANT or VARCHAR, and has no IF NOT EXISTS.

    IF NOT EXISTS is not documented (docs/snowflake_facts.md#create-procedure), and other return
    types change the answer (docs/snowflake_facts.md#return-values).
    """
    head = _head(statement)
    if not head:
        if re.match(r"create (or replace )?procedure if not exists", statement.bare, re.IGNORECASE):
            yield "IF NOT EXISTS is not part of CREATE PROCEDURE"
        return
    if not re.search(r"\bexecute as owner\b", head[4], re.IGNORECASE):
        yield "EXECUTE AS OWNER is not written down"
    if not re.search(r"\breturns (variant|varchar)\b", head[4], re.IGNORECASE):
        yield "it does not return VARIANT or VARCHAR"


def body_that_breaks(statement: Sent) -> Iterator[str]:
    """A body compiles, defines its handler, and holds no $$.

    Snowflake ends a body at the first $$, and compiles a body at the first CALL only
    (docs/snowflake_facts.md#create-procedure).
    """
    head = _head(statement)
    if not head:
        return
    bodies = [text[2:-2] for kind, text in lexemes(statement.sql) if kind == "body"]
    if statement.sql.count("$$") != 2 or len(bodies) != 1:
        yield "$$ stands inside the body"
        return
    if bodies[0].endswith("$"):
        yield "the body ends with $"
    try:
        functions = _functions(bodies[0])
    except SyntaxError as error:
        yield f"the body does not compile: {error.msg} in line {error.lineno}"
        return
    handler = _clause(head[4], "handler").strip("'")
    if handler not in functions:
        yield f"the handler {handler} is not in the body"


@lru_cache(maxsize=8)
def _functions(body: str) -> set[str]:
    return {node.name for node in ast.parse(body).body if isinstance(node, ast.FunctionDef)}


PROCEDURE_RULES = (
    replace_without_copy_grants,
    runtime_that_is_gone,
    packages_that_fail,
    no_way_out,
    null_argument,
    declared_otherwise,
    body_that_breaks,
)

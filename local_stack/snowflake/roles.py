"""Roles and grants, as small as the workflow needs them; what is not granted is refused.

A role of OWNERS may do everything. Any other may SELECT from tables and views and CALL procedures
that were granted to it, and look at what it was granted.
"""

from __future__ import annotations

import re

from snowflake.connector.errors import ProgrammingError
from sqlglot import exp

from local_stack.snowflake.catalog import Catalog, Procedure
from local_stack.snowflake.errors import missing, sql_error, unsupported
from local_stack.snowflake.names import identifier, qualified
from local_stack.snowflake.results import Result, text_result

OWNERS = frozenset({"POLICY_ROLE", "ACCOUNTADMIN", "SYSADMIN"})
# Views of the information schema that answer every role, each with what it may see.
OPEN_VIEWS = frozenset({"COLUMNS", "DATABASES", "PROCEDURES", "SCHEMATA", "TABLES", "VIEWS"})

_RIGHTS = {
    "DATABASE": {"USAGE"},
    "SCHEMA": {"USAGE"},
    "TABLE": {"SELECT"},
    "VIEW": {"SELECT"},
    "PROCEDURE": {"USAGE"},
    "WAREHOUSE": {"USAGE"},
    "INTEGRATION": {"USAGE"},
    "SECRET": {"READ", "USAGE"},
}
_GRANT = re.compile(
    r"(?P<verb>GRANT|REVOKE)\s+(?P<right>USAGE|SELECT|READ)\s+ON\s+"
    rf"(?P<kind>{'|'.join(_RIGHTS)})\s+"
    r'(?P<name>[\w$."]+)\s*(?P<types>\([^)]*\))?\s+(?:TO|FROM)\s+ROLE\s+(?P<role>[\w$"]+)\s*',
    re.IGNORECASE,
)


def refused(what: str) -> ProgrammingError:
    """Say that a role may not do something."""
    return sql_error(
        f"SQL access control error:\nInsufficient privileges to operate on {what}.", 3001, "42501"
    )


def exists(catalog: Catalog, role: str) -> bool:
    """Whether there is such a role."""
    return role in OWNERS or role in catalog.grants


def check_role(catalog: Catalog, role: str) -> None:
    """Refuse a sign-in with a role that is not there."""
    if not exists(catalog, role):
        raise sql_error(
            f"Role '{role}' specified in the connect string does not exist or not authorized.",
            390189,
            "08001",
        )


def create_role(catalog: Catalog, name: str) -> Result:
    """CREATE ROLE [IF NOT EXISTS] name."""
    with catalog.changed():
        catalog.grants.setdefault(identifier(name), [])
    return text_result(["status"], [[f"Role {identifier(name)} successfully created."]])


def change_grant(catalog: Catalog, text: str, database: str | None, schema: str | None) -> Result:
    """GRANT or REVOKE of USAGE, SELECT or READ.

    Raises:
        ProgrammingError: when it is another grant, or the role or the object is not there.

    """
    match = _GRANT.fullmatch(text)
    if not match or match["right"].upper() not in _RIGHTS[match["kind"].upper()]:
        raise unsupported("this form of GRANT or REVOKE")
    role = identifier(match["role"])
    if role not in catalog.grants:
        raise missing("Role", role)
    kind, right = match["kind"].upper(), match["right"].upper()
    if kind == "PROCEDURE":
        types = ", ".join(part.strip() for part in (match["types"] or "()")[1:-1].split(","))
        name = f"{qualified(match['name'], database, schema)}({types.upper()})"
        if name not in catalog.procedures:
            raise missing("Procedure", name)
    elif kind == "INTEGRATION":
        name = identifier(match["name"])
        if name not in catalog.integrations:
            raise missing("Integration", name)
    elif kind == "SECRET":
        name = qualified(match["name"], database, schema)
        if name not in catalog.secrets:
            raise missing("Secret", name)
    elif kind in ("TABLE", "VIEW"):
        name, kind = qualified(match["name"], database, schema), "TABLE"
    else:
        name = match["name"].upper()
    entry = f"{right} {kind} {name}"
    with catalog.changed():
        kept = [grant for grant in catalog.grants[role] if grant != entry]
        catalog.grants[role] = [*kept, entry] if match["verb"].upper() == "GRANT" else kept
    return text_result(["status"], [["Statement executed successfully."]])


def may(catalog: Catalog, role: str, kind: str, name: str, *rights: str) -> bool:
    """Whether a role has one of these rights on an object; owners have every right."""
    grants = catalog.grants.get(role, [])
    return role in OWNERS or any(f"{right} {kind} {name}" in grants for right in rights)


def may_use(catalog: Catalog, role: str, procedure: Procedure) -> bool:
    """Whether a role may CALL and see a procedure."""
    return may(catalog, role, "PROCEDURE", procedure.key, "USAGE")


def forget_grants(catalog: Catalog, kind: str, name: str) -> None:
    """Drop the grants on what is dropped, or on a procedure replaced without COPY GRANTS."""
    gone = {f"{right} {kind} {name}" for right in _RIGHTS.get(kind, ())}
    for role, grants in catalog.grants.items():
        catalog.grants[role] = [grant for grant in grants if grant not in gone]


def check_expression(
    catalog: Catalog,
    role: str,
    expression: exp.Expression,
    database: str | None,
    schema: str | None,
) -> None:
    """Refuse a statement that a role may not send.

    Raises:
        ProgrammingError: a table that is not granted does not exist for it; anything but
            reading is refused by name.

    """
    if role in OWNERS or isinstance(expression, exp.Transaction | exp.Commit | exp.Rollback):
        return
    if not isinstance(expression, exp.Query | exp.Literal | exp.Describe | exp.ParseJSON):
        raise refused(f"{expression.key} by role '{role}'")
    inner = {cte.alias_or_name.upper() for cte in expression.find_all(exp.CTE)}
    for table in expression.find_all(exp.Table):
        if not table.db and table.name.upper() in inner:
            continue
        written = ".".join(part.sql(dialect="snowflake") for part in table.parts)
        name = qualified(written, database, schema)
        _, in_schema, short = name.split(".", 2)
        if in_schema == "INFORMATION_SCHEMA" and short in OPEN_VIEWS:
            continue
        if not may(catalog, role, "TABLE", name, "SELECT"):
            raise missing("Object", name)

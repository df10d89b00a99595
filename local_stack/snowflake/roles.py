"""Roles and grants, as small as the workflow needs them; what is not granted is refused.

A role of OWNERS may do everything. Any other may SELECT from tables and CALL procedures that were
granted to it, and look at what it was granted.
"""

from __future__ import annotations

import re

from snowflake.connector.errors import ProgrammingError
from sqlglot import exp

from local_stack.snowflake.catalog import Catalog, Procedure
from local_stack.snowflake.errors import missing, sql_error
from local_stack.snowflake.names import identifier, qualified
from local_stack.snowflake.results import Result, text_result

OWNERS = frozenset({"POLICY_ROLE", "ACCOUNTADMIN", "SYSADMIN"})
DEFAULT_ROLE = "POLICY_ROLE"

_GRANT = re.compile(
    r"(?P<verb>GRANT|REVOKE)\s+(?P<right>USAGE|SELECT)\s+ON\s+"
    r"(?P<kind>DATABASE|SCHEMA|TABLE|VIEW|PROCEDURE|WAREHOUSE|INTEGRATION)\s+"
    r'(?P<name>[\w$."]+)\s*(?P<types>\([^)]*\))?\s+(?:TO|FROM)\s+ROLE\s+(?P<role>[\w$"]+)\s*',
    re.IGNORECASE,
)


def refused(what: str) -> ProgrammingError:
    """Say that a role may not do something."""
    return sql_error(
        f"SQL access control error:\nInsufficient privileges to operate on {what}.", 3001, "42501"
    )


def check_role(catalog: Catalog, role: str) -> None:
    """Refuse a sign-in with a role that is not there."""
    if role not in OWNERS and role not in catalog.grants:
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
    """GRANT or REVOKE of USAGE or SELECT.

    Raises:
        ProgrammingError: when it is another grant, or the role or procedure is not there.

    """
    match = _GRANT.fullmatch(text)
    if not match:
        raise sql_error("Unsupported feature 'this form of GRANT or REVOKE'.", 2, "0A000")
    role = identifier(match["role"])
    if role not in catalog.grants:
        raise missing("Role", role)
    kind, right = match["kind"].upper(), match["right"].upper()
    name = match["name"].upper()
    if kind == "PROCEDURE":
        types = ", ".join(part.strip() for part in (match["types"] or "()")[1:-1].split(","))
        name = f"{qualified(match['name'], database, schema)}({types.upper()})"
        if name not in catalog.procedures:
            raise missing("Procedure", name)
    elif kind in ("TABLE", "VIEW"):
        name, kind = qualified(match["name"], database, schema), "TABLE"
    entry = f"{right} {kind} {name}"
    with catalog.changed():
        kept = [grant for grant in catalog.grants[role] if grant != entry]
        catalog.grants[role] = [*kept, entry] if match["verb"].upper() == "GRANT" else kept
    return text_result(["status"], [["Statement executed successfully."]])


def may_use(catalog: Catalog, role: str, procedure: Procedure) -> bool:
    """Whether a role may CALL and see a procedure."""
    return role in OWNERS or f"USAGE PROCEDURE {procedure.key}" in catalog.grants.get(role, [])


def forget_grants(catalog: Catalog, procedure: Procedure) -> None:
    """Drop the grants on a procedure that is dropped, or replaced without COPY GRANTS."""
    entry = f"USAGE PROCEDURE {procedure.key}"
    for role, grants in catalog.grants.items():
        catalog.grants[role] = [grant for grant in grants if grant != entry]


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
    if isinstance(expression, exp.Show) and expression.name.upper() == "TABLES":
        return
    if not isinstance(expression, exp.Query | exp.Literal | exp.Describe | exp.ParseJSON):
        raise refused(f"{expression.key} by role '{role}'")
    inner = {cte.alias_or_name.upper() for cte in expression.find_all(exp.CTE)}
    for table in expression.find_all(exp.Table):
        if not table.db and table.name.upper() in inner:
            continue
        name = qualified(
            exp.table_name(table, dialect="snowflake", identify=False), database, schema
        )
        if f"SELECT TABLE {name.upper()}" not in catalog.grants.get(role, []):
            raise missing("Object", name.upper())

"""GRANT, REVOKE and SHOW GRANTS: of a right on one, all or future objects, and of a role.

A grant is kept as a text, 'USAGE SCHEMA D.S' or 'SELECT FUTURE VIEW D.S'. A grant on a view is kept
as a grant on a TABLE, as SELECT from both is the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from local_snowflake.access.managed_access import may_grant
from local_snowflake.catalog.rights import (
    PUBLIC,
    exists,
    inherited,
    owner_of,
    owns,
    refused,
)
from local_snowflake.engine.objects import has_database, has_schema, table_is_there
from local_snowflake.sessions.session import Session
from local_snowflake.sql.errors import missing, unsupported
from local_snowflake.sql.names import NAME, identifier, qualified, scoped
from local_snowflake.values.results import Result, shown, text_result

RIGHTS = {
    "DATABASE": {"USAGE", "CREATE SCHEMA"},
    "SCHEMA": {"USAGE", "CREATE TABLE", "CREATE VIEW", "CREATE PROCEDURE"},
    "TABLE": {"SELECT"},
    "VIEW": {"SELECT"},
    "PROCEDURE": {"USAGE"},
    "WAREHOUSE": {"USAGE"},
    "INTEGRATION": {"USAGE"},
    "SECRET": {"READ", "USAGE"},
}
_IN_SCHEMAS = ("PROCEDURE", "TABLE", "VIEW")
_END = r"\s+(?:TO|FROM)\s+(?:ROLE\s+)?(?P<role>[\w$\"]+)\s*"
_ONE = re.compile(
    rf"(?P<verb>GRANT|REVOKE)\s+(?P<rights>[\w ,\n]+?)\s+ON\s+(?:(?P<kind>{'|'.join(RIGHTS)})\s+)?"
    rf"(?P<name>{NAME})\s*(?P<types>\([^)]*\))?{_END}",
    re.IGNORECASE,
)
_MANY = re.compile(
    r"(?P<verb>GRANT|REVOKE)\s+(?P<rights>[\w ,\n]+?)\s+ON\s+(?P<which>ALL|FUTURE)\s+"
    rf"(?P<kind>{'|'.join(_IN_SCHEMAS)})S\s+IN\s+SCHEMA\s+(?P<name>{NAME}){_END}",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"(?P<verb>GRANT|REVOKE)\s+ROLE\s+(?P<name>[\w$\"]+)\s+(?:TO|FROM)\s+"
    r"(?P<to>ROLE|USER)\s+(?P<role>[\w$\"]+)\s*",
    re.IGNORECASE,
)
# The text of a kept grant, except a grant on future objects.
_KEPT = re.compile(
    rf"({'|'.join(sorted(set().union(*RIGHTS.values())))}) ({'|'.join([*RIGHTS, 'ROLE'])}) (.+)"
)
_SHOW = re.compile(r"\s*TO\s+ROLE\s+(?P<role>[\w$\"]+)\s*", re.IGNORECASE)
COLUMNS = (
    "created_on", "privilege", "granted_on", "name", "granted_to", "grantee_name", "grant_option",
    "granted_by",
)  # fmt: skip


def change_grant(session: Session, text: str) -> Result:
    """GRANT or REVOKE, by the owner of the object (with managed access, of its schema) or an admin.

    Raises:
        ProgrammingError: for another form, for a missing role or object, and where this role may
            not give the grant.

    """
    one, many, role = _ONE.fullmatch(text), _MANY.fullmatch(text), _ROLE.fullmatch(text)
    match = role or many or one
    if match is None:
        raise unsupported("this form of GRANT or REVOKE")
    if role:
        return _change_role(session, role)
    # Without a kind, as dbt writes, the object is a table or a view.
    kind = (match["kind"] or "TABLE").upper()
    rights = [" ".join(part.upper().split()) for part in match["rights"].split(",")]
    if not set(rights) <= RIGHTS[kind]:
        raise unsupported(f"GRANT of {match['rights']} on {kind}")
    objects = _of_schema(session, many) if many else [_named(session, match, kind)]
    grantee = identifier(match["role"])
    if not exists(session.catalog, grantee):
        raise missing("Role", grantee)
    entries = [f"{right} {what}" for what in objects for right in rights]
    _write(session, match["verb"], grantee, entries)
    return text_result(["status"], [["Statement executed successfully."]])


def _write(session: Session, verb: str, grantee: str, entries: list[str]) -> None:
    """Keep the grants, or drop them; a grant that is there already is not kept twice."""
    catalog = session.catalog
    found = catalog.grants.get(grantee, [])
    wanted = (
        [*found, *(entry for entry in entries if entry not in found)]
        if verb.upper() == "GRANT"
        else [entry for entry in found if entry not in entries]
    )
    if wanted != found:
        with catalog.changed():
            catalog.grants[grantee] = wanted


def _change_role(session: Session, match: re.Match[str]) -> Result:
    """GRANT ROLE to a role, which inherits; to a user without effect, as any user has any role."""
    if not session.is_admin:
        raise refused(f"role '{identifier(match['name'])}'")
    name, grantee = identifier(match["name"]), identifier(match["role"])
    if not exists(session.catalog, name):
        raise missing("Role", name)
    if match["to"].upper() == "ROLE":
        if name in session.catalog.admin_roles:
            raise unsupported("GRANT of a role that may do everything to another role")
        if not exists(session.catalog, grantee):
            raise missing("Role", grantee)
        if grantee in inherited(session.catalog, name) - {PUBLIC}:
            raise refused(f"role '{name}': it inherits '{grantee}'")
        _write(session, match["verb"], grantee, [f"USAGE ROLE {name}"])
    else:
        users = session.catalog.users.get(grantee, [])
        kept = [role for role in users if role != name]
        with session.catalog.changed():
            granted = match["verb"].upper() == "GRANT"
            session.catalog.users[grantee] = [*kept, name] if granted else kept
    return text_result(["status"], [["Statement executed successfully."]])


def _of_schema(session: Session, match: re.Match[str]) -> list[str]:
    """The objects of ALL, which the role may grant on; FUTURE is for admins and managed schemas."""
    catalog, kind = session.catalog, match["kind"].upper()
    schema = scoped(match["name"], session.database)
    if not has_schema(session.engine, *schema.split(".")):
        raise missing("Schema", schema)
    if match["which"].upper() == "FUTURE":
        manages = schema in catalog.managed and owns(catalog, session.role, "SCHEMA", schema)
        if not session.is_admin and not manages:
            raise refused(f"schema '{schema.split('.')[1]}'")
        return [f"FUTURE {kind} {schema}"]
    if kind == "PROCEDURE":
        found = [key for key, one in catalog.procedures.items() if one.schema == schema]
    else:
        rows = session.engine.execute(
            "select table_name from information_schema.tables where upper(table_catalog) = ?"
            " and upper(table_schema) = ? and (table_type = 'VIEW') = ?",
            [*schema.split("."), kind == "VIEW"],
        ).fetchall()
        found = [f"{schema}.{row[0]}" for row in rows]
    stored = "TABLE" if kind == "VIEW" else kind
    return [f"{stored} {name}" for name in found if may_grant(session, stored, name)]


def _named(session: Session, match: re.Match[str], kind: str) -> str:
    """The object of a grant, as grants are kept; refuse a role that may not grant."""
    name = object_name(session, match, kind)
    stored = "TABLE" if kind == "VIEW" else kind
    if not may_grant(session, stored, name):
        raise refused(f"{kind.lower()} '{name.rsplit('.', 1)[-1]}'")
    if not is_there(session, kind, name):
        raise missing(kind.capitalize(), name)
    return f"{stored} {name}"


def object_name(session: Session, match: re.Match[str], kind: str) -> str:
    """The full name of what a statement says in `name`, with the `types` of a procedure."""
    if kind in ("DATABASE", "WAREHOUSE", "INTEGRATION"):
        return identifier(match["name"])
    if kind == "SCHEMA":
        return scoped(match["name"], session.database)
    name = qualified(match["name"], session.database, session.schema)
    if kind != "PROCEDURE":
        return name
    types = ", ".join(part.strip() for part in (match["types"] or "()")[1:-1].split(","))
    return f"{name}({types.upper()})"


def is_there(session: Session, kind: str, name: str) -> bool:
    """Whether there is an object of this kind and full name."""
    catalog, engine = session.catalog, session.engine
    there: dict[str, Callable[[], bool]] = {
        "DATABASE": lambda: has_database(engine, name),
        "SCHEMA": lambda: has_schema(engine, *name.split(".")),
        "WAREHOUSE": lambda: f"WAREHOUSE {name}" in catalog.made,
        "INTEGRATION": lambda: name in catalog.integrations,
        "SECRET": lambda: name in catalog.secrets,
        "PROCEDURE": lambda: name in catalog.procedures,
        "TABLE": lambda: table_is_there(engine, name) is not None,
        "VIEW": lambda: table_is_there(engine, name) is not None,
    }
    return there[kind]()


def show_grants(session: Session, tail: str) -> Result:
    """SHOW GRANTS TO ROLE, of the current role or an inherited role; without future grants.

    Raises:
        ProgrammingError: for another form, and another role's grants.

    """
    match = _SHOW.fullmatch(tail)
    if not match:
        raise unsupported("this form of SHOW GRANTS")
    catalog, role = session.catalog, identifier(match["role"])
    allowed = session.is_admin or role in inherited(catalog, session.role)
    if not exists(catalog, role) or not allowed:
        raise missing("Role", role)
    found = [("OWNERSHIP", *key.split(" ", 1)) for key in _owned(session, role)]
    for grant in catalog.grants.get(role, []):
        split = _KEPT.fullmatch(grant)
        if split:
            found.append((split[1], split[2], split[3]))
    rows = []
    for privilege, kind, name in found:
        on = (table_is_there(session.engine, name) or kind) if kind == "TABLE" else kind
        by = owner_of(catalog, kind, name)
        rows.append([None, privilege, on, name, "ROLE", role, "false", by])
    return shown(COLUMNS, rows)


def _owned(session: Session, role: str) -> list[str]:
    """What a role owns, by kind and name; the default role owns what was there at the start."""
    catalog = session.catalog
    schemas = session.engine.execute(
        "select distinct catalog_name, schema_name from information_schema.schemata"
        " where lower(catalog_name) not in ('system', 'temp', 'memory', '_fs_global')"
        " and lower(schema_name) not in ('main', 'pg_catalog', 'information_schema',"
        " '_fs_information_schema')"
    ).fetchall()
    stores = {
        "DATABASE": {str(database) for database, _ in schemas},
        "SCHEMA": {f"{database}.{schema}" for database, schema in schemas},
        "PROCEDURE": set(catalog.procedures),
        "INTEGRATION": set(catalog.integrations),
        "SECRET": set(catalog.secrets),
    }
    keys = {f"{kind} {name}" for kind, names in stores.items() for name in names}
    made = {key for key in catalog.made if key.split(" ", 1)[0] in (*RIGHTS, *stores)}
    return sorted(key for key in keys | made if owner_of(catalog, *key.split(" ", 1)) == role)

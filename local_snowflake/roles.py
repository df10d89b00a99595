"""Roles: what each may do, by grants to it, to the roles that it inherits, and by ownership.

A role of OWNERS may do everything. Any other may do what was granted, and everything with what it
created. What it may not see does not exist for it, in Snowflake's words.
"""

from __future__ import annotations

from duckdb import DuckDBPyConnection
from snowflake.connector.errors import ProgrammingError

from local_snowflake.catalog import Catalog, Made, Procedure
from local_snowflake.errors import compilation_error, sql_error
from local_snowflake.names import identifier
from local_snowflake.results import Result, text_result

OWNERS = frozenset({"POLICY_ROLE", "ACCOUNTADMIN", "SYSADMIN"})
# Every role inherits it, and every user has it.
PUBLIC = "PUBLIC"


def refused(what: str) -> ProgrammingError:
    """Say that a role may not do something."""
    return sql_error(
        f"SQL access control error:\nInsufficient privileges to operate on {what}.", 3001, "42501"
    )


def exists(catalog: Catalog, role: str) -> bool:
    """Whether there is such a role."""
    return role in OWNERS or role == PUBLIC or role in catalog.grants


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
    if identifier(name) not in catalog.grants:
        with catalog.changed():
            catalog.grants[identifier(name)] = []
    return text_result(["status"], [[f"Role {identifier(name)} successfully created."]])


def drop_role(catalog: Catalog, by: str, name: str, *, quiet: bool) -> Result:
    """DROP ROLE [IF EXISTS] name; what it owned becomes the dropping role's."""
    role = identifier(name)
    if role not in catalog.grants and not quiet:
        raise compilation_error(f"Role '{role}' does not exist or not authorized.", 2003, "02000")
    with catalog.changed():
        catalog.grants.pop(role, None)
        owned: list[Made | Procedure] = [*catalog.made.values(), *catalog.procedures.values()]
        for one_of_them in owned:
            if one_of_them.owner == role:
                one_of_them.owner = by
        for one, grants in catalog.grants.items():
            catalog.grants[one] = [grant for grant in grants if grant != f"USAGE ROLE {role}"]
        for user, has in catalog.users.items():
            catalog.users[user] = [one for one in has if one != role]
    return text_result(["status"], [[f"{role} successfully dropped."]])


def create_warehouse(catalog: Catalog, role: str, name: str) -> Result:
    """CREATE WAREHOUSE [IF NOT EXISTS] name; its size and the like mean nothing here."""
    full = identifier(name)
    if f"WAREHOUSE {full}" not in catalog.made:
        with catalog.changed():
            catalog.note("WAREHOUSE", full, role)
    return text_result(["status"], [[f"Warehouse {full} successfully created."]])


def inherited(catalog: Catalog, role: str) -> set[str]:
    """The role, those that were granted to it, and to them in turn, and PUBLIC."""
    found = {PUBLIC}
    left = [role]
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            start = "USAGE ROLE "
            left += [g[len(start) :] for g in catalog.grants.get(one, []) if g.startswith(start)]
    return found


def owner_of(catalog: Catalog, kind: str, name: str) -> str:
    """Who owns an object; KIND is TABLE for views, too."""
    if kind == "PROCEDURE" and name in catalog.procedures:
        return catalog.procedures[name].owner
    return catalog.made_by(kind, name).owner


def owns(catalog: Catalog, role: str, kind: str, name: str) -> bool:
    """Whether a role owns an object, or is one of OWNERS, to which everything belongs."""
    return role in OWNERS or owner_of(catalog, kind, name) in inherited(catalog, role)


def may(catalog: Catalog, role: str, kind: str, name: str, *rights: str) -> bool:
    """Whether a role has one of these rights on an object, or owns it."""
    wanted = {f"{right} {kind} {name}" for right in rights}
    return owns(catalog, role, kind, name) or any(
        wanted.intersection(catalog.grants.get(one, ())) for one in inherited(catalog, role)
    )


def may_enter(catalog: Catalog, role: str, database: str, schema: str | None = None) -> bool:
    """Whether a role has USAGE on a database, and on a schema in it."""
    inside = schema in (None, "INFORMATION_SCHEMA") or may(
        catalog, role, "SCHEMA", f"{database}.{schema}", "USAGE"
    )
    return inside and may(catalog, role, "DATABASE", database, "USAGE")


def may_see(catalog: Catalog, role: str, kind: str, name: str, *rights: str) -> bool:
    """Whether a role has one of these rights on an object in a schema, and on what it is in."""
    database, schema, _ = name.split(".", 2)
    return may(catalog, role, kind, name, *rights) and may_enter(catalog, role, database, schema)


def may_use(catalog: Catalog, role: str, procedure: Procedure) -> bool:
    """Whether a role may CALL and see a procedure."""
    return may_see(catalog, role, "PROCEDURE", procedure.key, "USAGE")


def readable(catalog: Catalog, role: str) -> list[str]:
    """The tables and views that a role may SELECT from, those that it owns included."""
    granted = {
        grant.removeprefix("SELECT TABLE ")
        for one in inherited(catalog, role)
        for grant in catalog.grants.get(one, ())
        if grant.startswith("SELECT TABLE ")
    }
    owned = {key.removeprefix("TABLE ") for key in catalog.made if key.startswith("TABLE ")}
    return sorted(n for n in granted | owned if may_see(catalog, role, "TABLE", n, "SELECT"))


def usable_warehouse(catalog: Catalog, role: str, warehouse: str | None) -> str | None:
    """The session's warehouse, where its role may use it; owners may use any name."""
    if warehouse is None or may(catalog, role, "WAREHOUSE", warehouse, "USAGE"):
        return warehouse
    return None


def forget_grants(catalog: Catalog, kind: str, name: str) -> None:
    """Drop the grants on what is dropped, or replaced without COPY GRANTS."""
    end = f" {kind} {name}"
    for role, grants in catalog.grants.items():
        catalog.grants[role] = [grant for grant in grants if not grant.endswith(end)]


def grant_the_future(catalog: Catalog, what: str, kind: str, name: str) -> None:
    """Give what was granted on future objects of a schema to one that is new in it.

    Args:
        catalog: where the grants are.
        what: what it is: TABLE, VIEW or PROCEDURE.
        kind: as what it is granted: TABLE for views, too.
        name: its full name.

    """
    schema = ".".join(name.split(".")[:2])
    for role, grants in catalog.grants.items():
        for grant in list(grants):
            right, _, where = grant.partition(" FUTURE ")
            entry = f"{right} {kind} {name}"
            if where == f"{what} {schema}" and entry not in grants:
                catalog.grants[role].append(entry)


def open_to_all(catalog: Catalog, warehouse: str, database: str, schema: str | None = None) -> None:
    """Let every role into what the stack makes; what CREATE made is its owner's to open."""
    grants = [f"USAGE WAREHOUSE {warehouse}", f"USAGE DATABASE {database}"]
    if schema:
        grants.append(f"USAGE SCHEMA {database}.{schema}")
    found = catalog.grants.get(PUBLIC, [])
    added = [grant for grant in grants if grant not in found]
    if added:
        with catalog.changed():
            catalog.grants[PUBLIC] = [*found, *added]


def table_is_there(engine: DuckDBPyConnection, name: str) -> str | None:
    """TABLE or VIEW, where there is one of this full name."""
    found = engine.execute(
        "select table_type from information_schema.tables where upper(table_catalog) = upper(?)"
        " and upper(table_schema) = upper(?) and table_name = ?",
        name.split(".", 2),
    ).fetchone()
    return None if found is None else "VIEW" if found[0] == "VIEW" else "TABLE"

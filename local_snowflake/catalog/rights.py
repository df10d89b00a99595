"""What a role may do: by its grants, by the grants of inherited roles, and by ownership.

An admin role may do everything. Any other role may do what was granted to it, and everything with
the objects that it owns. What a role may not see does not exist for that role.
"""

from __future__ import annotations

from snowflake.connector.errors import ProgrammingError

from local_snowflake.catalog.catalog import Catalog, Procedure
from local_snowflake.sql.errors import sql_error

# Every role inherits PUBLIC, and every user has PUBLIC.
PUBLIC = "PUBLIC"


def refused(what: str) -> ProgrammingError:
    """Answer the error for a role that may not do something."""
    return sql_error(
        f"SQL access control error:\nInsufficient privileges to operate on {what}.", 3001, "42501"
    )


def exists(catalog: Catalog, role: str) -> bool:
    """Whether there is such a role."""
    return role in catalog.admin_roles or role == PUBLIC or role in catalog.grants


def check_role(catalog: Catalog, role: str) -> None:
    """Refuse a sign-in with a role that is not there."""
    if not exists(catalog, role):
        raise sql_error(
            f"Role '{role}' specified in the connect string does not exist or not authorized.",
            390189,
            "08001",
        )


def inherited(catalog: Catalog, role: str) -> set[str]:
    """The role, the roles granted to it, the roles granted to these in turn, and PUBLIC."""
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
    """Who owns an object; the kind of a view is TABLE, too."""
    if kind == "PROCEDURE" and name in catalog.procedures:
        return catalog.procedures[name].owner
    return catalog.made_by(kind, name).owner


def owns(catalog: Catalog, role: str, kind: str, name: str) -> bool:
    """Whether a role owns an object, or is an admin role."""
    return role in catalog.admin_roles or owner_of(catalog, kind, name) in inherited(catalog, role)


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
    """Whether a role has one of these rights on an object, and may enter its schema."""
    database, schema, _ = name.split(".", 2)
    return may(catalog, role, kind, name, *rights) and may_enter(catalog, role, database, schema)


def may_use(catalog: Catalog, role: str, procedure: Procedure) -> bool:
    """Whether a role may CALL and see a procedure."""
    return may_see(catalog, role, "PROCEDURE", procedure.key, "USAGE")


def readable(catalog: Catalog, role: str) -> list[str]:
    """The tables and views that a role may SELECT from, also by ownership."""
    granted = {
        grant.removeprefix("SELECT TABLE ")
        for one in inherited(catalog, role)
        for grant in catalog.grants.get(one, ())
        if grant.startswith("SELECT TABLE ")
    }
    owned = {key.removeprefix("TABLE ") for key in catalog.made if key.startswith("TABLE ")}
    return sorted(n for n in granted | owned if may_see(catalog, role, "TABLE", n, "SELECT"))


def usable_warehouse(catalog: Catalog, role: str, warehouse: str | None) -> str | None:
    """The session's warehouse, where the role may use it; admin roles may use any name."""
    if warehouse is None or may(catalog, role, "WAREHOUSE", warehouse, "USAGE"):
        return warehouse
    return None


def forget_grants(catalog: Catalog, kind: str, name: str) -> None:
    """Drop the grants on an object that is dropped, or replaced without COPY GRANTS."""
    end = f" {kind} {name}"
    for role, grants in catalog.grants.items():
        catalog.grants[role] = [grant for grant in grants if not grant.endswith(end)]


def grant_the_future(catalog: Catalog, what: str, kind: str, name: str) -> None:
    """Grant on a new object what was granted on future objects of its schema.

    Args:
        catalog: where the grants are.
        what: what the object is: TABLE, VIEW or PROCEDURE.
        kind: the kind in the grant, which is TABLE for views, too.
        name: the full name of the object.

    """
    schema = ".".join(name.split(".")[:2])
    for role, grants in catalog.grants.items():
        for grant in list(grants):
            right, _, where = grant.partition(" FUTURE ")
            entry = f"{right} {kind} {name}"
            if where == f"{what} {schema}" and entry not in grants:
                catalog.grants[role].append(entry)


def open_to_all(
    catalog: Catalog, warehouse: str | None, database: str | None, schema: str | None = None
) -> None:
    """Let every role use what is there at the start; what a CREATE makes, its owner grants."""
    grants = [
        f"USAGE {kind} {name}"
        for kind, name in (("WAREHOUSE", warehouse), ("DATABASE", database))
        if name
    ]
    if database and schema:
        grants.append(f"USAGE SCHEMA {database}.{schema}")
    found = catalog.grants.get(PUBLIC, [])
    added = [grant for grant in grants if grant not in found]
    if added:
        with catalog.changed():
            catalog.grants[PUBLIC] = [*found, *added]

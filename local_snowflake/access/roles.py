"""CREATE and DROP of roles, and CREATE WAREHOUSE."""

from __future__ import annotations

from local_snowflake.catalog.catalog import Catalog, Made, Procedure
from local_snowflake.sql.errors import compilation_error
from local_snowflake.sql.names import identifier
from local_snowflake.values.results import Result, text_result


def create_role(catalog: Catalog, name: str) -> Result:
    """CREATE ROLE [IF NOT EXISTS] name."""
    if identifier(name) not in catalog.grants:
        with catalog.changed():
            catalog.grants[identifier(name)] = []
    return text_result(["status"], [[f"Role {identifier(name)} successfully created."]])


def drop_role(catalog: Catalog, by: str, name: str, *, quiet: bool) -> Result:
    """DROP ROLE [IF EXISTS] name; the dropping role owns what the dropped role owned."""
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
    """CREATE WAREHOUSE [IF NOT EXISTS] name; its size and other settings mean nothing here."""
    full = identifier(name)
    if f"WAREHOUSE {full}" not in catalog.made:
        with catalog.changed():
            catalog.note("WAREHOUSE", full, role)
    return text_result(["status"], [[f"Warehouse {full} successfully created."]])

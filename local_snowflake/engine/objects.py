"""Which databases, schemas, tables and views the engine has."""

from __future__ import annotations

from local_snowflake.engine.connection import Engine


def has_database(engine: Engine, name: str) -> bool:
    """Whether there is a database of this name."""
    query = "select 1 from information_schema.schemata where upper(catalog_name) = upper(?)"
    return bool(engine.execute(query, [name]).fetchall())


def has_schema(engine: Engine, database: str, schema: str) -> bool:
    """Whether there is a schema of this name in a database."""
    query = (
        "select 1 from information_schema.schemata where upper(catalog_name) = upper(?)"
        " and upper(schema_name) = upper(?)"
    )
    stored = "_fs_information_schema" if schema == "INFORMATION_SCHEMA" else schema
    return bool(engine.execute(query, [database, stored]).fetchall())


def table_is_there(engine: Engine, name: str) -> str | None:
    """TABLE or VIEW, where there is a table or a view of this full name."""
    found = engine.execute(
        "select table_type from information_schema.tables where upper(table_catalog) = upper(?)"
        " and upper(table_schema) = upper(?) and table_name = ?",
        name.split(".", 2),
    ).fetchone()
    return None if found is None else "VIEW" if found[0] == "VIEW" else "TABLE"

"""SHOW of what the engine keeps: databases, schemas, tables, views and functions.

The rows come from views of fakesnow. Which rows a SHOW lists, and which a role may see, is decided
here: fakesnow would ignore LIKE, the schema or the role.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local_snowflake.catalog.catalog import Catalog
from local_snowflake.catalog.listing import Listing
from local_snowflake.catalog.rights import may_enter, may_see, owner_of
from local_snowflake.engine.connection import Engine
from local_snowflake.engine.running import described
from local_snowflake.values.results import SHOW_TYPE_ID, Result, to_rowset

_VIEWS = "_fs_global._fs_information_schema._fs_show_"
_SYSTEM_COMMENT = "Views describing the contents of schemas in this database"
_TERSE = "created_on, name, kind, database_name, schema_name"


@dataclass(frozen=True)
class _Kind:
    """How to read one kind of objects."""

    view: str
    columns: str = "*"
    terse: str | None = _TERSE
    granted: bool = False  # whether a role sees only what it may SELECT from


_KINDS = {
    "DATABASES": _Kind(
        "databases",
        columns="* exclude (budget), null as data_quality_monitoring_settings,"
        " null as resharing_settings",
        terse="created_on, name, null as kind, null as database_name, null as schema_name",
    ),
    "SCHEMAS": _Kind(
        "schemas",
        columns="created_on, if(name = 'information_schema', upper(name), name) as name,"
        " 'N' as is_default, 'N' as is_current, database_name, 'SYSADMIN' as owner,"
        " null as comment, '' as options, '1' as retention_time, 'ROLE' as owner_role_type,"
        " null as classification_profile_database, null as classification_profile_schema,"
        " null as classification_profile, null as object_visibility, 'false' as is_nested",
        terse="created_on, name, null as kind, database_name, null as schema_name",
    ),
    "TABLES": _Kind("tables", granted=True),
    "OBJECTS": _Kind("objects", columns="*, 'N' as is_interactive", granted=True),
    "VIEWS": _Kind("views", terse=_TERSE.replace("kind", "'VIEW' as kind"), granted=True),
    "USER FUNCTIONS": _Kind("functions", columns="*, 'N' as is_ai_function", terse=None),
}
KINDS = frozenset(_KINDS)


def show(
    engine: Engine,
    catalog: Catalog,
    role: str,
    what: str,
    listing: Listing,
    here: tuple[str | None, ...],
    *,
    terse: bool,
) -> Result:
    """SHOW [TERSE] of one of KINDS.

    Args:
        engine: where the objects are.
        catalog: knows the grants.
        role: the role that looks.
        what: one of KINDS.
        listing: which objects the SHOW lists.
        here: the session's database and schema.
        terse: only five columns.

    """
    kind = _KINDS[what]
    source = f"select {kind.columns} from {_VIEWS}{kind.view}"  # noqa: S608  # constants
    query = f"select {kind.terse} from ({source})" if terse and kind.terse else source  # noqa: S608
    rowtype = described(engine, query)
    rows: list[dict[str, Any]] = engine.sql(query).to_arrow_table().to_pylist()

    def place(row: dict[str, Any]) -> tuple[str, str, str]:
        database = row.get("database_name") or row.get("catalog_name") or ""
        return database, row.get("schema_name") or "", row["name"]

    def sees(row: dict[str, Any]) -> bool:
        database, schema, name = place(row)
        if kind.granted:
            return may_see(catalog, role, "TABLE", f"{database}.{schema}.{name}", "SELECT")
        if what == "DATABASES":
            return may_enter(catalog, role, name)
        return may_enter(catalog, role, database, name if what == "SCHEMAS" else None)

    def owned(row: dict[str, Any]) -> dict[str, Any]:
        database, schema, name = place(row)
        if name == "INFORMATION_SCHEMA" and "owner_role_type" in row:
            return row | {"owner": "", "owner_role_type": "", "comment": _SYSTEM_COMMENT}
        if "owner" not in row or schema == "INFORMATION_SCHEMA":
            return row
        full = f"{database}.{schema}.{name}" if kind.granted else name
        if what == "SCHEMAS":
            full = f"{database}.{name}"
        of = ("TABLE" if kind.granted else what.rstrip("S"), full)
        known = {"owner": owner_of(catalog, *of)}
        made = catalog.made_by(*of)
        if what == "SCHEMAS" and f"{database}.{name}" in catalog.managed:
            known["options"] = "MANAGED ACCESS"
        if "comment" in row:
            known["comment"] = made.comment or ""
        if "text" in row and made.text:
            known["text"] = made.text
        if what == "TABLES" and made.transient:
            known["kind"] = "TRANSIENT"
        current = {"DATABASES": (name,), "SCHEMAS": (database, name)}.get(what)
        if current:
            known["is_current"] = "Y" if current == here[: len(current)] else "N"
        return row | known

    seen = [owned(row) for row in rows if sees(row)]
    picked = [tuple(row.values()) for row in listing.pick(seen, place)]
    return Result(rowtype, to_rowset(picked, rowtype), SHOW_TYPE_ID)

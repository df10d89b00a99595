"""DROP, SHOW, DESCRIBE and CALL of Python stored procedures."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlglot import exp

from local_snowflake.catalog.catalog import Catalog, Procedure
from local_snowflake.catalog.listing import Listing, place_of
from local_snowflake.catalog.rights import forget_grants, may_use, owns, refused
from local_snowflake.engine.parsing import parse_one
from local_snowflake.procedures.create_procedure import type_name
from local_snowflake.sql.errors import compilation_error, missing, sql_error
from local_snowflake.sql.names import qualified
from local_snowflake.values.results import Result, column, shown, text_result
from local_snowflake.values.variant_text import json_text

SHOWN = (
    "created_on", "name", "schema_name", "is_builtin", "is_aggregate", "is_ansi",
    "min_num_arguments", "max_num_arguments", "arguments", "description", "catalog_name",
    "is_table_function", "valid_for_clustering", "is_secure", "secrets",
    "external_access_integrations",
)  # fmt: skip


def drop_procedure(
    catalog: Catalog, role: str, text: str, database: str | None, schema: str | None, *, quiet: bool
) -> Result:
    """DROP PROCEDURE [IF EXISTS] name(types), by its owner."""
    key = _key(text, database, schema)
    if key not in catalog.procedures:
        if not quiet:
            raise missing("Procedure", key)
        return text_result(["status"], [["Drop statement executed successfully."]])
    _check_owner(catalog, role, catalog.procedures[key])
    with catalog.changed():
        forget_grants(catalog, "PROCEDURE", key)
        del catalog.procedures[key]
    return text_result(["status"], [[f"{key} successfully dropped."]])


# Some of the procedures that every account has; without a schema, every listing has them.
_BUILT_IN = {
    "ASSOCIATE_SEMANTIC_CATEGORY_TAGS": "(VARCHAR, OBJECT) RETURN VARCHAR",
    "SYSTEM$CLASSIFY": "(VARCHAR, OBJECT) RETURN OBJECT",
    "SYSTEM$CLASSIFY_SCHEMA": "(VARCHAR, OBJECT) RETURN OBJECT",
}


def show_procedures(catalog: Catalog, role: str, listing: Listing, which: str = "") -> Result:
    """SHOW PROCEDURES [LIKE ...] [IN ...]: those that the role may use, and built-in ones.

    Args:
        catalog: where the procedures are.
        role: the role that looks.
        listing: which procedures the SHOW lists.
        which: USER or BUILTIN, to leave out the others.

    """
    rows: list[list[object]] = [
        [None, name, "", "Y", "N", "N", 2, 2, f"{name}{types}", "", "", "N", "N", None, None, None]
        for name, types in _BUILT_IN.items()
        if which != "USER" and listing.names(name)
    ]
    if which == "BUILTIN":
        return shown(SHOWN, rows)
    seen = [p for p in list(catalog.procedures.values()) if may_use(catalog, role, p)]
    for procedure in listing.pick(seen, lambda p: place_of(p.name)):
        in_database, in_schema = procedure.schema.split(".")
        count = len(procedure.argument_types)
        signature = f"{procedure.short_name}({', '.join(procedure.argument_types)})"
        rows.append([
            procedure.created_on, procedure.short_name, in_schema, "N", "N", "N",
            count - procedure.optional_arguments, count,
            f"{signature} RETURN {procedure.returns}",
            procedure.comment or "user-defined procedure", in_database, "N", "N", "N", None, None,
        ])  # fmt: skip
    return shown(SHOWN, rows)


def _check_owner(catalog: Catalog, role: str, procedure: Procedure) -> None:
    if not may_use(catalog, role, procedure):
        raise missing("Procedure", procedure.key)
    if not owns(catalog, role, "PROCEDURE", procedure.key):
        raise refused(f"procedure '{procedure.short_name}'")


def describe_procedure(
    catalog: Catalog, role: str, text: str, database: str | None, schema: str | None
) -> Result:
    """DESCRIBE PROCEDURE name(types), for its owner: properties, one a row."""
    key = _key(text, database, schema)
    if key not in catalog.procedures:
        raise missing("Procedure", key)
    found = catalog.procedures[key]
    _check_owner(catalog, role, found)
    rows = [
        ["signature", found.signature],
        ["returns", found.returns],
        ["language", "PYTHON"],
        ["null handling", "CALLED ON NULL INPUT"],
        ["volatility", "VOLATILE"],
        ["execute as", found.execute_as],
        ["body", found.body],
        ["imports", "[]"],
        ["handler", found.handler],
        ["runtime_version", found.runtime_version],
        ["packages", json.dumps(found.packages)],
        ["installed_packages", json.dumps(found.packages)],
        ["external_access_integrations", f"[{', '.join(found.integrations)}]"],
        ["secrets", json.dumps(found.secrets)],
    ]
    return text_result(["property", "value"], rows)


def call_procedure(
    catalog: Catalog,
    role: str,
    text: str,
    database: str | None,
    schema: str | None,
    evaluate: Callable[[exp.Expression], tuple[Any, str]],
    run: Callable[[Procedure, list[Any]], tuple[str, Any]],
) -> Result:
    """CALL name(arguments): one row, one column named after the procedure.

    Args:
        catalog: where the procedure is.
        role: the role that calls.
        text: what follows CALL.
        database: completes an unqualified name.
        schema: completes an unqualified name.
        evaluate: answers the value and the type of an argument's expression.
        run: runs the body: ('value', result) or ('error', traceback).

    """
    match = re.match(r'[\s\w$."]+', text)
    name = qualified(match[0] if match else "", database, schema)
    call = parse_one("select f" + text[match.end() :] if match else "").expressions[0]
    given = call.expressions
    procedure = _overload(catalog, role, name, given)
    arguments: list[Any] = [None] * len(procedure.argument_names)
    for position, argument in enumerate(given):
        value = argument
        if isinstance(argument, exp.Kwarg):
            position = procedure.argument_names.index(argument.this.name.upper())  # noqa: PLW2901
            value = argument.expression
        arguments[position] = _to_python(*evaluate(value), procedure.argument_types[position])
    kind, value = run(procedure, arguments)
    if kind == "error":
        message = (
            f"Python Interpreter Error:\n{value} in function {procedure.short_name} "
            f"with handler {procedure.handler}"
        )
        raise sql_error(message, 100357, "P0000")
    return _to_result(procedure, value)


def _overload(catalog: Catalog, role: str, name: str, given: list[exp.Expression]) -> Procedure:
    found = [
        procedure
        for procedure in catalog.procedures.values()
        if procedure.name == name
        and may_use(catalog, role, procedure)
        and len(procedure.argument_types) - procedure.optional_arguments
        <= len(given)
        <= len(procedure.argument_types)
    ]
    if not found:
        raise compilation_error(f"Unknown user-defined function {name}.", 2141, "42601")

    def fit(procedure: Procedure) -> int:
        return sum(
            _literaltype_name(argument) == declared
            for argument, declared in zip(given, procedure.argument_types, strict=False)
        )

    return max(found, key=fit)


def _literaltype_name(argument: exp.Expression) -> str:
    if isinstance(argument, exp.Literal):
        return "VARCHAR" if argument.is_string else "NUMBER"
    if isinstance(argument, exp.Boolean):
        return "BOOLEAN"
    return "VARIANT" if isinstance(argument, exp.ParseJSON) else ""


def _to_python(value: Any, given: str, declared: str) -> Any:
    """An argument as the handler sees it: the JSON of a VARIANT, an int where a NUMBER is whole."""
    if declared == "VARIANT":
        if value is None:
            return {"sql_null": True}
        return json.loads(json_text(value)) if given == "variant" else value
    if value is None:
        return None
    if declared in ("ARRAY", "OBJECT"):
        return json.loads(json_text(value))
    if declared == "VARCHAR":
        return str(value)
    if declared == "FLOAT":
        return float(value)
    if declared == "NUMBER":
        number = Decimal(str(value))
        return int(number) if number == number.to_integral_value() else number
    return value


def _to_result(procedure: Procedure, value: Any) -> Result:
    """What a handler returned, as the caller gets it: JSON text for a VARIANT."""
    name = procedure.short_name
    if procedure.returns in ("VARIANT", "OBJECT", "ARRAY"):
        text = None if value is None else json.dumps(value, ensure_ascii=False, indent=2)
        return Result([column(name, "variant")], [[text]])
    kinds = {"NUMBER": "fixed", "BOOLEAN": "boolean", "FLOAT": "real"}
    kind = kinds.get(procedure.returns, "text")
    text = None if value is None else ("1" if value else "0") if kind == "boolean" else str(value)
    return Result([column(name, kind)], [[text]])


def _key(text: str, database: str | None, schema: str | None) -> str:
    match = re.match(r'\s*([\w$."]+)\s*\(([^)]*)\)', text)
    if not match:
        raise compilation_error("the argument types must be given.", 1003, "42000")
    kinds = [
        type_name(exp.DataType.build(k.strip(), dialect="snowflake"))
        for k in match[2].split(",")
        if k.strip()
    ]
    return f"{qualified(match[1], database, schema)}({', '.join(kinds)})"

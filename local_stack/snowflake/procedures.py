"""CREATE, DROP, SHOW, DESCRIBE and CALL of Python stored procedures (facts, 1, 2 and 8)."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from fakesnow.dialect import parse_one
from sqlglot import exp

from local_stack.snowflake.catalog import Catalog, Procedure
from local_stack.snowflake.errors import compilation_error, missing, sql_error
from local_stack.snowflake.names import like_pattern, qualified
from local_stack.snowflake.results import Result, column, text_result
from local_stack.snowflake.roles import forget_grants, may_use

DECOMMISSIONED = {"3.8", "3.9"}
SHOWN = (
    "created_on", "name", "schema_name", "is_builtin", "is_aggregate", "is_ansi",
    "min_num_arguments", "max_num_arguments", "arguments", "description", "catalog_name",
    "is_table_function", "valid_for_clustering", "is_secure", "secrets",
    "external_access_integrations",
)  # fmt: skip


def create_procedure(
    catalog: Catalog, statement: exp.Create, database: str | None, schema: str | None
) -> Result:
    """Register a procedure; what Snowflake checks at CREATE is checked here.

    Raises:
        ProgrammingError: a decommissioned runtime, an unknown package, integration or secret, a
            secret that no integration allows, or a procedure that exists already.

    """
    declared = statement.this
    given = _properties(statement)
    name = qualified(declared.this.sql(dialect="snowflake"), database, schema)
    body = _body(statement)
    if str(given.get("language", "")).lower() != "python":
        raise sql_error("Unsupported feature 'only Python procedures are known here'.", 2, "0A000")
    runtime = str(given.get("runtime_version", ""))
    if runtime in DECOMMISSIONED:
        raise compilation_error(f"Python runtime {runtime} is decommissioned.", 391516, "42601")
    if not re.fullmatch(r"3\.1[0-4]", runtime):
        raise compilation_error(f"Invalid RUNTIME_VERSION '{runtime}'.", 391516, "42601")
    packages = [str(package) for package in given.get("packages", [])]
    _check_packages(packages)
    integrations = [str(item).upper() for item in given.get("external_access_integrations", [])]
    secrets = {
        alias: qualified(secret, database, schema)
        for alias, secret in dict(given.get("secrets", {})).items()
    }
    _check_access(catalog, integrations, secrets)
    arguments = [item for item in declared.expressions if isinstance(item, exp.ColumnDef)]
    procedure = Procedure(
        name=name,
        argument_names=[argument.name.upper() for argument in arguments],
        argument_types=[_type(argument.args["kind"]) for argument in arguments],
        optional_arguments=sum(
            bool(argument.find(exp.DefaultColumnConstraint)) for argument in arguments
        ),
        returns=str(given.get("returns", "VARIANT")),
        body=body,
        handler=str(given.get("handler", "")),
        runtime_version=runtime,
        packages=packages,
        integrations=integrations,
        secrets=secrets,
        execute_as=str(given.get("execute_as", "OWNER")).upper(),
        comment=given.get("comment"),
        created_on=datetime.datetime.now(datetime.UTC).isoformat(),
    )
    if procedure.key in catalog.procedures and not statement.args.get("replace"):
        raise compilation_error(f"Object '{name}' already exists.", 2002, "42710")
    with catalog.changed():
        if not statement.find(exp.CopyGrantsProperty):
            forget_grants(catalog, procedure)
        catalog.procedures[procedure.key] = procedure
    return text_result(["status"], [[f"Function {procedure.short_name} successfully created."]])


def drop_procedure(
    catalog: Catalog, text: str, database: str | None, schema: str | None, *, quiet: bool
) -> Result:
    """DROP PROCEDURE [IF EXISTS] name(types)."""
    key = _key(text, database, schema)
    if key not in catalog.procedures:
        if not quiet:
            raise missing("Procedure", key)
        return text_result(["status"], [["Drop statement executed successfully."]])
    with catalog.changed():
        forget_grants(catalog, catalog.procedures[key])
        del catalog.procedures[key]
    return text_result(["status"], [[f"{key} successfully dropped."]])


def show_procedures(
    catalog: Catalog, role: str, pattern: str | None, schema: str | None, database: str | None
) -> Result:
    """SHOW PROCEDURES [LIKE ...] [IN SCHEMA ... | IN DATABASE ...]."""
    wanted = like_pattern(pattern) if pattern is not None else None
    rows = []
    for procedure in sorted(catalog.procedures.values(), key=lambda p: p.key):
        if not may_use(catalog, role, procedure) or (schema and procedure.schema != schema):
            continue
        if database and not procedure.name.startswith(f"{database}."):
            continue
        if wanted and not wanted.fullmatch(procedure.short_name):
            continue
        in_database, in_schema = procedure.schema.split(".")
        count = len(procedure.argument_types)
        signature = f"{procedure.short_name}({', '.join(procedure.argument_types)})"
        rows.append([
            procedure.created_on, procedure.short_name, in_schema, "N", "N", "N",
            count - procedure.optional_arguments, count,
            f"{signature} RETURN {procedure.returns}",
            procedure.comment or "user-defined procedure", in_database, "N", "N", "N", None, None,
        ])  # fmt: skip
    return text_result(SHOWN, rows)


def describe_procedure(
    catalog: Catalog, text: str, database: str | None, schema: str | None
) -> Result:
    """DESCRIBE PROCEDURE name(types): properties, one a row."""
    key = _key(text, database, schema)
    if key not in catalog.procedures:
        raise missing("Procedure", key)
    found = catalog.procedures[key]
    pairs = zip(found.argument_names, found.argument_types, strict=True)
    rows = [
        ["signature", "(" + ", ".join(f"{name} {kind}" for name, kind in pairs) + ")"],
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
    """CALL name(arguments): one row, one column named after the procedure (facts, 2.3).

    Args:
        catalog: where the procedure is.
        role: who calls.
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
            _literal_type(argument) == declared
            for argument, declared in zip(given, procedure.argument_types, strict=False)
        )

    return max(found, key=fit)


def _literal_type(argument: exp.Expression) -> str:
    if isinstance(argument, exp.Literal):
        return "VARCHAR" if argument.is_string else "NUMBER"
    if isinstance(argument, exp.Boolean):
        return "BOOLEAN"
    return "VARIANT" if isinstance(argument, exp.ParseJSON) else ""


def _to_python(value: Any, given: str, declared: str) -> Any:
    """An argument as the handler sees it (facts, 2.1)."""
    if declared == "VARIANT":
        if value is None:
            return {"sql_null": True}
        return json.loads(value) if given == "variant" else value
    if value is None:
        return None
    if declared in ("ARRAY", "OBJECT"):
        return json.loads(value)
    if declared == "VARCHAR":
        return str(value)
    if declared == "FLOAT":
        return float(value)
    if declared == "NUMBER":
        number = Decimal(str(value))
        return int(number) if number == number.to_integral_value() else number
    return value


def _to_result(procedure: Procedure, value: Any) -> Result:
    """What a handler returned, as the caller gets it (facts, 2.2)."""
    name = procedure.short_name
    if procedure.returns in ("VARIANT", "OBJECT", "ARRAY"):
        text = None if value is None else json.dumps(value, ensure_ascii=False, indent=2)
        return Result([column(name, "variant")], [[text]])
    kinds = {"NUMBER": "fixed", "BOOLEAN": "boolean", "FLOAT": "real"}
    kind = kinds.get(procedure.returns, "text")
    text = None if value is None else ("1" if value else "0") if kind == "boolean" else str(value)
    return Result([column(name, kind)], [[text]])


def _properties(statement: exp.Create) -> dict[str, Any]:
    found: dict[str, Any] = {}
    properties = statement.args.get("properties")
    for item in properties.expressions if properties else []:
        if isinstance(item, exp.ReturnsProperty):
            found["returns"] = _type(item.this)
        elif isinstance(item, exp.LanguageProperty):
            found["language"] = item.this.name
        elif isinstance(item, exp.HandlerProperty):
            found["handler"] = item.this.name
        elif isinstance(item, exp.SchemaCommentProperty):
            found["comment"] = item.this.name
        elif isinstance(item, exp.ExecuteAsProperty):
            found["execute_as"] = item.this.name
        elif type(item) is exp.Property:
            found[item.this.name.lower()] = _property_value(item.args["value"])
    return found


def _property_value(value: exp.Expression) -> Any:
    items = (
        value.expressions
        if isinstance(value, exp.Tuple)
        else [value.this]
        if isinstance(value, exp.Paren)
        else None
    )
    if items is None:
        return value.name or value.sql(dialect="snowflake")
    if items and isinstance(items[0], exp.EQ):
        return {item.this.name: item.expression.sql(dialect="snowflake") for item in items}
    return [item.name or item.sql(dialect="snowflake") for item in items]


def _body(statement: exp.Create) -> str:
    block = statement.expression
    texts = list(block.find_all(exp.RawString, exp.Literal)) if block else []
    if not texts:
        raise compilation_error("a procedure needs a body.", 1003, "42000")
    return str(texts[0].this)


def _type(kind: exp.Expression) -> str:
    text = kind.sql(dialect="snowflake").split("(")[0].upper()
    synonyms = {"STRING": "VARCHAR", "TEXT": "VARCHAR", "INT": "NUMBER", "DECIMAL": "NUMBER",
                "BIGINT": "NUMBER", "DOUBLE": "FLOAT"}  # fmt: skip
    return synonyms.get(text, text)


def _key(text: str, database: str | None, schema: str | None) -> str:
    match = re.match(r'\s*([\w$."]+)\s*\(([^)]*)\)', text)
    if not match:
        raise compilation_error("the argument types must be given.", 1003, "42000")
    kinds = [
        _type(exp.DataType.build(k.strip(), dialect="snowflake"))
        for k in match[2].split(",")
        if k.strip()
    ]
    return f"{qualified(match[1], database, schema)}({', '.join(kinds)})"


def _check_packages(packages: list[str]) -> None:
    names = [re.split(r"[=<>]", package)[0] for package in packages]
    if "snowflake-snowpark-python" not in names:
        message = "PACKAGES must contain 'snowflake-snowpark-python'."
        raise compilation_error(message, 391518, "42601")
    for name in names:
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            message = f"Package '{name}' is not supported."
            raise compilation_error(message, 391521, "42601") from None


def _check_access(catalog: Catalog, integrations: list[str], secrets: dict[str, str]) -> None:
    for integration in integrations:
        if integration not in catalog.integrations:
            raise missing("Integration", integration)
    allowed = {s for name in integrations for s in catalog.integrations[name]["secrets"]}
    for secret in secrets.values():
        if secret not in catalog.secrets:
            raise missing("Secret", secret)
        if secret not in allowed:
            message = f"Secret '{secret}' is not allowed by any of the integrations."
            raise compilation_error(message, 390940, "42501")

"""CREATE PROCEDURE: what the statement declares, and what Snowflake refuses at once."""

from __future__ import annotations

import importlib.metadata
import re
from functools import cache
from typing import Any

from sqlglot import exp

from local_snowflake.catalog.catalog import Catalog, Procedure, now
from local_snowflake.catalog.rights import (
    forget_grants,
    grant_the_future,
    may,
    may_see,
    owns,
    refused,
)
from local_snowflake.sql.errors import compilation_error, missing, sql_error
from local_snowflake.sql.names import NAME, qualified
from local_snowflake.values.results import Result, text_result

DECOMMISSIONED = {"3.8", "3.9"}
# The parser takes a body also without AS before it.
_AS = re.compile(r"\bAS(?:\s|/\*.*?\*/|--[^\n]*\n)*(?:\$\$|')", re.IGNORECASE | re.DOTALL)


def create_procedure(
    catalog: Catalog,
    role: str,
    statement: exp.Create,
    text: str,
    database: str | None,
    schema: str | None,
) -> Result:
    """Register a procedure; what Snowflake checks at CREATE is checked here.

    Args:
        catalog: where the procedure is kept.
        role: the owner of the procedure from now on.
        statement: the parsed statement.
        text: the statement, for what the parser loses.
        database: completes an unqualified name.
        schema: completes an unqualified name.

    Raises:
        ProgrammingError: a decommissioned runtime, an unknown package, integration or secret, a
            secret that no integration allows, or a procedure that exists already.

    """
    declared = statement.this
    given = _properties(statement)
    name = qualified(declared.this.sql(dialect="snowflake"), database, schema)
    body = _body(statement, text)
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
    _check_access(catalog, role, integrations, secrets)
    arguments = [item for item in declared.expressions if isinstance(item, exp.ColumnDef)]
    procedure = Procedure(
        name=name,
        argument_names=[argument.name.upper() for argument in arguments],
        argument_types=[type_name(argument.args["kind"]) for argument in arguments],
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
        created_on=now(),
        owner=role,
        artifact_repository=_artifact_repository(text) if "artifact_repository" in given else None,
    )
    if procedure.key in catalog.procedures and not statement.args.get("replace"):
        raise compilation_error(f"Object '{name}' already exists.", 2002, "42710")
    is_new = procedure.key not in catalog.procedures
    if not is_new and not owns(catalog, role, "PROCEDURE", procedure.key):
        raise refused(f"procedure '{procedure.short_name}'")
    copied = statement.find(exp.CopyGrantsProperty) is not None
    with catalog.changed():
        if not copied:
            forget_grants(catalog, "PROCEDURE", procedure.key)
        if is_new or not copied:
            grant_the_future(catalog, "PROCEDURE", "PROCEDURE", procedure.key)
        catalog.procedures[procedure.key] = procedure
    return text_result(["status"], [[f"Function {procedure.short_name} successfully created."]])


def _properties(statement: exp.Create) -> dict[str, Any]:
    found: dict[str, Any] = {}
    properties = statement.args.get("properties")
    for item in properties.expressions if properties else []:
        if isinstance(item, exp.ReturnsProperty):
            found["returns"] = type_name(item.this)
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


def _artifact_repository(text: str) -> str | None:
    """The full name, before the body; the parser keeps only its last part."""
    match = re.search(rf"\bartifact_repository\s*=\s*({NAME})", text, re.IGNORECASE)
    return match[1].upper() if match else None


def _body(statement: exp.Create, text: str) -> str:
    parts = statement.expression.expressions if statement.expression else []
    if not (len(parts) == 1 and isinstance(parts[0], exp.RawString | exp.Literal)):
        message = "syntax error: a procedure has one text as its body, and nothing behind it."
        raise compilation_error(message, 1003, "42000")
    if not _AS.search(text):
        raise compilation_error("syntax error: AS stands before a body.", 1003, "42000")
    return str(parts[0].this)


def type_name(kind: exp.Expression) -> str:
    """A type without its size, synonyms replaced."""
    text = kind.sql(dialect="snowflake").split("(")[0].upper()
    synonyms = {"STRING": "VARCHAR", "TEXT": "VARCHAR", "INT": "NUMBER", "DECIMAL": "NUMBER",
                "BIGINT": "NUMBER", "DOUBLE": "FLOAT"}  # fmt: skip
    return synonyms.get(text, text)


def _check_packages(packages: list[str]) -> None:
    names = [re.split(r"[=<>]", package)[0] for package in packages]
    if "snowflake-snowpark-python" not in names:
        message = "PACKAGES must contain 'snowflake-snowpark-python'."
        raise compilation_error(message, 391518, "42601")
    for name in names:
        if not _is_installed(name):
            raise compilation_error(f"Package '{name}' is not supported.", 391521, "42601")


@cache
def _is_installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _check_access(
    catalog: Catalog, role: str, integrations: list[str], secrets: dict[str, str]
) -> None:
    """USAGE on each integration, READ on each secret, which an integration allows."""
    for integration in integrations:
        granted = may(catalog, role, "INTEGRATION", integration, "USAGE")
        if integration not in catalog.integrations or not granted:
            raise missing("Integration", integration)
    allowed = {s for name in integrations for s in catalog.integrations[name]["secrets"]}
    for secret in secrets.values():
        granted = may_see(catalog, role, "SECRET", secret, "READ")
        if secret not in catalog.secrets or not granted:
            raise missing("Secret", secret)
        if secret not in allowed:
            message = f"Secret '{secret}' is not allowed by any of the integrations."
            raise compilation_error(message, 390940, "42501")

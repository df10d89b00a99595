"""Network rules, external access integrations and secrets (facts, 6.1)."""

from __future__ import annotations

import re

from local_stack.snowflake.catalog import Catalog
from local_stack.snowflake.errors import compilation_error, missing, sql_error
from local_stack.snowflake.names import names, options, qualified, texts
from local_stack.snowflake.results import Result, text_result

_HOST_PORT = re.compile(r"(\*\.(?=[^.]+\.))?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?")
_SECRET_VALUES = {
    "GENERIC_STRING": "SECRET_STRING",
    "PASSWORD": "PASSWORD",
    "OAUTH2": "OAUTH_REFRESH_TOKEN",
}


def create_network_rule(
    catalog: Catalog, name: str, text: str, database: str | None, schema: str | None
) -> Result:
    """CREATE NETWORK RULE: an egress rule of host[:port] entries, without scheme or path."""
    given = options(text)
    if given.get("MODE", "").upper() != "EGRESS" or given.get("TYPE", "").upper() != "HOST_PORT":
        raise compilation_error("only MODE = EGRESS TYPE = HOST_PORT is known here", 2, "0A000")
    hosts = texts(given.get("VALUE_LIST", ""))
    for host in hosts:
        if not _HOST_PORT.fullmatch(host):
            raise sql_error(f"Invalid value '{host}' for property 'VALUE_LIST'.", 1422, "22023")
    full = qualified(name, database, schema)
    with catalog.changed():
        catalog.network_rules[full] = hosts
    return text_result(["status"], [[f"Network rule {full} successfully created."]])


def create_integration(
    catalog: Catalog, name: str, text: str, database: str | None, schema: str | None
) -> Result:
    """CREATE EXTERNAL ACCESS INTEGRATION; its name belongs to the account, not to a schema."""
    given = options(text)
    rules = [qualified(n, database, schema) for n in names(given.get("ALLOWED_NETWORK_RULES", ""))]
    for rule in rules:
        if rule not in catalog.network_rules:
            raise missing("Network rule", rule)
    secrets = [
        qualified(n, database, schema)
        for n in names(given.get("ALLOWED_AUTHENTICATION_SECRETS", ""))
    ]
    for secret in secrets:
        if secret not in catalog.secrets:
            raise missing("Secret", secret)
    full = name.upper()
    with catalog.changed():
        catalog.integrations[full] = {
            "rules": rules,
            "secrets": secrets,
            "enabled": given.get("ENABLED", "TRUE").upper() == "TRUE",
        }
    return text_result(["status"], [[f"Integration {full} successfully created."]])


def create_secret(
    catalog: Catalog, name: str, text: str, database: str | None, schema: str | None
) -> Result:
    """CREATE SECRET; its value never shows again."""
    given = options(text)
    kind = given.get("TYPE", "").upper()
    value_key = _SECRET_VALUES.get(kind)
    if not value_key or value_key not in given:
        raise compilation_error(f"a secret needs TYPE and its value; got TYPE = {kind}", 2, "0A000")
    secret = {"type": kind, "value": texts(given[value_key])[0]}
    if "USERNAME" in given:
        secret["username"] = texts(given["USERNAME"])[0]
    full = qualified(name, database, schema)
    with catalog.changed():
        catalog.secrets[full] = secret
    return text_result(["status"], [[f"Secret {full} successfully created."]])


def drop(
    catalog: Catalog, kind: str, name: str, database: str | None, schema: str | None, *, quiet: bool
) -> Result:
    """DROP of a network rule, integration or secret."""
    store: dict[str, object] = {
        "NETWORK RULE": catalog.network_rules,
        "INTEGRATION": catalog.integrations,
        "SECRET": catalog.secrets,
    }[kind]  # type: ignore[assignment]
    full = name.upper() if kind == "INTEGRATION" else qualified(name, database, schema)
    if full not in store and not quiet:
        raise missing(kind.capitalize(), full)
    with catalog.changed():
        store.pop(full, None)
    return text_result(["status"], [[f"{full} successfully dropped."]])


def describe_integration(catalog: Catalog, name: str) -> Result:
    """DESCRIBE INTEGRATION: properties, one a row."""
    if name.upper() not in catalog.integrations:
        raise missing("Integration", name.upper())
    found = catalog.integrations[name.upper()]
    rows = [
        ["ENABLED", "Boolean", str(found["enabled"]).lower(), "false"],
        ["ALLOWED_NETWORK_RULES", "List", f"[{', '.join(found['rules'])}]", "[]"],
        ["ALLOWED_AUTHENTICATION_SECRETS", "List", f"[{', '.join(found['secrets'])}]", "[]"],
    ]
    return text_result(["property", "property_type", "property_value", "property_default"], rows)


def show_integrations(catalog: Catalog) -> Result:
    """SHOW INTEGRATIONS."""
    rows = [
        [name, "EXTERNAL_ACCESS", "EXTERNAL_ACCESS", str(found["enabled"]).lower(), None]
        for name, found in catalog.integrations.items()
    ]
    return text_result(["name", "type", "category", "enabled", "comment"], rows)


def show_secrets(catalog: Catalog) -> Result:
    """SHOW SECRETS: names and types, never values."""
    rows = []
    for full, secret in catalog.secrets.items():
        database, schema, name = full.split(".")
        rows.append([name, schema, database, secret["type"]])
    return text_result(["name", "schema_name", "database_name", "secret_type"], rows)

"""Network rules, external access integrations and secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from local_snowflake.catalog.catalog import Catalog, Made
from local_snowflake.catalog.listing import Listing
from local_snowflake.catalog.rights import forget_grants, may, may_see
from local_snowflake.sql.errors import compilation_error, missing, sql_error, unsupported
from local_snowflake.sql.names import identifier, names, options, qualified, texts
from local_snowflake.values.results import Result, shown, text_result

_HOST_PORT = re.compile(r"(\*\.(?=[^.]+\.))?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?")
_SECRET_VALUES = {
    "GENERIC_STRING": "SECRET_STRING",
    "PASSWORD": "PASSWORD",
    "OAUTH2": "OAUTH_REFRESH_TOKEN",
}
_RULE_COLUMNS = (
    "created_on", "name", "database_name", "schema_name", "owner", "comment", "type", "mode",
)  # fmt: skip


def open_way_out(catalog: Catalog, rule: str, integration: str, address: str) -> None:
    """Add a host and port to a rule; make the rule and the integration where they are missing."""
    with catalog.changed():
        entries = catalog.network_rules.setdefault(rule, [])
        if address not in entries:
            entries.append(address)
            catalog.note("NETWORK RULE", rule, catalog.default_owner)
        if integration not in catalog.integrations:
            catalog.integrations[integration] = {"rules": [rule], "secrets": [], "enabled": True}
            catalog.note("INTEGRATION", integration, catalog.default_owner)


def create_network_rule(
    catalog: Catalog, role: str, name: str, text: str, database: str | None, schema: str | None
) -> Result:
    """CREATE NETWORK RULE: an egress rule of host[:port] entries, without scheme or path."""
    given = options(text)
    if given.get("MODE", "").upper() != "EGRESS" or given.get("TYPE", "").upper() != "HOST_PORT":
        raise compilation_error("only MODE = EGRESS TYPE = HOST_PORT is known here", 2, "0A000")
    hosts = _hosts(given)
    full = qualified(name, database, schema)
    with catalog.changed():
        catalog.network_rules[full] = hosts
        catalog.note("NETWORK RULE", full, role, _comment(given))
    return text_result(["status"], [[f"Network rule {full} successfully created."]])


def _hosts(given: dict[str, str]) -> list[str]:
    hosts = texts(given.get("VALUE_LIST", ""))
    for host in hosts:
        if not _HOST_PORT.fullmatch(host):
            raise sql_error(f"Invalid value '{host}' for property 'VALUE_LIST'.", 1422, "22023")
    return hosts


def create_integration(
    catalog: Catalog, role: str, name: str, text: str, database: str | None, schema: str | None
) -> Result:
    """CREATE EXTERNAL ACCESS INTEGRATION; its name belongs to the account, not to a schema."""
    given = options(text)
    full = identifier(name)
    made = {"rules": [], "secrets": [], "enabled": True}
    made.update(_integration_settings(catalog, given, database, schema))
    with catalog.changed():
        catalog.integrations[full] = made
        forget_grants(catalog, "INTEGRATION", full)
        catalog.note("INTEGRATION", full, role, _comment(given))
    return text_result(["status"], [[f"Integration {full} successfully created."]])


def _integration_settings(
    catalog: Catalog, given: dict[str, str], database: str | None, schema: str | None
) -> dict[str, Any]:
    """The settings that a CREATE or an ALTER gives; its rules and secrets must be there."""
    found: dict[str, Any] = {}
    for key, option, kind in (
        ("rules", "ALLOWED_NETWORK_RULES", "Network rule"),
        ("secrets", "ALLOWED_AUTHENTICATION_SECRETS", "Secret"),
    ):
        if option not in given:
            continue
        found[key] = [qualified(name, database, schema) for name in names(given[option])]
        there: Iterable[str] = catalog.network_rules if key == "rules" else catalog.secrets
        for name in found[key]:
            if name not in there:
                raise missing(kind, name)
    if "ENABLED" in given:
        found["enabled"] = given["ENABLED"].upper() == "TRUE"
    return found


def alter(
    catalog: Catalog, kind: str, name: str, text: str, database: str | None, schema: str | None
) -> Result:
    """ALTER ... SET of a network rule, integration or secret; other settings stay."""
    given = options(text)
    full = identifier(name) if kind == "INTEGRATION" else qualified(name, database, schema)
    known = {
        "NETWORK RULE": {"VALUE_LIST"},
        "INTEGRATION": {"ALLOWED_NETWORK_RULES", "ALLOWED_AUTHENTICATION_SECRETS", "ENABLED"},
        "SECRET": {"SECRET_STRING", "USERNAME", "PASSWORD", "OAUTH_REFRESH_TOKEN"},
    }[kind]
    if not given or not set(given) <= known | {"COMMENT"}:
        raise unsupported(f"this form of ALTER {kind}")
    if full not in _store(catalog, kind):
        raise missing(kind.capitalize(), full)
    settings = _integration_settings(catalog, given, database, schema)
    with catalog.changed():
        if kind == "NETWORK RULE" and "VALUE_LIST" in given:
            catalog.network_rules[full] = _hosts(given)
        elif kind == "INTEGRATION":
            catalog.integrations[full].update(settings)
        elif kind == "SECRET":
            secret = catalog.secrets[full]
            for key, stored in (
                ("USERNAME", "username"),
                (_SECRET_VALUES[secret["type"]], "value"),
            ):
                if key in given:
                    secret[stored] = texts(given[key])[0]
        if "COMMENT" in given:
            made = catalog.made_by(kind, full)
            catalog.made[f"{kind} {full}"] = Made(made.owner, made.created_on, _comment(given))
    return text_result(["status"], [["Statement executed successfully."]])


def is_there(
    catalog: Catalog, kind: str, name: str, database: str | None, schema: str | None
) -> str | None:
    """The full name of an object; None where there is none."""
    full = identifier(name) if kind == "INTEGRATION" else qualified(name, database, schema)
    return full if full in _store(catalog, kind) else None


def _store(catalog: Catalog, kind: str) -> dict[str, Any]:
    stores: dict[str, dict[str, Any]] = {
        "NETWORK RULE": catalog.network_rules,
        "INTEGRATION": catalog.integrations,
        "SECRET": catalog.secrets,
    }
    return stores[kind]


def create_secret(
    catalog: Catalog, role: str, name: str, text: str, database: str | None, schema: str | None
) -> Result:
    """CREATE SECRET; the value never shows again."""
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
        forget_grants(catalog, "SECRET", full)
        catalog.note("SECRET", full, role, _comment(given))
    return text_result(["status"], [[f"Secret {full} successfully created."]])


def drop(
    catalog: Catalog, kind: str, name: str, database: str | None, schema: str | None, *, quiet: bool
) -> Result:
    """DROP of a network rule, integration or secret, and of the grants on it."""
    store = _store(catalog, kind)
    full = identifier(name) if kind == "INTEGRATION" else qualified(name, database, schema)
    if full not in store and not quiet:
        raise missing(kind.capitalize(), full)
    with catalog.changed():
        store.pop(full, None)
        catalog.made.pop(f"{kind} {full}", None)
        forget_grants(catalog, kind, full)
    return text_result(["status"], [[f"{full} successfully dropped."]])


def show_network_rules(catalog: Catalog, role: str, listing: Listing) -> Result:
    """SHOW NETWORK RULES, for admin roles; no right of another role shows a rule."""
    rules = catalog.network_rules if role in catalog.admin_roles else {}
    rows = [
        [*_rule_values(catalog, full), len(rules[full]), "ROLE"] for full in listing.pick(rules)
    ]
    return shown([*_RULE_COLUMNS, "entries_in_valuelist", "owner_role_type"], rows)


def describe_network_rule(catalog: Catalog, role: str, full: str) -> Result:
    """DESCRIBE NETWORK RULE, for admin roles: one row, with the hosts."""
    if role not in catalog.admin_roles or full not in catalog.network_rules:
        raise missing("Network rule", full)
    hosts = ",".join(catalog.network_rules[full])
    return shown([*_RULE_COLUMNS, "value_list"], [[*_rule_values(catalog, full), hosts]])


def _rule_values(catalog: Catalog, full: str) -> list[object]:
    database, schema, name = full.split(".")
    made = catalog.made_by("NETWORK RULE", full)
    return [
        made.created_on, name, database, schema, made.owner, made.comment, "HOST_PORT", "EGRESS",
    ]  # fmt: skip


def describe_integration(catalog: Catalog, role: str, name: str) -> Result:
    """DESCRIBE INTEGRATION, with USAGE on it: properties, one a row."""
    full = identifier(name)
    allowed = may(catalog, role, "INTEGRATION", full, "USAGE")
    if full not in catalog.integrations or not allowed:
        raise missing("Integration", full)
    found = catalog.integrations[full]
    rows = [
        ["ENABLED", "Boolean", str(found["enabled"]).lower(), "false"],
        ["ALLOWED_NETWORK_RULES", "List", f"[{', '.join(found['rules'])}]", "[]"],
        ["ALLOWED_AUTHENTICATION_SECRETS", "List", f"[{', '.join(found['secrets'])}]", "[]"],
    ]
    return text_result(["property", "property_type", "property_value", "property_default"], rows)


def show_integrations(catalog: Catalog, role: str, listing: Listing) -> Result:
    """SHOW INTEGRATIONS: those on which the role has USAGE."""
    seen = [n for n in list(catalog.integrations) if may(catalog, role, "INTEGRATION", n, "USAGE")]
    rows = []
    for name in listing.pick(seen):
        made, kind = catalog.made_by("INTEGRATION", name), "EXTERNAL_ACCESS"
        enabled = str(catalog.integrations[name]["enabled"]).lower()
        rows.append([name, kind, kind, enabled, made.comment, made.created_on])
    return shown(["name", "type", "category", "enabled", "comment", "created_on"], rows)


def show_secrets(catalog: Catalog, role: str, listing: Listing) -> Result:
    """SHOW SECRETS: those that the role may read or use; names and types, never values."""
    seen = [
        n for n in list(catalog.secrets) if may_see(catalog, role, "SECRET", n, "READ", "USAGE")
    ]
    rows = []
    for full in listing.pick(seen):
        database, schema, name = full.split(".")
        made, kind = catalog.made_by("SECRET", full), catalog.secrets[full]["type"]
        rows.append([
            made.created_on, name, schema, database, made.owner, made.comment, kind, None, "ROLE",
        ])  # fmt: skip
    columns = [
        "created_on", "name", "schema_name", "database_name", "owner", "comment", "secret_type",
        "oauth_scopes", "owner_role_type",
    ]  # fmt: skip
    return shown(columns, rows)


def _comment(given: dict[str, str]) -> str | None:
    return texts(given["COMMENT"])[0] if "COMMENT" in given else None

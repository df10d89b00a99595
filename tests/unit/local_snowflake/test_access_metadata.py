"""SHOW and DESCRIBE of network rules, integrations and secrets."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from local_snowflake.server import LocalSnowflake
from tests.unit.local_snowflake.account import SETUP, Account, connect, execute

MISSING = (2003, "42S02")


@pytest.fixture
def access(account: Account) -> Account:
    """Give a network rule, an integration named after the schema, and a secret."""
    account.run(
        "create network rule api_rule mode = egress type = host_port "
        "value_list = ('api.example.com', 'b.example.com:8443') comment = 'the API'"
    )
    account.run("create secret token type = generic_string secret_string = 'top' comment = 'c'")
    account.run(
        f"create external access integration i_{account.schema} allowed_network_rules = (api_rule) "
        "allowed_authentication_secrets = (token) comment = 'out'"
    )
    return account


def test_show_network_rules(access: Account) -> None:
    """The owner sees where a rule is, whose it is, and how many hosts it lists."""
    [row] = access.rows(f"show network rules in schema sample_db.{access.schema}")
    assert isinstance(row.pop("created_on"), datetime.datetime)
    assert row == {
        "name": "API_RULE",
        "database_name": "SAMPLE_DB",
        "schema_name": access.schema,
        "owner": "SAMPLE_ROLE",
        "comment": "the API",
        "type": "HOST_PORT",
        "mode": "EGRESS",
        "entries_in_valuelist": 2,
        "owner_role_type": "ROLE",
    }


@pytest.mark.parametrize("verb", ["desc", "describe"])
def test_describe_network_rule(access: Account, verb: str) -> None:
    """The owner sees the hosts of a rule; one that is not there is refused."""
    [row] = access.rows(f"{verb} network rule sample_db.{access.schema}.api_rule")
    assert row["value_list"] == "api.example.com,b.example.com:8443"
    assert (row["name"], row["type"], row["mode"]) == ("API_RULE", "HOST_PORT", "EGRESS")
    assert access.refused(f"{verb} network rule nope") == MISSING


@pytest.mark.usefixtures("access")
def test_network_rules_are_their_owners_only(guest: Account) -> None:
    """Another role gets no rows from SHOW, and from DESCRIBE that there is no such rule."""
    assert guest.rows("show network rules in account") == []
    assert guest.refused("describe network rule api_rule") == MISSING


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("", True),
        ("like 'API_RULE' in account", True),
        ("like 'api%' in account", True),
        ("like 'a_i_rul_' in {schema}", True),
        ("like 'other%' in account", False),
        ("in schema", True),
        ("in schema {schema}", True),
        ("in sample_db.{schema}", True),
        ("in schema sample_db.sample_schema", False),
        ("in database", True),
        ("in database sample_db", True),
        ("in account starts with 'API' limit 10000", True),
        ("in account starts with 'api'", False),
    ],
)
@pytest.mark.parametrize("kind", ["network rules", "secrets"])
def test_what_a_show_takes(access: Account, kind: str, tail: str, expected: bool) -> None:
    """LIKE is without case and with wildcards, IN names the place, STARTS WITH has case."""
    access.run("create secret api_rule type = generic_string secret_string = 'x'")
    shown = access.rows(f"show {kind} {tail.format(schema=access.schema)}")
    found = [row["name"] for row in shown if row["schema_name"] == access.schema]
    assert ("API_RULE" in found) == expected


@pytest.mark.parametrize("what", ["network rules", "secrets", "procedures", "tables", "objects"])
@pytest.mark.parametrize("place", ["schema sample_db.nope", "sample_db.nope", "database nope"])
def test_a_place_that_is_not_there(account: Account, what: str, place: str) -> None:
    """SHOW in a schema or database that is not there is error 002043 (02000), as dbt expects."""
    assert account.refused(f"show {what} in {place}") == (2043, "02000")


@pytest.mark.parametrize(
    "statement",
    ["show network rules in application x", "show integrations in account", "show terse secrets"],
)
def test_an_unknown_form_of_show_is_refused(account: Account, statement: str) -> None:
    """What a SHOW would have to ignore, it refuses."""
    assert account.refused(statement) == (2, "0A000")


@pytest.mark.parametrize("kind", ["integrations", "external access integrations"])
def test_integrations_are_seen_with_usage(access: Account, guest: Account, kind: str) -> None:
    """SHOW and DESCRIBE of an integration are for admin roles and for roles with USAGE on it."""
    name = f"I_{access.schema}"
    single = kind.removesuffix("s")
    [row] = access.rows(f"show {kind} like '{name.lower()}'")
    assert isinstance(row.pop("created_on"), datetime.datetime)
    assert row == {
        "name": name,
        "type": "EXTERNAL_ACCESS",
        "category": "EXTERNAL_ACCESS",
        "enabled": "true",
        "comment": "out",
    }
    assert guest.rows(f"show {kind}") == []
    assert guest.refused(f"describe {single} {name}") == MISSING

    access.run(f"grant usage on integration {name.lower()} to role {guest.role}")
    assert guest.names(f"show {kind}") == [name]
    described = {
        row["property"]: row["property_value"] for row in guest.rows(f"describe {single} {name}")
    }
    assert described["ENABLED"] == "true"
    assert described["ALLOWED_NETWORK_RULES"] == f"[SAMPLE_DB.{access.schema}.API_RULE]"

    access.run(f"revoke usage on integration {name} from role {guest.role}")
    assert guest.rows(f"show {kind}") == []
    assert guest.refused(f"describe {single} {name}") == MISSING


@pytest.mark.parametrize("right", ["read", "usage"])
def test_secrets_are_seen_with_read_or_usage(access: Account, guest: Account, right: str) -> None:
    """SHOW SECRETS shows admin roles all, others what they may read or use; never the value."""
    [row] = access.rows(f"show secrets in schema {access.schema}")
    assert isinstance(row.pop("created_on"), datetime.datetime)
    assert row == {
        "name": "TOKEN",
        "schema_name": access.schema,
        "database_name": "SAMPLE_DB",
        "owner": "SAMPLE_ROLE",
        "comment": "c",
        "secret_type": "GENERIC_STRING",
        "oauth_scopes": None,
        "owner_role_type": "ROLE",
    }
    assert guest.rows("show secrets in account") == []
    access.run(f"grant {right} on secret token to role {guest.role} /* dbt's comment */;")
    assert guest.names("show secrets in account") == ["TOKEN"]
    access.run(f"revoke {right} on secret sample_db.{access.schema}.token from role {guest.role}")
    assert guest.rows("show secrets in account") == []


@pytest.mark.parametrize(
    ("kind", "name", "again"),
    [
        ("secret", "token", "create secret token type = generic_string secret_string = 'new'"),
        ("integration", "i_{schema}", "create external access integration i_{schema} "
         "allowed_network_rules = (api_rule)"),
    ],
)  # fmt: skip
def test_a_drop_takes_the_grants_along(
    access: Account, guest: Account, kind: str, name: str, again: str
) -> None:
    """An object of the same name that is made later is not granted to anyone."""
    name, again = name.format(schema=access.schema), again.format(schema=access.schema)
    access.run(f"grant usage on {kind} {name} to role {guest.role}")
    assert guest.names(f"show {kind}s") == [name.upper()]
    access.run(f"drop {kind} {name}")
    access.run(again)
    assert guest.names(f"show {kind}s") == []


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("grant usage on integration nope to role {role}", MISSING),
        ("grant read on secret nope to role {role}", MISSING),
        ("grant read on secret token to role nobody", MISSING),
        ("grant select on secret token to role {role}", (2, "0A000")),
        ("grant read on table token to role {role}", (2, "0A000")),
    ],
)
def test_a_grant_is_refused(
    access: Account, guest: Account, statement: str, error: tuple[int, str]
) -> None:
    """A right that the kind of object does not have, and what is not there, cannot be granted."""
    assert access.refused(statement.format(role=guest.role)) == error


@pytest.mark.usefixtures("access")
def test_a_guest_grants_nothing(guest: Account) -> None:
    """A role that owns nothing gives no rights away."""
    statement = f"grant read on secret token to role {guest.role}"
    assert guest.refused(statement) == (3001, "42501")


def test_a_catalog_of_an_earlier_version_is_read(
    restarted: Callable[[], LocalSnowflake], tmp_path: Path
) -> None:
    """What has no owner in an older catalog belongs to the default role, and is shown."""
    with restarted() as first:
        first.open_external_access("api.example.com", 443)
        account = Account(first)
        account.procedure("p", "def run(session):\n    return 1")
        account.connection.close()
    file = tmp_path / "data" / "catalog.json"
    stored = json.loads(file.read_text(encoding="utf-8"))
    assert f"INTEGRATION {SETUP.integration}" in stored.pop("made")
    for procedure in stored["procedures"].values():
        del procedure["owner"], procedure["artifact_repository"]
    file.write_text(json.dumps(stored), encoding="utf-8")
    with restarted() as second, connect(second) as connection:
        owner = "select procedure_owner from information_schema.procedures"
        assert execute(connection, owner).fetchall() == [("SAMPLE_ROLE",)]
        shown = execute(connection, f"show integrations like '{SETUP.integration}'").fetchall()
        assert [(row[0], row[-1]) for row in shown] == [(SETUP.integration, None)]

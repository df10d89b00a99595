"""Variables lead tests, connector and dbt to an account, in the ways that the profile offers."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.account.account import Account
from tests.account.sign_in import NEEDED, PROFILES, NoWayInError, connector_parameters

PLACE = {
    "SNOWFLAKE_ACCOUNT": "org-a",
    "SNOWFLAKE_USER": "u",
    "SNOWFLAKE_ROLE": "r",
    "SNOWFLAKE_WAREHOUSE": "w",
    "SNOWFLAKE_DATABASE": "d",
}
SIGNED_IN = {"account": "org-a", "user": "u", "role": "r", "warehouse": "w", "database": "d"}
WAYS: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "local": (
        {
            "SNOWFLAKE_HOST": "127.0.0.1",
            "SNOWFLAKE_PORT": "8080",
            "SNOWFLAKE_PROTOCOL": "http",
            "SNOWFLAKE_PASSWORD": "p&<q",
        },
        {
            "host": "127.0.0.1",
            "port": 8080,
            "protocol": "http",
            "password": "p&<q",
            "schema": "POLICY_WORKFLOW",
        },
    ),
    "snowflake": (
        {"SNOWFLAKE_PRIVATE_KEY_PATH": "/k.p8", "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE": "s"},
        {
            "private_key_file": "/k.p8",
            "private_key_file_pwd": "s",
            "authenticator": "SNOWFLAKE_JWT",
        },
    ),
    "snowflake_token": ({"SNOWFLAKE_TOKEN": "t"}, {"password": "t"}),
    "snowflake_browser": (
        {"SNOWFLAKE_AUTHENTICATOR": "externalbrowser"},
        {"authenticator": "externalbrowser"},
    ),
}


@pytest.mark.parametrize("target", WAYS)
def test_each_way_to_sign_in(target: str) -> None:
    """The variables of a way choose its target for dbt, and sign the connector in likewise."""
    variables, parameters = WAYS[target]
    environment = PLACE | variables
    account = Account.from_environment(environment)
    assert account.environment["DBT_TARGET"] == target
    assert (account.role, account.warehouse, account.database) == ("R", "W", "D")
    found = connector_parameters(environment)
    assert {key: found[key] for key in found if key not in ("paramstyle", "login_timeout")} == (
        SIGNED_IN | parameters
    )


def test_the_profile_asks_for_nothing_else() -> None:
    """A variable that a target reads is one that chooses it, that is needed, or is known above."""
    read = set(re.findall(r"env_var\('(\w+)'", PROFILES.read_text(encoding="utf-8")))
    known = {name for variables, _ in WAYS.values() for name in variables}
    assert read - {"SNOWFLAKE_SCHEMA"} == {*NEEDED, *known} - {"SNOWFLAKE_AUTHENTICATOR"}


def test_no_way_in_is_said() -> None:
    """A password alone is none, as most accounts take none."""
    with pytest.raises(NoWayInError, match="SNOWFLAKE_PRIVATE_KEY_PATH"):
        Account.from_environment(PLACE | {"SNOWFLAKE_PASSWORD": "p"})


@pytest.mark.parametrize("text", ["[1]", "{", "x"])
def test_vars_must_be_an_object(text: str) -> None:
    """Vars that dbt could not take are refused."""
    with pytest.raises(ValueError, match=r"."):
        Account.from_environment(PLACE | {"SNOWFLAKE_TOKEN": "t", "POLICY_TEST_VARS": text})

"""How an account is signed in to: by a target of profiles.example.yml, from the same variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jinja2
import yaml

from tests.repository import ROOT

PROFILES = ROOT / "profiles.example.yml"
# What every way to sign in needs. Tests make schemas of their own, so SNOWFLAKE_SCHEMA is none.
NEEDED = (
    "SNOWFLAKE_ACCOUNT",
    "SNOWFLAKE_USER",
    "SNOWFLAKE_ROLE",
    "SNOWFLAKE_WAREHOUSE",
    "SNOWFLAKE_DATABASE",
)
# The variable that chooses a target, the first that is set.
_CHOSEN_BY = {
    "SNOWFLAKE_HOST": "local",
    "SNOWFLAKE_PRIVATE_KEY_PATH": "snowflake",
    "SNOWFLAKE_TOKEN": "snowflake_token",
    "SNOWFLAKE_AUTHENTICATOR": "snowflake_browser",
}
# What dbt and the connector call by different names.
_CONNECTOR_NAMES = {
    "private_key_path": "private_key_file",
    "private_key_passphrase": "private_key_file_pwd",
}
_OF_DBT = ("type", "threads", "query_tag")


class NoWayInError(Exception):
    """The variables name no way to sign in."""


def target_of(environment: Mapping[str, str]) -> str:
    """The target of the profile that the variables are meant for.

    Raises:
        NoWayInError: there is none.

    """
    for name, target in _CHOSEN_BY.items():
        if environment.get(name):
            return target
    raise NoWayInError(
        "set SNOWFLAKE_PRIVATE_KEY_PATH (and SNOWFLAKE_PRIVATE_KEY_PASSPHRASE), or SNOWFLAKE_TOKEN,"
        " or SNOWFLAKE_AUTHENTICATOR=externalbrowser"
    )


def connector_parameters(environment: Mapping[str, str]) -> dict[str, Any]:
    """What the connector needs to sign in as dbt does.

    Raises:
        NoWayInError: the variables name no way to sign in.

    """
    outputs = yaml.safe_load(PROFILES.read_text(encoding="utf-8"))["test_sf"]["outputs"]
    engine = jinja2.Environment()
    engine.filters["as_number"] = str
    found: dict[str, Any] = {}
    for key, value in outputs[target_of(environment)].items():
        text = engine.from_string(str(value)).render(env_var=environment.get)
        if text and key not in _OF_DBT:
            found[_CONNECTOR_NAMES.get(key, key)] = text
    if "port" in found:
        found["port"] = int(found["port"])
    if "private_key_file" in found:
        found["authenticator"] = "SNOWFLAKE_JWT"
    return found | {"paramstyle": "qmark", "login_timeout": 60}

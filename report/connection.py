"""How to connect, from the SNOWFLAKE_* environment variables that dbt's profile reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_VARIABLES = {
    "account": "SNOWFLAKE_ACCOUNT",
    "user": "SNOWFLAKE_USER",
    "password": "SNOWFLAKE_PASSWORD",
    "private_key_file": "SNOWFLAKE_PRIVATE_KEY_PATH",
    "private_key_file_pwd": "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE",
    "authenticator": "SNOWFLAKE_AUTHENTICATOR",
    "token": "SNOWFLAKE_TOKEN",
    "host": "SNOWFLAKE_HOST",
    "port": "SNOWFLAKE_PORT",
    "protocol": "SNOWFLAKE_PROTOCOL",
    "database": "SNOWFLAKE_DATABASE",
    "schema": "SNOWFLAKE_SCHEMA",
    "warehouse": "SNOWFLAKE_WAREHOUSE",
    "role": "SNOWFLAKE_ROLE",
}


class NotConnectedError(Exception):
    """The account to read is not known; the text says which variable is missing or unusable."""


def connection_parameters(environment: Mapping[str, str]) -> dict[str, Any]:
    """Make the connection parameters of the connector and of Snowpark.

    Args:
        environment: the environment variables; an empty variable counts as not set.

    Raises:
        NotConnectedError: a variable is missing or unusable.

    """
    found: dict[str, Any] = {
        key: environment[name] for key, name in _VARIABLES.items() if environment.get(name)
    }
    wanted = ["account"] if "authenticator" in found else ["account", "user"]
    missing = [_VARIABLES[key] for key in wanted if key not in found]
    if missing:
        raise NotConnectedError(
            f"{' and '.join(missing)} not set: the SNOWFLAKE_* environment variables say which"
            " account to read; `python -m local_stack exec -- COMMAND` sets them to the local one"
        )
    if "port" in found:
        if not found["port"].isascii() or not found["port"].isdigit():
            raise NotConnectedError(f"SNOWFLAKE_PORT must be a number; got {found['port']!r}")
        found["port"] = int(found["port"])
    if "token" in found and "authenticator" not in found:
        # A programmatic access token is sent as the password, as dbt's profile does.
        found.setdefault("password", found.pop("token"))
    if "private_key_file" in found:
        found.setdefault("authenticator", "SNOWFLAKE_JWT")
    return found | {"paramstyle": "qmark", "login_timeout": 60}

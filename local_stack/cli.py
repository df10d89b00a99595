"""Starts the local stack, alone or around a command, or its policy API; writes the report."""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from local_snowflake.command import (
    StartError,
    command_of,
    find_tools,
    is_command,
    no_such,
    own_folder,
    run,
    stay,
    write_environment,
)
from local_snowflake.server import LocalSnowflake
from local_stack.account import ACCOUNT
from local_stack.policy_api import PolicyApi
from report.options import options as report_options

PROFILES = Path(__file__).parents[1] / "profiles.example.yml"
CONTROL_VARIABLE = "POLICY_API_CONTROL_TOKEN"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("--data-dir", type=Path, help="keep everything there (default: in memory)")
    options.add_argument(
        "--env-file", type=Path, help="write the environment there, KEY=VALUE lines"
    )
    options.add_argument("--policy-api-url", help="use this policy API instead of starting one")
    options.add_argument(
        "--port", type=int, default=0, help="of the local Snowflake (default: free)"
    )
    options.add_argument("--policy-api-port", type=int, default=0, help="default: a free one")
    whole = argparse.ArgumentParser(prog="python -m local_stack", description=__doc__)
    commands = whole.add_subparsers(dest="action", required=True)
    commands.add_parser("up", parents=[options], help="start, until Ctrl-C")
    run = commands.add_parser("exec", parents=[options], help="start, run a command, stop")
    run.add_argument("command", nargs=argparse.REMAINDER, help="-- COMMAND...")
    api = commands.add_parser(
        "policy-api",
        help="start the policy API alone, until Ctrl-C",
        description="Starts the policy API alone, until Ctrl-C. Its control endpoints, by which "
        f"tests order behaviour, ask for the token in {CONTROL_VARIABLE} where there is one, and "
        "there must be one where others can reach them: set it behind a proxy, too.",
    )
    api.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    api.add_argument("--port", type=int, default=0, help="default: a free one")
    api.add_argument("--env-file", type=Path, help="write POLICY_API_BASE_URL there, as KEY=VALUE")
    commands.add_parser(
        "report",
        parents=[report_options()],
        help="write an HTML report of the account that SNOWFLAKE_* name",
    )
    return whole


@contextlib.contextmanager
def stack(arguments: argparse.Namespace) -> Iterator[dict[str, str]]:
    """Run both servers; gives the environment in which dbt and the tests reach them.

    Raises:
        StartError: a port or the data directory is taken, or the URL is unusable.

    """
    with contextlib.ExitStack() as open_things:
        if arguments.data_dir:
            own_folder(open_things, arguments.data_dir, "local stack")
        snowflake = LocalSnowflake(arguments.data_dir, arguments.port, ACCOUNT)
        url = arguments.policy_api_url
        try:
            open_things.enter_context(snowflake)
            if not url:
                url = open_things.enter_context(PolicyApi(arguments.policy_api_port)).base_url
        except OSError as error:
            raise StartError(f"a port cannot be used: {error.strerror or error}") from error
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise StartError(f"--policy-api-url must be an http or https URL; got {url!r}")
        snowflake.open_external_access(
            parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
        )
        profiles = Path(
            open_things.enter_context(tempfile.TemporaryDirectory(prefix="local_stack_"))
        )
        shutil.copy(PROFILES, profiles / "profiles.yml")
        environment = {
            **snowflake.environment(),
            "POLICY_API_BASE_URL": url,
            "DBT_PROFILES_DIR": str(profiles),
        }
        write_environment(environment, arguments.env_file)
        yield environment


@contextlib.contextmanager
def policy_api(arguments: argparse.Namespace) -> Iterator[dict[str, str]]:
    """Run the policy API alone; gives the variable that leads to it.

    Raises:
        StartError: the port is taken, or other machines could order behaviours without a token.

    """
    token = os.environ.get(CONTROL_VARIABLE) or None
    if token is None and not _only_this_machine(arguments.host):
        raise StartError(
            f"on {arguments.host} others reach the control endpoints, too: set {CONTROL_VARIABLE}"
            " to the token that they are to ask for"
        )
    with contextlib.ExitStack() as open_things:
        api = PolicyApi(arguments.port, arguments.host, control_token=token)
        try:
            open_things.enter_context(api)
        except OSError as error:
            raise StartError(f"a port cannot be used: {error.strerror or error}") from error
        environment = {"POLICY_API_BASE_URL": api.base_url}
        write_environment(environment, arguments.env_file)
        yield environment


def _only_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def main(arguments: list[str]) -> int:
    """Run the command line; answers the exit code."""
    warnings.filterwarnings("ignore", message="Arrow output on a DB-API result")
    given = parser().parse_args(arguments)
    if given.action == "report":
        # The report loads charts for seconds; the other commands need none.
        from report.command import run as report  # noqa: PLC0415

        return report(given)
    find_tools()
    command = command_of(given) if given.action == "exec" else []
    if given.action == "exec" and not is_command(command):
        print(f"local_stack: {no_such(command)}", file=sys.stderr)
        return 2
    start, name = (
        (policy_api, "policy API") if given.action == "policy-api" else (stack, "local stack")
    )
    try:
        with start(given) as environment:
            return run(command, environment) if command else stay(environment, name)
    except StartError as error:
        print(f"local_stack: {error}", file=sys.stderr)
        return 2

"""`python -m local_snowflake`: starts a local Snowflake, alone or around a command.

Commands that start more than a local Snowflake use the functions below `main`, too.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

from local_snowflake.account_setup import AccountSetup
from local_snowflake.server import LocalSnowflake


class StartError(Exception):
    """The servers cannot be started; the text says why."""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("--data-dir", type=Path, help="keep everything there (default: in memory)")
    options.add_argument("--env-file", type=Path, help="write the environment there, as KEY=VALUE")
    options.add_argument("--port", type=int, default=0, help="default: a free one")
    options.add_argument("--database", default="DEMO_DB", help="made at the start (%(default)s)")
    options.add_argument("--warehouse", default="DEMO_WH", help="made at the start (%(default)s)")
    options.add_argument("--schema", default="DEMO", help="of the environment (%(default)s)")
    options.add_argument("--role", default="ACCOUNTADMIN", help="may do all (%(default)s)")
    whole = argparse.ArgumentParser(
        prog="python -m local_snowflake",
        description="Starts a local Snowflake. Clients find the account by SNOWFLAKE_* variables.",
    )
    commands = whole.add_subparsers(dest="action", required=True)
    commands.add_parser("up", parents=[options], help="start, until Ctrl-C")
    run = commands.add_parser("exec", parents=[options], help="start, run a command, stop")
    run.add_argument("command", nargs=argparse.REMAINDER, help="-- COMMAND...")
    return whole


def main(arguments: list[str]) -> int:
    """Run the command line; answers the exit code."""
    warnings.filterwarnings("ignore", message="Arrow output on a DB-API result")
    given = parser().parse_args(arguments)
    find_tools()
    command = command_of(given) if given.action == "exec" else []
    if given.action == "exec" and not is_command(command):
        print(f"local_snowflake: {no_such(command)}", file=sys.stderr)
        return 2
    try:
        with _started(given) as environment:
            return run(command, environment) if command else stay(environment, "local Snowflake")
    except StartError as error:
        print(f"local_snowflake: {error}", file=sys.stderr)
        return 2


@contextlib.contextmanager
def _started(given: argparse.Namespace) -> Iterator[dict[str, str]]:
    role = given.role.upper()
    setup = AccountSetup(
        database=given.database.upper(),
        warehouse=given.warehouse.upper(),
        schema=given.schema.upper(),
        default_role=role,
        admin_roles=frozenset({role}),
    )
    with contextlib.ExitStack() as open_things:
        if given.data_dir:
            own_folder(open_things, given.data_dir, "local Snowflake")
        try:
            server = open_things.enter_context(LocalSnowflake(given.data_dir, given.port, setup))
        except OSError as error:
            raise StartError(f"a port cannot be used: {error.strerror or error}") from error
        write_environment(server.environment(), given.env_file)
        yield server.environment()


def find_tools() -> None:
    """Let programs beside this Python be found, also where no environment is activated."""
    os.environ["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    )


def command_of(given: argparse.Namespace) -> list[str]:
    """The command that follows `--`."""
    command: list[str] = given.command
    return command[1:] if command[:1] == ["--"] else command


def is_command(command: list[str]) -> bool:
    """Whether there is a command, and the machine has a program of that name."""
    return bool(command) and shutil.which(command[0]) is not None


def no_such(command: list[str]) -> str:
    """What to say where there is no such command."""
    return f"no such command: {' '.join(command) or '(none given)'}"


def own_folder(open_things: contextlib.ExitStack, folder: Path, what: str) -> None:
    """Make a data folder, and keep others from using it.

    Args:
        open_things: frees the folder at its end.
        folder: holds the data.
        what: uses the folder.

    Raises:
        StartError: when another process uses the folder.

    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = open_things.enter_context((folder / "lock").open("w"))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise StartError(f"{folder} is in use by another {what}") from None


def write_environment(environment: dict[str, str], env_file: Path | None) -> None:
    """Write the variables into a file, where a file is given; no reader sees half a file."""
    if env_file:
        beside = env_file.with_suffix(".new")
        beside.write_text("".join(f"{k}={v}\n" for k, v in environment.items()), encoding="utf-8")
        beside.replace(env_file)


def stay(environment: dict[str, str], name: str) -> int:
    """Print the variables, and wait for Ctrl-C."""
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    for key, value in environment.items():
        print(f"export {key}={value}", flush=True)
    print(f"# the {name} answers; Ctrl-C ends it", flush=True)
    done.wait()
    return 0


def run(command: list[str], environment: dict[str, str]) -> int:
    """Run a command with the variables; answers its exit code."""
    child = subprocess.Popen(command, env={**os.environ, **environment})
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while True:
        try:
            code = child.wait()
        except KeyboardInterrupt:  # the terminal has sent the signal to the child, too
            continue
        return 128 - code if code < 0 else code

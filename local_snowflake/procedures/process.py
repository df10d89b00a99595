"""Runs the bodies of stored procedures, each CALL in a process of its own.

A warm process has imported Snowpark and used Snowpark once; it is forked for each CALL. So the body
starts quickly, cannot touch the server's memory, and reaches only what its integrations allow.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import json
import marshal
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
import types
from collections.abc import Callable
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

from local_snowflake.sql.errors import statement_timed_out

# The folder from which Python finds this module.
ROOT = Path(__file__).parents[2]
PR_SET_PDEATHSIG = 1
# Of the server's environment: what Python needs, and which certificates the machine trusts. In
# Snowflake a body sees no secrets or proxies of the machine.
NEEDED_VARIABLES = (
    "CURL_CA_BUNDLE", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONPATH",
    "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR", "SSL_CERT_FILE", "TMPDIR", "VIRTUAL_ENV",
)  # fmt: skip


class ProcedureProcesses:
    """The warm process, seen from the server."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="local_snowflake_")
        self._address = str(Path(self._folder.name) / "calls")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the warm process, which imports while the server starts."""
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"from {__name__} import _serve; _serve({self._address!r})"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={name: os.environ[name] for name in NEEDED_VARIABLES if name in os.environ}
            # The connector would ask on which cloud it runs; inside Snowflake nothing asks.
            | {"SNOWFLAKE_DISABLE_PLATFORM_DETECTION": "true"},
        )

    def warm_up(self, server: dict[str, Any]) -> None:
        """Let the process sign in once, as each CALL will; returns when it takes calls.

        Args:
            server: what the connector needs to sign in at the server, which answers by now.

        Raises:
            RuntimeError: when the process did not start.

        """
        orders = self._process and self._process.stdin
        answers = self._process and self._process.stdout
        if orders and answers:
            with contextlib.suppress(BrokenPipeError):
                orders.write(json.dumps(server).encode() + b"\n")
                orders.flush()
            if answers.readline().strip() == b"ready":
                return
        raise RuntimeError("the process for stored procedures did not start")

    def stop(self) -> None:
        """End the warm process and every running procedure with it."""
        if self._process:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe:
                    pipe.close()
        self._folder.cleanup()

    def run(self, prepare: Callable[[], dict[str, Any]], seconds: int) -> tuple[str, Any]:
        """Run one CALL: ('value', result) or ('error', traceback text).

        Args:
            prepare: answers what is to be run; called while the process is forked.
            seconds: after so many the process is ended; 0 for no bound.

        Raises:
            ProgrammingError: when the time is over.

        """
        with Client(self._address, "AF_UNIX") as connection:
            connection.send(prepare())
            try:
                process: int = connection.recv()
                if seconds and not connection.poll(seconds):
                    os.kill(process, signal.SIGKILL)
                    raise statement_timed_out(seconds)
                kind, value = connection.recv()
            except EOFError:
                return "error", "the process of the procedure ended without an answer"
            return str(kind), value


class SqlNull:
    """What a VARIANT argument is for SQL NULL: truthy, and not None."""

    is_sql_null = True


def _serve(address: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _use_once()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with Listener(address, "AF_UNIX", backlog=128) as listener:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        watched = listener._listener._socket  # type: ignore[attr-defined]
        while True:
            readable, _, _ = select.select([watched, sys.stdin], [], [])
            if sys.stdin in readable:  # the server is gone
                os._exit(0)
            connection = listener.accept()
            if os.fork() == 0:
                ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                # What a body prints is lost, as on Snowflake.
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                try:
                    _answer(connection, address)
                finally:
                    os._exit(0)
            connection.close()


def _use_once() -> None:
    """Import what bodies import, and use it once: the first use compiles and looks up much."""
    import requests  # noqa: PLC0415
    from snowflake.snowpark import Session  # noqa: PLC0415

    line = sys.stdin.readline()
    if not line:  # the server is gone
        os._exit(0)
    server = json.loads(line)
    with Session.builder.configs(server).create() as session:
        session.sql("select ?", params=["warm"]).collect()
    with requests.Session() as client:
        client.get(f"http://{server['host']}:{server['port']}/", timeout=10)


def _answer(connection: Connection, address: str) -> None:
    try:
        job = connection.recv()
    except EOFError:  # the server sent nothing to run
        return
    connection.send(os.getpid())
    try:
        value = _run(job, address)
    except BaseException:  # noqa: BLE001  # whatever a body raises goes to the caller
        connection.send(("error", traceback.format_exc()))
    else:
        connection.send(("value", _plain(value)))


def _compiled(body: str, folder: Path) -> types.CodeType:
    """Compile a body once for all its CALLs, each of which is a process of its own."""
    path = folder / f"{hashlib.sha256(body.encode()).hexdigest()}.code"
    with contextlib.suppress(FileNotFoundError):
        kept: types.CodeType = marshal.loads(path.read_bytes())  # noqa: S302  # written below
        return kept
    # The body does not get the __future__ imports of this module.
    code = compile(body, "_udf_code.py", "exec", dont_inherit=True)
    beside = path.with_suffix(f".{os.getpid()}")
    beside.write_bytes(marshal.dumps(code))
    beside.replace(path)
    return code


def _run(job: dict[str, Any], address: str) -> Any:
    from snowflake.snowpark import Session  # noqa: PLC0415

    os.environ.update(job["environment"])
    sys.modules["_snowflake"] = _secret_module(job["secrets"])
    _limit_egress([*job["allowed_hosts"], job["own_address"]])
    # The server ends the session when this process has answered, or is gone.
    session = Session.builder.configs(job["connection"]).create()
    # The module is named after the handler and is not in `sys.modules`, as on Snowflake: code
    # that looks there fails.
    module = types.ModuleType(f"{job['handler']}_module")
    exec(_compiled(job["body"], Path(address).parent), module.__dict__)  # noqa: S102
    handler = getattr(module, job["handler"])
    return handler(
        session, *(SqlNull() if a == {"sql_null": True} else a for a in job["arguments"])
    )


def _plain(value: Any) -> Any:
    """A result as JSON has it: decimals and times as texts, the keys of objects sorted."""
    if isinstance(value, SqlNull):
        return None
    if isinstance(value, dict):
        return {str(key): _plain(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _secret_module(secrets: dict[str, dict[str, str]]) -> types.ModuleType:
    """The module `_snowflake`, with the secrets of this procedure."""
    module = types.ModuleType("_snowflake")

    def read(alias: str, kind: str) -> dict[str, str]:
        if alias not in secrets or secrets[alias]["type"] != kind:
            raise ValueError(f"Secret '{alias}' of type {kind} is not one of this procedure's.")
        return secrets[alias]

    module.get_generic_secret_string = lambda a: read(a, "GENERIC_STRING")["value"]  # type: ignore[attr-defined]
    module.get_oauth_access_token = lambda a: read(a, "OAUTH2")["value"]  # type: ignore[attr-defined]
    module.get_username_password = lambda a: types.SimpleNamespace(  # type: ignore[attr-defined]
        username=read(a, "PASSWORD")["username"], password=read(a, "PASSWORD")["value"]
    )
    module.get_secret_type = lambda a: secrets[a]["type"]  # type: ignore[attr-defined]
    return module


def _limit_egress(allowed: list[str]) -> None:
    """Let only these host:port pairs be reached; others fail as on Snowflake."""
    resolve = socket.getaddrinfo
    addresses: dict[str, set[str]] = {}

    def matches(host: str, port: int | None) -> bool:
        for entry in allowed:
            name, _, number = entry.partition(":")
            right_port = port is None or int(number or 443) in (0, port)
            pattern_tail = name[1:] if name.startswith("*") else None
            right_host = (
                host.endswith(pattern_tail) and "." not in host[: -len(pattern_tail)]
                if pattern_tail
                else host == name
            )
            if right_host and right_port:
                return True
        return False

    def getaddrinfo(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if not matches(name, None):
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        found = resolve(host, port, *rest, **more)
        for entry in found:
            addresses.setdefault(str(entry[4][0]), set()).add(name)
        return found

    connect = socket.socket.connect

    def limited_connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            names = addresses.get(str(address[0]), set()) | {str(address[0])}
            if not any(matches(name, address[1]) for name in names):
                raise TimeoutError("timed out")
        connect(self, address)

    socket.getaddrinfo = getaddrinfo
    socket.socket.connect = limited_connect  # type: ignore[method-assign, assignment]

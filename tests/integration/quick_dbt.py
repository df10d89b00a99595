"""Takes out of dbt, in the processes of these tests, work that says nothing about this project.

dbt does each of these things again at every command, or at every character of a procedure. What
dbt reads, sends, prints and logs stays the same. A process of dbt's own does all of it.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import CodeType, SimpleNamespace
from typing import Any
from unittest import mock

from dbt.adapters.snowflake.connections import SnowflakeConnectionManager
from dbt.task.run_operation import RunOperationTask
from dbt_common.behavior_flags import BehaviorFlagRendered
from dbt_common.clients.jinja import MacroFuzzEnvironment
from dbt_common.events import functions
from dbt_common.exceptions.base import env_secrets
from dbt_common.tests import enable_test_caching
from google.protobuf import json_format
from snowflake.connector import network

_BODY = re.compile(r"\$\$.*\$\$", re.DOTALL)
_HIDDEN = "$$body$$"


@contextmanager
def one_command() -> Iterator[None]:
    """Do once for a command what dbt does for each of its lines.

    At each start dbt looks up who called it, for a message, in the source of all the call stack.
    Below pytest that is half of a run's time. For each line that it logs it looks for secrets
    among all variables of the environment, which does not change meanwhile.
    """
    with ExitStack() as stack:
        for owner, name, answer in (
            (BehaviorFlagRendered, "_default_source", "not looked up"),
            (functions, "env_secrets", env_secrets()),
        ):
            stack.enter_context(mock.patch.object(owner, name, return_value=answer))
        yield


def hasten() -> None:
    """Do once for this process what dbt does for each command."""
    enable_test_caching()  # dbt's own: a text of Jinja that was parsed is not parsed again
    _keep_compiled_templates()
    _split_around_bodies(SnowflakeConnectionManager._stripped_queries)
    # An operation uses no graph; run, build and test make theirs.
    _replace(RunOperationTask, "compile_manifest", lambda _: None)
    # A look at all of a procedure's body for each event that holds the body.
    pattern = json_format._UNPAIRED_SURROGATE_PATTERN
    quick = SimpleNamespace(search=lambda text: _has_surrogates(text) and pattern.search(text))
    _replace(json_format, "_UNPAIRED_SURROGATE_PATTERN", quick)
    # The same for what a body is packed into.
    quick = SimpleNamespace(compress=lambda data: gzip.compress(data, compresslevel=1))
    _replace(network, "gzip", quick)


def _has_surrogates(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _replace(owner: Any, name: str, other: Any) -> None:
    mock.patch.object(owner, name, other).start()


def _keep_compiled_templates() -> None:
    """Keep the code of each text of Jinja; a template is made of it anew, with its own context."""
    compiled: dict[tuple[type, str], CodeType] = {}
    really = MacroFuzzEnvironment.compile

    def compile_once(self: Any, source: Any, *args: Any, **options: Any) -> Any:
        if not isinstance(source, str) or args or options:
            return really(self, source, *args, **options)
        key = (type(self), source)
        if key not in compiled:
            compiled[key] = really(self, source)
        return compiled[key]

    _replace(MacroFuzzEnvironment, "compile", compile_once)


def _split_around_bodies(really: Callable[[Any, str], list[str]]) -> None:
    """Split a text into statements without a look at each character of a procedure's body."""

    def split(self: Any, sql: str) -> list[str]:
        text = str(sql)
        if text.count("$$") != 2 or _HIDDEN in text:
            return really(self, text)
        body = _BODY.findall(text)[0]
        return [part.replace(_HIDDEN, body) for part in really(self, text.replace(body, _HIDDEN))]

    _replace(SnowflakeConnectionManager, "_stripped_queries", split)

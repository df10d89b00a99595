"""Renders the project's macros without dbt, from texts that a test may have changed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from types import CodeType, SimpleNamespace
from typing import Any

import jinja2

from tests.sql_audit.statement import MACROS, Sent

_BEGINNING = re.compile(r"({%-? macro (\w+)\()")
_END = re.compile(r"{%-? endmacro -?%}")


class StoppedError(Exception):
    """Ends the operation, as dbt's `raise_compiler_error` does."""


def _stop(message: str) -> None:
    raise StoppedError(message)


class _ReturnedError(Exception):
    """Leaves the macro with a value, as dbt's `return` does."""


def _return(value: Any) -> None:
    raise _ReturnedError(value)


@cache
def _texts_of_macros(text: str) -> dict[str, str]:
    """The macros of a file, each by itself, as dbt compiles each by itself."""
    return {
        begin[2]: text[begin.start() : _END.search(text, begin.end()).end()]  # type: ignore[union-attr]
        for begin in _BEGINNING.finditer(text)
    }


@cache
def _compiled(source: str) -> CodeType:
    """Jinja's code for a macro; the code knows no environment, so that all share it."""
    return jinja2.Environment(extensions=["jinja2.ext.do"]).compile(source)


class Macros:
    """The macros by name; statements for run_query are kept, and answered without rows.

    Args:
        sources: the texts of the macro files, by path.
        shown: rows that run_query answers, by the beginning of the statement.
        context: names of dbt's context that are to be others than here.

    """

    def __init__(
        self,
        sources: Mapping[str, str],
        shown: Mapping[str, list[Any]] | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> None:
        self.sent: list[Sent] = []
        self._made: dict[str, Any] = {}
        self._answers = shown or {}
        self._environment = jinja2.Environment(extensions=["jinja2.ext.do"])
        self._texts: dict[str, str] = {}
        for path, text in sources.items():
            if path.startswith("macros/"):
                self._texts |= _texts_of_macros(text)
        self._environment.globals.update(
            {
                "policy_workflow": self,
                "return": _return,
                "run_query": self._run_query,
                "var": lambda _, default=None: default,
                "env_var": lambda _, default="": default,
                "target": SimpleNamespace(
                    database="POLICY_DB", schema="TEST_000000000000", role="POLICY_RUNNER"
                ),
                "tojson": lambda value, sort_keys=False: json.dumps(value, sort_keys=sort_keys),
                "fromjson": json.loads,
                "local_md5": lambda text: hashlib.md5(text.encode()).hexdigest(),
                "modules": SimpleNamespace(re=re),
                "log": lambda *_, **__: "",
                "exceptions": SimpleNamespace(raise_compiler_error=_stop),
                "execute": True,
                "invocation_id": "run",
                "invocation_args_dict": {},
                "adapter": SimpleNamespace(),
                "project_name": "policy_workflow",
                **(context or {}),
            }
        )

    def __getattr__(self, name: str) -> Any:
        """A macro as a function; it returns the macro's value, or else the macro's text."""
        if name.startswith("__"):
            raise AttributeError(name)
        if name in self._made:
            return self._made[name]
        # Jinja keeps what begins with an underscore to itself.
        source = _BEGINNING.sub("{% macro called(", self._texts[name], count=1)
        globals_ = self._environment.make_globals(None)
        template = jinja2.Template.from_code(self._environment, _compiled(source), globals_)
        macro: Any = template.make_module()

        def call(*arguments: Any, **named: Any) -> Any:
            try:
                return str(macro.called(*arguments, **named))
            except _ReturnedError as returned:
                return returned.args[0]

        self._made[name] = call
        return call

    def _run_query(self, sql: str) -> SimpleNamespace:
        self.sent.append(Sent(MACROS, sql, "macro_of_a_test"))
        rows = next((rows for start, rows in self._answers.items() if sql.startswith(start)), [])
        return SimpleNamespace(rows=rows)

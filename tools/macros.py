"""Reads and runs macros without dbt: for what is generated from them, and for tests."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

import jinja2

ROOT = Path(__file__).parents[1]
_BEGINNING = re.compile(r"({%-? macro (\w+)\()")
_END = re.compile(r"{%-? endmacro -?%}")


class MacroError(Exception):
    """A macro does not exist, or stands twice."""


class _ReturnedError(Exception):
    """Leaves the macro with a value, as dbt's `return` does."""


def _return(value: Any) -> None:
    raise _ReturnedError(value)


@cache
def texts_of_macros(text: str) -> dict[str, str]:
    """The macros of a file by name, each by itself, as dbt compiles each by itself."""
    return {
        begin[2]: text[begin.start() : _END.search(text, begin.end()).end()]  # type: ignore[union-attr]
        for begin in _BEGINNING.finditer(text)
    }


def project_macros() -> dict[str, str]:
    """The texts of all macros under macros/, by name.

    Raises:
        MacroError: a name stands in two files.

    """
    found: dict[str, str] = {}
    for path in sorted((ROOT / "macros").rglob("*.sql")):
        for name, text in texts_of_macros(path.read_text(encoding="utf-8")).items():
            if name in found:
                raise MacroError(f"the macro {name} stands twice under macros/")
            found[name] = text
    return found


def macro_text(name: str) -> str:
    """The text of a macro, in whatever file under macros/ the macro stands."""
    found = project_macros()
    if name not in found:
        raise MacroError(f"there is no macro {name} under macros/")
    return found[name]


@cache
def _compiled(source: str) -> CodeType:
    """Jinja's code for a macro; the code knows no environment, so that all share it."""
    # What a macro makes is SQL, text or data, and no HTML.
    return jinja2.Environment(extensions=["jinja2.ext.do"]).compile(source)  # noqa: S701


class Macros:
    """The macros, called as `policy_workflow.name(...)`, without dbt.

    Args:
        texts: the macros' texts, by name.
        known: what takes the place of macros that ask dbt or the account, by name.
        context: the names of dbt's context that the macros use.

    """

    def __init__(
        self,
        texts: Mapping[str, str],
        known: Mapping[str, Any] | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> None:
        self._texts = texts
        self._made = dict(known or {})
        self._environment = jinja2.Environment(extensions=["jinja2.ext.do"])  # noqa: S701
        self._environment.globals.update(
            {"policy_workflow": self, "return": _return, "fromjson": json.loads, **(context or {})}
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

"""Reads and runs macros without dbt, for what is generated from them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2

ROOT = Path(__file__).parents[1]


class MacroError(Exception):
    """A macro does not exist, stands twice, or returns nothing."""


def macro_text(name: str) -> str:
    """The text of a macro, in whatever file under macros/ it stands."""
    pattern = re.compile(rf"{{%-? macro {name}\(.*?{{%-? endmacro -?%}}", re.S)
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "macros").rglob("*.sql")]
    found = [text for source in texts for text in pattern.findall(source)]
    if len(found) != 1:
        raise MacroError(f"the macro {name} stands {len(found)} times under macros/")
    return str(found[0])


class _ReturnedError(Exception):
    """Carries what a macro gives to `return`, which ends the macro."""


class Macros:
    """The macros of this project, called as `policy_workflow.name(...)`, without dbt.

    Args:
        known: what takes the place of macros that ask dbt or the account.

    """

    def __init__(self, known: dict[str, Callable[..., Any]]) -> None:
        self._known = known
        self._environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=True)
        self._environment.globals.update(
            {"policy_workflow": self, "return": self._return, "fromjson": json.loads}
        )

    @staticmethod
    def _return(value: object) -> None:
        raise _ReturnedError(value)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """The macro of this name; answers what the macro returns."""
        if name in self._known:
            return self._known[name]
        # Jinja keeps a macro whose name begins with an underscore to itself.
        text = macro_text(name).replace(f"macro {name}(", "macro called(", 1)

        def call(*arguments: object) -> object:
            try:
                self._environment.from_string(text).make_module().called(*arguments)  # type: ignore[attr-defined]
            except _ReturnedError as returned:
                return returned.args[0]
            raise MacroError(f"the macro {name} returns nothing")

        return call

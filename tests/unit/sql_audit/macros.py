"""Renders the project's macros without dbt, from texts that a test may have changed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import tools.macros
from tests.sql_audit.statement import MACROS, Sent
from tools.macros import texts_of_macros

# What the session of a command may use.
SESSION = {"ROLE_NAME": "POLICY_RUNNER", "WAREHOUSE": "POLICY_WH", "DATABASE_NAME": "POLICY_DB"}


class StoppedError(Exception):
    """Ends the operation, as dbt's `raise_compiler_error` does."""


def _stop(message: str) -> None:
    raise StoppedError(message)


class Macros(tools.macros.Macros):
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
        self._answers = {"select current_role()": [SESSION], **(shown or {})}
        texts: dict[str, str] = {}
        for path, text in sources.items():
            if path.startswith("macros/"):
                texts |= texts_of_macros(text)
        super().__init__(
            texts,
            context={
                "run_query": self._run_query,
                "var": lambda _, default=None: default,
                "env_var": lambda _, default="": default,
                "target": SimpleNamespace(
                    database="POLICY_DB", schema="TEST_000000000000", role="POLICY_RUNNER"
                ),
                "tojson": lambda value, sort_keys=False: json.dumps(value, sort_keys=sort_keys),
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
            },
        )

    def _run_query(self, sql: str) -> SimpleNamespace:
        self.sent.append(Sent(MACROS, sql, "macro_of_a_test"))
        rows = next((rows for start, rows in self._answers.items() if sql.startswith(start)), [])
        return SimpleNamespace(rows=rows)

"""What the project would send if its sources were others: changed in memory, run, audited."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from procedures.execution import Change, Execution
from tests.repository import ROOT
from tests.sql_audit.audit import (
    Finding,
    call_findings,
    source_findings,
    statement_findings,
    text_findings,
)
from tests.sql_audit.rules.sources import project_sources
from tests.sql_audit.statement import MACROS, PROCEDURES, Sent
from tests.unit.procedures.test_policy_api import make_settings
from tests.unit.sql_audit.macros import Macros, StoppedError

_BODY = "macros/deploy/_procedure_body.sql"
_STATEMENTS = tuple(
    f"procedures/{name}.py" for name in ("statements", "read_statements", "history_statements")
)
HOSTILE = "it's \\ \n b"
_STATE = "procedures/execution_state.py"
_ARGUMENTS = {
    "state": "POLICY_DB.TEST_000000000000.policy_execution_state",
    "events": "POLICY_DB.TEST_000000000000.policy_execution_events",
}
_TYPES = {str: "TEXT", int: "FIXED", bool: "BOOLEAN", float: "REAL"}


class Mutant:
    """The project with one text replaced by another; with none, the project itself.

    Args:
        path: the file that is changed.
        old: a text that stands in it.
        new: what stands there instead.

    Raises:
        AssertionError: when nothing is changed.

    """

    def __init__(self, path: str | None = None, old: str = "", new: str = "") -> None:
        self.sources = dict(project_sources())
        self.sources[_BODY] = (ROOT / _BODY).read_text(encoding="utf-8")
        if path:
            assert old in self.sources[path], f"{path} has no {old!r}"
            assert old != new
            self.sources[path] = self.sources[path].replace(old, new)
        self.changed = path

    def findings(self) -> list[Finding]:
        """All that the rules say about what is read from, or made by, the changed sources."""
        sources = {path: text for path, text in self.sources.items() if path != _BODY}
        found = list(source_findings(sources))
        if self.changed is None or self.changed.startswith("macros/"):
            sent = self._sent_by_macros()
            found += [*text_findings(sent), *statement_findings(sent)]
        if self.changed is None or self.changed in _STATEMENTS:
            found += statement_findings(self._statements())
        if self.changed in {None, _STATE}:
            sent = self._sent_by_a_handler()
            found += [*statement_findings(sent), *call_findings(sent, [])]
        return found

    def _sent_by_macros(self) -> list[Sent]:
        """What registering, reading, waiting, calling and the gate send."""
        macros = Macros(self.sources, {"call": [['{"done": []}']]})
        old = {"name": "create_policy", "types": "VARCHAR", "verdict": "ours", "fits": False}

        def note(sql: str) -> None:
            macros.sent.append(Sent(MACROS, sql))

        def procedures() -> None:
            for name in macros._procedures():
                note(macros._procedure_ddl(name, macros._body_with_settings())["statement"])

        def tables() -> None:
            for name, table in macros._tables().items():
                for found in (None, dict.fromkeys(table["known_by"], "varchar")):
                    for change in macros._table_changes(name, table, found):
                        for statement in change["statements"]:
                            note(statement)

        for run in (
            procedures,
            tables,
            lambda: macros._drop_procedures([old]),
            lambda: macros._read_executions(["a", HOSTILE]),
            lambda: macros._count_by_status(
                {"driver": HOSTILE, "ids": ["a", HOSTILE], "create": {}}
            ),
            lambda: macros._count_by_status({"driver": HOSTILE, "ids": None, "create": {}}),
            lambda: macros._leases_of(["a", HOSTILE]),
            lambda: macros._verdict_of_driver(HOSTILE, {"total": 0}, True),
            lambda: macros._unfinished_executions(24, 10),
            lambda: macros._wait(1),
            lambda: macros._call_procedure("create_policy", {"text": HOSTILE}),
            lambda: note(macros._gate_sql(HOSTILE, 24)),
        ):
            # A mutant may notice by itself that something is wrong.
            with contextlib.suppress(StoppedError):
                run()
        return macros.sent

    def _statements(self) -> Iterator[Sent]:
        """Every statement of the procedures, with a list bound at each place."""
        for path in _STATEMENTS:
            for name, make in vars(self._module(path)).items():
                if name.endswith("_sql") and inspect.isfunction(make):
                    names = inspect.signature(make).parameters
                    sql = make(**{one: _ARGUMENTS.get(one, 60) for one in names})
                    yield Sent(PROCEDURES, sql, name, (("TEXT", "[]"),) * sql.count("?"))

    def _sent_by_a_handler(self) -> list[Sent]:
        """What a claim, a change and the clean-up send, by the changed module."""
        session = _Session()
        make: Any = self._module(_STATE)
        state = make.ExecutionState(session, make_settings(), "run")
        execution = Execution("e", "pending", None, 0, "run", 60, 1, False, '{"a": 1}', None)
        state.clean_up(60)
        list(state.claim([{"execution_id": "f", "policy_data": {"a": None}}], {}))
        state.renew_lease()
        state.record(
            [Change(execution, 1, 1, "policy_created", "create_policy", {"policy_id": "p"})]
        )
        state.cancel("e", "no longer")
        return session.sent

    def _module(self, path: str) -> ModuleType:
        """Run a module's changed text; whoever imports it later gets the real one."""
        name = path.removesuffix(".py").replace("/", ".")
        module = ModuleType(name)
        kept = sys.modules.get(name)
        sys.modules[name] = module
        try:
            exec(compile(self.sources[path], path, "exec"), module.__dict__)
        finally:
            if kept is None:
                del sys.modules[name]
            else:
                sys.modules[name] = kept
        return module


class _Session:
    """A Snowpark session that notes what is sent, all in one CALL; each write changes one row."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []

    def sql(self, statement: str, params: list[Any] | None = None) -> _Session:
        bound = tuple((_TYPES.get(type(value), "ANY"), value) for value in params or ())
        sent = Sent(PROCEDURES, statement, "", bound, call="one", at=float(len(self.sent)))
        self.sent.append(sent)
        return self

    def collect(self) -> list[tuple[int]]:
        return [] if self.sent[-1].sql.lstrip().startswith("select") else [(1,)]

"""Mutants: the project's sources are changed in memory, run, and audited."""

from __future__ import annotations

import contextlib
import inspect
import json
import sys
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any
from unittest import mock

from procedures.domain.execution import Change, Execution
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
from tests.unit.procedures.builders import make_settings
from tests.unit.sql_audit.macros import Macros, StoppedError

_BODY = "macros/generated/_procedure_body.sql"
# In the order in which they import each other.
_STATEMENTS = ("statements", "read_statements", "claim_statements", "history_statements")
_SENDERS = ("database", "restoring", "execution_state", "claiming")
_MODULES = {f"procedures/tables/{name}.py": name for name in (*_STATEMENTS, *_SENDERS)}
HOSTILE = "it's \\ \n b"
_ARGUMENTS = {
    name: f"POLICY_DB.TEST_000000000000.policy_execution_{name}"
    for name in ("state", "events", "runs")
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
        """All findings of the rules about the changed sources and the statements that they send."""
        sources = {path: text for path, text in self.sources.items() if path != _BODY}
        found = list(source_findings(sources))
        if self.changed is None or self.changed.startswith("macros/"):
            sent = self._sent_by_macros()
            found += [*text_findings(sent), *statement_findings(sent)]
        if self.changed is None or self.changed in _MODULES:
            with self._modules() as modules:
                found += statement_findings(_statements(modules))
                sent = _sent_by_a_handler(modules)
            found += [*statement_findings(sent), *call_findings(sent, [])]
        return found

    def _sent_by_macros(self) -> list[Sent]:
        """The statements of registering, reading, waiting, calling, diagnosing and the gate."""
        macros = Macros(self.sources, {"call": [['{"done": []}']]})
        findings: list[Any] = []
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
            lambda: macros._owners(["create_policy"]),
            lambda: macros._check_owners(
                ["create_policy"], {"create_policy": None, "policy_execution_state": "OWNER"}
            ),
            lambda: macros._standing(HOSTILE),
            lambda: macros._count_by_status(HOSTILE),
            lambda: macros._live_lease(HOSTILE),
            lambda: macros._unfinished_executions(24, 10),
            lambda: macros._diagnose_execution(findings, HOSTILE),
            lambda: macros._diagnose_executions(findings),
            lambda: macros._diagnose_run(findings, HOSTILE),
            lambda: macros.get_policy_execution_state(HOSTILE),
            lambda: macros._wait(1),
            lambda: macros._call_procedure("create_policy", {"text": HOSTILE}),
            lambda: note(macros._gate_sql(HOSTILE, 24)),
        ):
            # A mutant may itself find its error, and stop.
            with contextlib.suppress(StoppedError):
                run()
        return macros.sent

    @contextlib.contextmanager
    def _modules(self) -> Iterator[dict[str, ModuleType]]:
        """Run the modules from their texts; meanwhile they import each other."""
        made = {name: ModuleType(f"procedures.tables.{name}") for name in _MODULES.values()}
        # Later imports get the real modules again.
        kept = {module.__name__: import_module(module.__name__) for module in made.values()}
        sys.modules.update({module.__name__: module for module in made.values()})
        try:
            for path, name in _MODULES.items():
                exec(compile(self.sources[path], path, "exec"), made[name].__dict__)
            # A statement that fails is repeated after a while.
            with mock.patch("time.sleep"):
                yield made
        finally:
            sys.modules.update(kept)


def _statements(modules: dict[str, ModuleType]) -> Iterator[Sent]:
    """Every statement of the procedures, with a list bound at each place."""
    for module in _STATEMENTS:
        for name, make in vars(modules[module]).items():
            if name.endswith("_sql") and inspect.isfunction(make):
                names = inspect.signature(make).parameters
                sql = make(**{one: _ARGUMENTS.get(one, 60) for one in names})
                yield Sent(PROCEDURES, sql, name, (("TEXT", "[]"),) * sql.count("?"))


def _sent_by_a_handler(modules: dict[str, ModuleType]) -> list[Sent]:
    """The statements of recording a run, claims, a change, a cancellation and the clean-up."""
    session = _Session()
    database: Any = modules["database"].Database(session)
    settings = make_settings()
    state = modules["execution_state"].ExecutionState(database, settings, "run")
    claims = modules["claiming"].Claims(database, settings, state, "run")
    seen = modules["claiming"].Seen
    state.clean_up(60)
    given = {"new": {"a": None}, "gone": None, "over": None}
    then = {
        "new": seen(False, None, False, 0, None),
        "gone": seen(False, "pending", False, 1, None),
        "over": seen(False, "completed", False, 4, None),
    }
    claims.record(list(given))
    claims.look(given)
    claims.refuse({"other": HOSTILE})
    claims.members("run")
    claims.free_members()
    list(claims.claim(given, then, takes_failed=True))
    state.due(60, 10)
    list(state.owned("pending", with_policies=True))
    state.renew_lease()
    execution = Execution("new", "pending", None, 0, "run", 60, 1, False, '{"a": 1}', None)
    change = Change(execution, 1, 1, "policy_created", "create_policy", {"policy_id": "p"})
    state.record([change])
    state.withhold([execution], 2)
    state.release()
    state.cancel("new", None, "no longer")
    return session.sent


class _Session:
    """A Snowpark session that notes what is sent, all in one CALL.

    Each write changes one row; an execution that is read was just claimed, and has one event.
    """

    def __init__(self) -> None:
        self.sent: list[Sent] = []

    def sql(self, statement: str, params: list[Any] | None = None) -> _Session:
        bound = tuple((_TYPES.get(type(value), "ANY"), value) for value in params or ())
        sent = Sent(PROCEDURES, statement, "", bound, call="one", at=float(len(self.sent)))
        self.sent.append(sent)
        return self

    def collect(self) -> list[tuple[Any, ...]]:
        sql, params = self.sent[-1].sql.lstrip(), self.sent[-1].params
        if not sql.startswith(("select", "with")):
            return [(1,)]
        ids = json.loads(params[0][1]) if params and str(params[0][1]).startswith("[") else []
        if "epoch_microsecond" in sql:
            return [
                (id_, "claimed", None, None, "pending", None, 1, "run", "claimed", 1, "{}", None)
                for id_ in ids
            ]
        if "lease_milliseconds" in sql:
            return [
                (id_, "pending", None, 0, "run", 60_000, 1, False, "{}", None, False, None)
                for id_ in ids
            ]
        return []

"""A recording of what was sent; a run of the whole test suite keeps its recording in a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from dbt.adapters.snowflake.connections import SnowflakeConnectionManager

from local_snowflake.server import Statement
from tests.sql_audit.statement import MACROS, Sent, sender_of, sent

# The folder in which a run of the integration tests leaves its recording.
VARIABLE = "POLICY_RECORD_SQL"


@dataclass
class Recording:
    """What was sent: statements, the texts that macros gave to dbt, and the times of requests."""

    statements: list[Sent] = field(default_factory=list)
    texts: list[Sent] = field(default_factory=list)
    requests: list[float] = field(default_factory=list)

    def add(self, statements: Iterable[Statement]) -> None:
        """Add what the local Snowflake recorded, without the tests' own statements."""
        self.statements += [one for found in statements if (one := sent(found))]


@contextmanager
def recorded_texts(recording: Recording) -> Iterator[None]:
    """Note the texts that macros give to run_query, before dbt cuts them at each `;`."""
    original = SnowflakeConnectionManager.add_query

    def add_query(self: Any, sql: str, *args: Any, **kwargs: Any) -> Any:
        name = str(self.get_thread_connection().name)
        if sender_of(name) == MACROS:
            recording.texts.append(Sent(MACROS, sql, name))
        return original(self, sql, *args, **kwargs)

    with mock.patch.object(SnowflakeConnectionManager, "add_query", add_query):
        yield


def write(statements: Iterable[Statement], path: Path) -> None:
    """Write what the local Snowflake recorded into a file, one statement a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(asdict(statement)) for statement in statements)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def read(folder: Path) -> Recording:
    """Read the recording of a run of the integration tests."""
    recording = Recording()
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            values = json.loads(line)
            values["params"] = tuple(tuple(pair) for pair in values["params"])
            recording.add([Statement(**values)])
    return recording

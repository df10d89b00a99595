"""The second parser: sqlfluff's Snowflake dialect reads every shape once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlfluff.core import FluffConfig, Linter

from tests.sql_audit.statement import ADVICE, MACROS, UNIT_TESTS, Sent, lexemes


@dataclass(frozen=True)
class Unknown:
    """Statements that sqlfluff does not know, and the reason why Snowflake takes them."""

    sender: str
    pattern: str
    reason: str

    def covers(self, statement: Sent) -> bool:
        """Whether a statement is one of these."""
        return statement.sender == self.sender and bool(
            re.search(self.pattern, statement.bare, re.IGNORECASE)
        )


# An entry that no statement needs any more is a finding.
UNKNOWN = (
    Unknown(
        MACROS,
        r"^(show external access integrations|describe external access integration)\b",
        "documented (docs/snowflake_facts.md#external-access); the dialect knows neither statement",
    ),
    Unknown(
        MACROS,
        r"^(show network rules|describe network rule)\b",
        "documented (docs/snowflake_facts.md#external-access); the dialect knows neither statement",
    ),
    Unknown(
        ADVICE,
        r"^alter network rule \S+ set value_list =",
        "documented (docs/snowflake_facts.md#external-access); the dialect knows no network rules",
    ),
    Unknown(
        ADVICE,
        r"^(create|alter) external access integration\b",
        "documented (docs/snowflake_facts.md#external-access), IF NOT EXISTS by common use only; "
        "unknown to the dialect",
    ),
    Unknown(
        UNIT_TESTS,
        r"\bas HUGEINT\b",
        "the local engine's name for NUMBER(38,0), which dbt's unit tests read from DESCRIBE",
    ),
)


@cache
def _linter() -> Linter:
    overrides: Any = {"dialect": "snowflake", "templater": "raw", "large_file_skip_byte_limit": 0}
    return Linter(config=FluffConfig(overrides=overrides))


def readable(sql: str) -> str:
    """The text for sqlfluff: with values in place of binds, and without the Python of a body."""
    held = {"bind": "'bound'", "body": "$$ body $$"}
    return "".join(held.get(kind, text) for kind, text in lexemes(sql))


def problems(sql: str) -> list[str]:
    """The parts of a statement that sqlfluff cannot read."""
    parsed = _linter().parse_string(readable(sql))
    found = [str(violation.desc()) for violation in parsed.violations]
    if parsed.tree:
        found += [f"unparsable: {part.raw[:80]}" for part in parsed.tree.iter_unparsables()]
    return found


def unparsable(statements: Iterable[Sent]) -> Iterator[tuple[Sent | None, str]]:
    """Parse each shape once; returns statements with the parts that cannot be read.

    An entry of UNKNOWN that no statement needs comes with None. Entries for a sender of which
    nothing was recorded are not judged.
    """
    shapes = {(one.sender, one.shape): one for one in statements}
    needed = dict.fromkeys(UNKNOWN, False)
    for statement in shapes.values():
        found = problems(statement.sql)
        excused = [entry for entry in UNKNOWN if entry.covers(statement)]
        if found and excused:
            needed |= dict.fromkeys(excused, True)
        elif found:
            yield statement, found[0]
    senders = {sender for sender, _ in shapes}
    for entry, used in needed.items():
        if entry.sender in senders and not used:
            yield None, f"UNKNOWN lists {entry.pattern} of {entry.sender}, and sqlfluff reads it"

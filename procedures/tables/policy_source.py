"""Reads policies from a table or view, so that no command line limits their number or size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from snowflake.snowpark import Session
from snowflake.snowpark.exceptions import SnowparkSQLException
from snowflake.snowpark.types import DataType, MapType, StringType, VariantType

from procedures.common.strict_json import parse_strictly
from procedures.domain.request import MAX_POLICY_DEPTH, policy_problem, read_execution_id
from procedures.domain.tally import LISTED

IDENTIFIER = r'(?:[A-Za-z_][A-Za-z0-9_$]*|"[^"]+")'
RELATION = re.compile(rf"{IDENTIFIER}(?:[.]{IDENTIFIER}){{2}}")
# All policies of a relation stay in memory, as text, until they are claimed. A procedure has a few
# GB of memory; more policies are better run in parts.
MAX_CHARACTERS = 100_000_000


class SourceError(Exception):
    """The relation cannot be read, or is no list of policies; the message says why."""


@dataclass
class PolicySource:
    """The policies of a relation, as JSON text by execution_id, and the problems of its rows."""

    policies: dict[str, str] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)
    invalid: int = 0

    def refuse(self, row: int, execution_id: str | None, problem: str) -> None:
        """Note a row that is no policy, without its content; the first LISTED rows are listed."""
        self.invalid += 1
        if len(self.problems) < LISTED:
            self.problems.append({"row": row, "execution_id": execution_id, "problem": problem})


def read_policy_source(
    session: Session, relation: str, invocation_id: str, max_policy_characters: int
) -> PolicySource:
    """Read and check all rows; nothing is written or sent.

    Args:
        session: the procedure's Snowpark session; its owner must have the right to read.
        relation: a fully qualified name. The column `policy_data` (VARIANT, OBJECT or text) holds
            the policies; the optional column `execution_id` holds their ids.
        invocation_id: a row without an execution_id gets an id of this and its number.
        max_policy_characters: the most characters that one policy may have as JSON.

    Raises:
        SourceError: when this role cannot read the relation, or the relation has no such column,
            or holds more than MAX_CHARACTERS.

    """
    if not RELATION.fullmatch(relation):
        raise SourceError(f"not a fully qualified name: {relation[:200]}")
    found = PolicySource()
    characters = 0
    for number, (text, given_id) in enumerate(_rows(session, relation), 1):
        legal_id = None
        try:
            execution_id = read_execution_id(given_id or f"{invocation_id}-{number}")
            legal_id = execution_id if given_id else None
            if execution_id in found.policies:
                found.refuse(number, legal_id, "its execution_id stands twice")
                continue
            policy = _checked(text, max_policy_characters)
        except ValueError as error:
            found.refuse(number, legal_id, str(error)[:200])
            continue
        found.policies[execution_id] = policy
        characters += len(policy)
        if characters > MAX_CHARACTERS:
            raise SourceError(
                f"it holds more than {MAX_CHARACTERS} characters of policies; run it in parts, "
                "each a view with a condition of its own"
            )
    return found


def _checked(text: str | None, max_characters: int) -> str:
    if text is None:
        raise ValueError("policy_data is NULL")
    if len(text) > max_characters:
        raise ValueError(
            f"policy_data has {len(text)} characters; the var policy_max_policy_characters "
            f"allows {max_characters}"
        )
    try:
        problem = policy_problem(parse_strictly(text))
    except RecursionError:
        problem = f"is nested over {MAX_POLICY_DEPTH} levels deep"
    except ValueError as error:
        raise ValueError(f"policy_data is not JSON: {error}") from error
    if problem:
        raise ValueError(f"policy_data {problem}")
    return text


def _rows(session: Session, relation: str) -> Iterator[tuple[str | None, str | None]]:
    # The relation's name was checked; the names of columns come from the relation itself.
    try:
        columns = {
            column.name.strip('"').lower(): column
            for column in session.sql(f"select * from {relation}").schema.fields  # noqa: S608
        }
        policy = columns.get("policy_data")
        if policy is None:
            raise SourceError("it has no column policy_data")
        text = _as_text(policy.name, policy.datatype)
        own = columns.get("execution_id")
        id_ = f"{own.name}::varchar" if own else "null"
        rows = session.sql(f"select {text}, {id_} from {relation}")  # noqa: S608
        for row in rows.collect():
            yield row[0], row[1]
    except SnowparkSQLException as error:
        text = re.sub(r"^\(\d+\): ", "", str(error))[:500].rstrip(".")
        raise SourceError(text) from error


def _as_text(column: str, kind: DataType) -> str:
    if isinstance(kind, StringType):
        return column
    if isinstance(kind, VariantType | MapType):
        return f"to_json({column})"
    raise SourceError(
        f"its column policy_data is a {type(kind).__name__.removesuffix('Type').upper()}; it must "
        "be VARIANT, OBJECT or text"
    )

"""Rules for writes: who writes, which guards a write has, and what is never written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from tests.sql_audit.statement import MACROS, PROCEDURES, Sent
from tests.sql_audit.tables import EVENTS, RUNS, STATE, written

_DDL = exp.Create | exp.Alter | exp.Drop | exp.TruncateTable | exp.Grant | exp.Comment
_FORBIDDEN = re.compile(
    r"(use|set|unset|put|get) |alter session|show (parameters|variables|locks|transactions)\b",
    re.IGNORECASE,
)
_REPLACED = re.compile(
    r"create or replace (?:transient |secure )*"
    r"(table|schema|database|role|secret|network rule|external access integration)\b",
    re.IGNORECASE,
)


def ddl_in_handler(statement: Sent) -> Iterator[str]:
    """No handler sends DDL.

    DDL commits the open transaction (docs/snowflake_facts.md#transactions).
    """
    first = statement.bare.split(" ", maxsplit=1)[0].lower()
    known = isinstance(statement.tree, _DDL) and statement.tree.args.get("kind") != "SESSION"
    if statement.sender == PROCEDURES and (known or first in {"create", "drop", "grant", "revoke"}):
        yield "DDL comes from a procedure"


def beyond_owners_rights(statement: Sent) -> Iterator[str]:
    """A procedure does only what owner's rights allow.

    It cannot USE, SET, ALTER SESSION, read parameters or make temporary objects, and its
    CURRENT_SCHEMA() is not the caller's (docs/snowflake_facts.md#owners-rights).
    """
    if statement.sender != PROCEDURES:
        return
    if _FORBIDDEN.match(statement.bare):
        yield "not allowed in a procedure with its owner's rights"
    tree = statement.tree
    if tree is None:
        return
    if isinstance(tree, exp.Create) and tree.find(exp.TemporaryProperty):
        yield "a temporary object in a procedure with its owner's rights"
    if tree.find(exp.CurrentSchema, exp.CurrentDatabase):
        yield "the current schema is the procedure's, not the caller's"


def write_outside_procedures(statement: Sent) -> Iterator[str]:
    """Only procedures write rows.

    Callers have no more than USAGE and SELECT (docs/snowflake_facts.md#rights-to-create-and-call).
    """
    if statement.sender == MACROS and written(statement.tree):
        yield "a macro writes rows"


def client_transaction(statement: Sent) -> Iterator[str]:
    """No macro opens a transaction.

    A CALL inside the client's transaction fails at its own COMMIT
    (docs/snowflake_facts.md#transactions).
    """
    if statement.sender == MACROS and isinstance(
        statement.tree, exp.Transaction | exp.Commit | exp.Rollback
    ):
        yield "a macro opens or ends a transaction"


def unguarded_update(statement: Sent) -> Iterator[str]:
    """Each UPDATE of the state table is guarded, also the UPDATE of a MERGE.

    Another run's UPDATE may come between (docs/snowflake_facts.md#concurrency). So the guards are
    status and lease owner; or the UPDATE takes a row without live lease, or cancels it for good.
    """
    tree = statement.tree
    if tree is None or written(tree) != STATE:
        return
    for update, condition in _updates(tree):
        guards = _names(condition)
        sets = {pair.this.name for pair in update.expressions if isinstance(pair, exp.EQ)}
        if not guards & {"status", "completed"}:
            yield "an UPDATE is not guarded by the status"
        if "invocation_id" not in guards | sets:
            yield "an UPDATE is not guarded by the lease owner"
        if "invocation_id" in sets and not ("lease_expires_at" in guards or "cancelled_at" in sets):
            yield "an UPDATE takes executions over that another run may have a lease on"
    if isinstance(tree, exp.Delete) and "completed" not in _names(tree.args.get("where")):
        yield "a DELETE may remove executions that are not finished"


def _updates(tree: exp.Expr) -> Iterator[tuple[exp.Update, exp.Expr | None]]:
    if isinstance(tree, exp.Update):
        yield tree, tree.args.get("where")
    elif isinstance(tree, exp.Merge):
        for when in tree.find_all(exp.When):
            if isinstance(then := when.args.get("then"), exp.Update):
                yield then, when.args.get("condition")


def _names(condition: exp.Expr | None) -> set[str]:
    """The quoted columns of a condition."""
    found = condition.find_all(exp.Column) if condition else []
    return {column.name for column in found if column.this.quoted}


def unguarded_insert(statement: Sent) -> Iterator[str]:
    """A MERGE begins only executions that were seen to be new.

    An execution without a row need not be new: retention removes rows, and another run may insert
    one meanwhile (docs/snowflake_facts.md#concurrency). A restored row has the status of its
    events.
    """
    tree = statement.tree
    if not isinstance(tree, exp.Merge) or written(tree) != STATE:
        return
    for when in tree.find_all(exp.When):
        then = when.args.get("then")
        values = then.expression if isinstance(then, exp.Insert) else None
        begun = values and any(value.name == "pending" for value in values.find_all(exp.Literal))
        if begun and not when.args.get("condition"):
            yield "a MERGE begins every execution that has no row"


def set_changed(statement: Sent) -> Iterator[str]:
    """The runs table has only INSERT, and UPDATE of "problem" for one run.

    The executions of a run are recorded before it claims any, so that no other run changes them
    (docs/snowflake_facts.md#concurrency).
    """
    tree = statement.tree
    if tree is None or written(tree) != RUNS or isinstance(tree, exp.Insert):
        return
    if not isinstance(tree, exp.Update):
        yield f"{type(tree).__name__.upper()} on the runs table"
    elif {pair.this.name for pair in tree.expressions} != {"problem"}:
        yield "an UPDATE changes which executions a run is for"
    elif "run_id" not in _names(tree.args.get("where")):
        yield "an UPDATE is not guarded by the run"


def events_changed(statement: Sent) -> Iterator[str]:
    """The events table, which is the audit trail, has only INSERT.

    An INSERT waits for no lock (docs/snowflake_facts.md#concurrency).
    """
    if written(statement.tree) == EVENTS and not isinstance(statement.tree, exp.Insert):
        yield f"{type(statement.tree).__name__.upper()} on the events table"


def replaced_object(statement: Sent) -> Iterator[str]:
    """No object is replaced.

    CREATE OR REPLACE drops the grants of an object and the rows of a table
    (docs/snowflake_facts.md#overloads-and-replacement).
    """
    found = _REPLACED.match(statement.bare)
    if found and "temporary" not in statement.bare.lower():
        yield f"CREATE OR REPLACE {found[1].upper()} loses what was granted on it"


WRITE_RULES = (
    ddl_in_handler,
    beyond_owners_rights,
    write_outside_procedures,
    client_transaction,
    unguarded_update,
    unguarded_insert,
    set_changed,
    events_changed,
    replaced_object,
)

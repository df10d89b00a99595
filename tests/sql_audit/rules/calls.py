"""Rules for the statements of one CALL in their order: transactions are short, and closed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.sql_audit.statement import Sent


def open_transaction(statements: Sequence[Sent], requests: Sequence[float]) -> Iterator[str]:
    """Each transaction of a CALL is closed.

    A transaction that is open when the procedure returns is rolled back, and the CALL fails
    (docs/snowflake_facts.md#transactions).
    """
    del requests
    since: Sent | None = None
    for statement in statements:
        word = statement.bare.split(" ", maxsplit=1)[0].lower()
        if word == "begin":
            if since:
                yield "BEGIN stands in an open transaction"
            since = statement
        elif word in {"commit", "rollback"}:
            if not since:
                yield f"{word.upper()} without BEGIN"
            since = None
    if since:
        yield "BEGIN without COMMIT or ROLLBACK"


def request_in_transaction(statements: Sequence[Sent], requests: Sequence[float]) -> Iterator[str]:
    """No request is sent while a transaction is open.

    ROLLBACK takes no request back, and a transaction holds its locks
    (docs/snowflake_facts.md#transactions-in-python).
    """
    since: float | None = None
    for statement in statements:
        word = statement.bare.split(" ", maxsplit=1)[0].lower()
        if word == "begin":
            since = statement.at
        elif word in {"commit", "rollback"} and since is not None:
            if any(since < request < statement.at for request in requests):
                yield f"a request went out between BEGIN and {word.upper()}"
            since = None


CALL_RULES = (open_transaction, request_in_transaction)

"""What one CALL sends, in its order: transactions are short, and closed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.sql_audit.statement import Sent


def open_transaction(statements: Sequence[Sent], requests: Sequence[float]) -> Iterator[str]:
    """What is open when the procedure returns is rolled back, and an error (facts, 3.1)."""
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
    """No request is taken back by ROLLBACK, and a transaction holds its locks (facts, 3.2, 5)."""
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

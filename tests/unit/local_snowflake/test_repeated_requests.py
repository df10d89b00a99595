"""Requests that a client sends again, as the connector does after a timeout."""

from __future__ import annotations

import json
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.unit.local_snowflake.account import Account


def send(account: Account, sql: str, request_id: str) -> Any:
    """Send a statement as the connector does, under an id of the caller's."""
    server, rest = account.server, account.connection.rest
    assert rest is not None
    request = urllib.request.Request(
        f"http://{server.host}:{server.port}/queries/v1/query-request?requestId={request_id}",
        json.dumps({"sqlText": sql}).encode(),
        {"Authorization": f'Snowflake Token="{rest.token}"'},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def test_a_request_that_comes_again_is_answered_and_not_run_again(account: Account) -> None:
    """A repeated request gets the answer of the first, whether that still runs or has ended."""
    account.run("create table t (n number)")
    account.procedure(
        "p",
        "import time\ndef run(session):\n    time.sleep(0.5)\n"
        "    session.sql('insert into t values (1)').collect()\n    return 'done'",
    )
    same = uuid.uuid4().hex
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda _: send(account, "call p()", same), range(3)))
    answers.append(send(account, "call p()", same))
    assert account.value("select count(*) from t") == 1
    assert answers[0]["success"] is True
    assert all(answer == answers[0] for answer in answers)


def test_a_request_that_failed_fails_again(account: Account) -> None:
    """A failed request, repeated, fails with the same words; with another id it runs."""
    same = uuid.uuid4().hex
    sql = "insert into later values (1)"
    first = send(account, sql, same)
    account.run("create table later (n number)")
    assert send(account, sql, same) == first
    assert first["success"] is False
    assert send(account, sql, uuid.uuid4().hex)["success"] is True


def test_an_id_is_the_sessions_own(account: Account) -> None:
    """Another session may use the same request id for a statement of its own."""
    other = Account(account.server, account.schema)
    same = uuid.uuid4().hex
    assert send(account, "select 1", same)["data"]["rowset"] == [["1"]]
    assert send(other, "select 2", same)["data"]["rowset"] == [["2"]]
    other.connection.close()

"""The yardstick: the same three calls as a plain script, with requests, threads and DuckDB.

It keeps its state durably after each step, as the workflow does, and nothing else: no retries, no
leases, no events, no resuming.

    python -m tests.benchmarks.plain_script BASE_URL COUNT THREADS FILE
"""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import duckdb
import requests

TIMEOUT_SECONDS = 30


class State:
    """One table in a file; every write is a transaction of its own."""

    def __init__(self, path: str) -> None:
        self._lock = threading.Lock()
        self._connection = duckdb.connect(path)
        self._connection.execute("create table state (id varchar, status varchar, policy varchar)")

    def write(self, sql: str, *values: Any) -> None:
        """Run one statement."""
        with self._lock:
            self._connection.execute(sql, values)

    def count(self, status: str) -> int:
        """How many stand at a status."""
        found = self._connection.execute("select count(*) from state where status = ?", [status])
        return int((found.fetchone() or (0,))[0])


def main(base_url: str, count: int, threads: int, path: str) -> None:
    """Take policies through create, poll and trigger."""
    state = State(path)
    own = threading.local()

    def session() -> requests.Session:
        if not hasattr(own, "session"):
            own.session = requests.Session()
        kept: requests.Session = own.session
        return kept

    def call(method: str, path: str, body: Any = None) -> Any:
        answer = session().request(method, base_url + path, json=body, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        return answer.json()

    def work(number: int) -> None:
        id_ = f"plain-{number}"
        state.write("insert into state values (?, 'pending', null)", id_)
        made = call("POST", "/createpolicy", {"policy_name": f"p{number}", "n": number})
        policy = made["policy_id"]
        state.write("update state set status = 'created', policy = ? where id = ?", policy, id_)
        if call("GET", f"/policy/{policy}")["status"] != "ready":
            raise RuntimeError("not ready")
        state.write("update state set status = 'ready' where id = ?", id_)
        fields = {"policy_id": policy, "execution_id": id_, "trigger_reason": "ready"}
        call("POST", "/circuit", fields)
        state.write("update state set status = 'completed' where id = ?", id_)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(count)))
    if state.count("completed") != count:
        raise SystemExit("not all completed")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])

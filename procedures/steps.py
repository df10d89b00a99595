"""How each step goes through a list of executions: call, write in batches, keep the lease."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from procedures.api_outcome import ApiOutcome
from procedures.execution import ERROR, Change, Execution
from procedures.execution_state import ExecutionState
from procedures.policy_api import PolicyApi, read_authorization
from procedures.settings import Settings
from procedures.trigger_points import reached

# A crash loses at most one batch of outcomes, which the idempotency key must then repair.
BATCH_SIZE = 200
LISTED_EXECUTIONS = 20


def drive(
    settings: Settings,
    state: ExecutionState,
    event: str,
    executions: Sequence[Execution],
    call: Callable[[PolicyApi, Execution], ApiOutcome],
    change: Callable[[Execution, ApiOutcome], Change],
) -> tuple[list[Change], set[str]]:
    """Call the API for each execution and write what came back.

    HTTP runs in threads; the session and the secret stay on the main thread (facts, 6.2).
    Outcomes are written in batches: when BATCH_SIZE have come, when a third of the lease has
    passed, and at the end.

    Returns:
        All changes, and the ids of those that landed.

    """
    changes: list[Change] = []
    landed: set[str] = set()
    if not executions:
        return changes, landed
    state.keep_lease(executions)
    api = PolicyApi(settings, read_authorization(settings))
    workers = min(settings.connections, len(executions))
    patience = settings.lease_seconds / 3
    batch: list[Change] = []
    last_write = time.monotonic()

    def write() -> None:
        nonlocal last_write
        if batch:
            landed.update(state.record(batch))
            changes.extend(batch)
            batch.clear()
        last_write = time.monotonic()

    def request(execution: Execution) -> ApiOutcome:
        reached(f"before_request_of_{event}")
        outcome = call(api, execution)
        reached(f"after_request_of_{event}")
        return outcome

    with ThreadPoolExecutor(max_workers=workers) as pool:
        open_calls: dict[Future[ApiOutcome], Execution] = {
            pool.submit(request, execution): execution for execution in executions
        }
        try:
            while open_calls:
                due = max(0.0, patience - (time.monotonic() - last_write))
                done, _ = wait(open_calls, timeout=due, return_when=FIRST_COMPLETED)
                batch.extend(change(open_calls.pop(future), future.result()) for future in done)
                late = time.monotonic() - last_write >= patience
                if len(batch) >= BATCH_SIZE or late:
                    write()
                if late and open_calls:
                    state.renew_lease()
            write()
        finally:
            pool.shutdown(cancel_futures=True)
            api.close()
    return changes, landed


def failed(step: int, what: str, execution: Execution, outcome: ApiOutcome) -> str:
    """Say what failed, to which execution, and what was seen."""
    about = f"policy {execution.policy_id}" if execution.policy_id else "the policy"
    request = f"{outcome.method} {outcome.url}"
    return f"Step {step} ({what}) failed for {about}: {outcome.message} [{request}]"


def summary(changes: Sequence[Change], landed: set[str], **more: Any) -> dict[str, Any]:
    """Tell the caller what a step came to: counts, and the list when it is short."""
    counts: dict[str, int] = {}
    listed = []
    for change in changes:
        status = change.status_after if change.execution_id in landed else "superseded"
        counts[status] = counts.get(status, 0) + 1
        listed.append(
            {
                "execution_id": change.execution_id,
                "status": status,
                "attempt": change.attempt,
                "message": change.message or (change.outcome.message if change.outcome else ""),
            }
        )
    failures = [row for row in listed if row["status"] in {ERROR, "superseded"}]
    shown = listed if len(listed) <= LISTED_EXECUTIONS else failures[:LISTED_EXECUTIONS]
    return {"driven": len(changes), "counts": counts, "executions": shown, **more}

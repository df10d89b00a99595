"""Failpoints: named points around every request and write, where tests stop, break or kill a run.

They are off unless the environment variable is set. Nobody can set the variable inside Snowflake.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

FOLDER_VARIABLE = "POLICY_WORKFLOW_FAILPOINTS"
WAIT_SECONDS = 60.0

FAILPOINTS = (
    "before_claim",
    "in_claim",
    "after_claim",
    *(
        f"{moment}_{what}_of_{event}"
        for event in ("create_policy", "poll_policy_status", "trigger_circuit_breaker")
        for moment, what in (
            ("before", "request"),
            ("after", "request"),
            ("before", "write"),
            ("in", "write"),
            ("after", "write"),
        )
    ),
    "before_write_of_circuit_breaker_initiated",
    "in_write_of_circuit_breaker_initiated",
    "after_write_of_circuit_breaker_initiated",
)

# Passed only where the description of the API makes them necessary.
FAILPOINTS_WITHOUT_KEYS = (
    "before_write_of_create_initiated",
    "in_write_of_create_initiated",
    "after_write_of_create_initiated",
    "before_request_of_find_policy",
    "after_request_of_find_policy",
    "before_write_of_policy_adopted",
    "in_write_of_policy_adopted",
    "after_write_of_policy_adopted",
)


def reached(point: str) -> None:
    """Do once what the file of this name in the folder says: 'raise', 'kill' or 'wait'.

    The file is first renamed to `<point>.reached`. 'wait' ends when a file `<point>.go` appears.

    Raises:
        RuntimeError: when the file says 'raise'.

    """
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        return
    order = Path(folder) / point
    done = order.with_name(f"{point}.reached")
    try:
        order.rename(done)
    except FileNotFoundError:
        return
    what = done.read_text(encoding="utf-8").strip()
    if what == "raise":
        raise RuntimeError(f"ordered at failpoint {point}")
    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    limit = time.monotonic() + WAIT_SECONDS
    while not order.with_name(f"{point}.go").exists() and time.monotonic() < limit:
        time.sleep(0.02)

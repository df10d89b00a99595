"""Makes executions as the views show them: random ones, the same in each run of the tests."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]

STEP_NAMES = {1: "create policy", 2: "poll policy status", 3: "trigger circuit breaker"}
ENDPOINTS = {1: "POST /createpolicy", 2: "GET /policy/{policy_id}", 3: "POST /circuit"}
EVENTS = {1: "create_policy", 2: "poll_policy_status", 3: "trigger_circuit_breaker"}
REACHED = {1: "policy_created", 2: "policy_ready", 3: "completed"}
CAUSES = {
    1: ("api_connection_failed", "api_rejected", "api_unavailable", "answer_unreadable"),
    2: ("policy_failed", "policy_not_ready", "api_not_found"),
    3: ("outcome_unknown", "circuit_refused", "api_rate_limited"),
}
# Names that people or the API may send: markup, quotes, right to left, emoji, far too long.
ODD_NAMES = (
    "<script>alert('policy')</script>",
    "\"quoted\" 'twice' & <b>bold</b>",
    "سياسة الاحتفاظ بالبيانات",
    "rtl \u202eoverride",
    "🛡️ emoji policy 🇪🇺",
    "x" * 5000,
    "**bold** [link](https://example.com) ![image](https://example.com/a.png)",
    "tab\tand\nline",
)


@dataclass
class Records:
    """The rows of the four views that the report reads."""

    policy_executions: list[Row] = field(default_factory=list)
    policy_execution_steps: list[Row] = field(default_factory=list)
    policy_api_requests: list[Row] = field(default_factory=list)
    policy_execution_history: list[Row] = field(default_factory=list)


class _Life:
    """One execution, event by event."""

    def __init__(self, execution_id: str, name: str, start: datetime.datetime, seed: int) -> None:
        self.id = execution_id
        self.name = name
        self.clock = start
        self.random = random.Random(seed)
        self.events: list[Row] = []
        self.run = 0
        self.status = ""
        self.policy_id: str | None = None

    def event(self, name: str, status: str, *, begins: bool = False, **more: Any) -> None:
        previous = self.events[-1]["event_time"] if self.events and not begins else None
        passed = None if previous is None else (self.clock - previous).total_seconds()
        self.events.append(
            {
                "event_id": f"{self.id[:60]}:{len(self.events)}",
                "execution_id": self.id,
                "sequence": len(self.events) + 1,
                "event": name,
                "step": None,
                "attempt": None,
                "status_before": self.status or None,
                "status_after": status,
                "policy_id": self.policy_id,
                "invocation_id": f"run-{self.id[:60]}-{self.run}",
                "event_time": self.clock,
                "active_seconds": passed,
                "message": f"{name} came to {status}",
            }
            | more
        )
        self.status = status

    def begin(self, status: str) -> None:
        self.run += 1
        self.event("resumed" if self.events else "claimed", status, begins=True)

    def call(self, step: int, status: str, attempt: int = 1, **more: Any) -> None:
        milliseconds = round(self.random.lognormvariate({1: 5.2, 2: 4.2, 3: 6.0}[step], 0.8))
        self.clock += datetime.timedelta(milliseconds=milliseconds + self.random.randint(5, 40))
        if step == 1 and status != "error":
            self.policy_id = f"pol_{self.random.getrandbits(48):012x}"
        answer: Row = {
            "http_method": ENDPOINTS[step].split()[0],
            "url": f"https://api.example.com{ENDPOINTS[step].split()[1]}",
            "http_status": 200,
            "requests_sent": 1,
            "duration_ms": milliseconds,
            "outcome": "success",
            "step": step,
            "attempt": attempt,
            "policy_id": self.policy_id,
        }
        self.event(EVENTS[step], status, **(answer | more))

    def fail(self, step: int, cause: str, attempt: int = 1) -> None:
        silent = cause in ("api_connection_failed", "outcome_unknown")
        self.call(
            step,
            "error",
            attempt,
            http_status=None if silent else {"api_not_found": 404}.get(cause, 503),
            requests_sent=1 + self.random.randint(0, 3),
            outcome="error",
            error_class="network" if silent else "http",
            error_cause=cause,
            message=f"Step {step} ({STEP_NAMES[step]}) failed for the policy: {cause} was seen"
            f" [{ENDPOINTS[step]}]",
        )

    def wait(self, seconds: float) -> None:
        self.clock += datetime.timedelta(seconds=seconds)


def live(
    execution_id: str, outcome: str, start: datetime.datetime, seed: int, name: str = "sample"
) -> list[Row]:
    """Make the events of one execution.

    Args:
        execution_id: the id of the execution.
        outcome: completed, failed, cancelled, open or left_behind.
        start: when the execution begins.
        seed: the seed of the random numbers.
        name: the name of the policy.

    """
    life = _Life(execution_id, name, start, seed)
    chance = life.random
    life.begin("pending")
    last = {"completed": 3, "failed": chance.choice((1, 2, 2, 3))}.get(outcome, 2)
    if outcome == "completed" and chance.random() < 0.1:
        life.fail(1, chance.choice(CAUSES[1]))
        life.wait(chance.choice((40, 900)))
        life.begin("pending")
    if last == 1:
        life.fail(1, chance.choice(CAUSES[1]))
        return life.events
    life.call(1, "policy_created")
    for attempt in range(1, chance.randint(1, 3)):
        life.call(2, "policy_created", attempt, message="not ready: 'pending'")
        life.wait(2)
    if last == 2:
        if outcome == "failed":
            life.fail(2, chance.choice(CAUSES[2]), 3)
        elif outcome == "cancelled":
            life.wait(30)
            life.event("cancelled", "error", begins=True, message="cancelled: by hand")
        else:
            life.call(2, "policy_created", 3, message="not ready: 'pending'")
        return life.events
    life.call(2, "policy_ready", 3)
    life.clock += datetime.timedelta(milliseconds=20)
    life.event("circuit_breaker_initiated", "policy_ready", step=3, attempt=1)
    if outcome == "failed":
        life.fail(3, chance.choice(CAUSES[3]))
    else:
        life.call(3, "completed", message="circuit breaker confirmed")
    return life.events


def fold(records: Records, events: list[Row], name: str, lease: datetime.datetime | None) -> None:
    """Add one execution to the rows of the views.

    Args:
        records: the rows of the views.
        events: the events of the execution, in order.
        name: the name of the policy.
        lease: when the lease expires; None when the execution is finished.

    """
    first, latest = events[0], events[-1]
    finished = latest["status_after"] in ("completed", "error")
    failed = latest["status_after"] == "error"

    def seconds(step: int) -> float | None:
        own = [event["active_seconds"] or 0 for event in events if event["step"] == step]
        return round(sum(own), 3) if own else None

    records.policy_executions.append(
        {
            "execution_id": first["execution_id"],
            "policy_id": latest["policy_id"],
            "policy_name": name,
            "policy_type": "data_retention",
            "status": latest["status_after"],
            "is_finished": finished,
            "is_cancelled": latest["event"] == "cancelled",
            "started_at": first["event_time"],
            "finished_at": latest["event_time"] if finished else None,
            "last_event_at": latest["event_time"],
            "duration_seconds": (latest["event_time"] - first["event_time"]).total_seconds()
            if finished
            else None,
            "create_seconds": seconds(1),
            "poll_seconds": seconds(2),
            "trigger_seconds": seconds(3),
            "total_polls": sum(event["event"] == EVENTS[2] for event in events),
            "requests_sent": sum(event.get("requests_sent") or 0 for event in events),
            "runs": len({event["invocation_id"] for event in events}),
            "lease_expires_at": lease and lease.replace(tzinfo=None),
            "failed_step": latest["step"] if failed else None,
            "error_cause": (latest.get("error_cause") or "cancelled") if failed else None,
            "error_message": latest["message"] if failed else None,
            "message": latest["message"],
        }
    )
    for step, step_name in STEP_NAMES.items():
        own = [event for event in events if event["step"] == step]
        if not own:
            continue
        begun = datetime.timedelta(seconds=own[0]["active_seconds"] or 0)
        reached = {REACHED[step]: "succeeded", "error": "failed"}
        records.policy_execution_steps.append(
            {
                "execution_id": first["execution_id"],
                "step": step,
                "step_name": step_name,
                "started_at": own[0]["event_time"] - begun,
                "ended_at": own[-1]["event_time"],
                "active_seconds": seconds(step),
                "attempts": sum("http_method" in event for event in own),
                "result": reached.get(own[-1]["status_after"], "open"),
            }
        )
    for event in events:
        records.policy_execution_history.append(event)
        if "http_method" in event:
            records.policy_api_requests.append(
                event | {"endpoint": ENDPOINTS[event["step"]], "requested_at": event["event_time"]}
            )


def executions(
    outcomes: Iterable[str],
    now: datetime.datetime,
    names: Iterable[str] = (),
    spread: datetime.timedelta = datetime.timedelta(days=6, hours=20),
) -> Records:
    """Make executions that started at random times before `now`.

    Args:
        outcomes: for each execution: completed, failed, cancelled, open or left_behind.
        now: no execution has an event after this time.
        names: the names of the policies; when they run out, 'policy_N' follows.
        spread: how long before `now` the executions started at most.

    """
    records = Records()
    chance = random.Random(7)
    given = list(names)
    for position, outcome in enumerate(outcomes):
        back = spread * chance.betavariate(1.1, 1.3)
        if outcome == "open":
            back = datetime.timedelta(seconds=30)
        name = given[position] if position < len(given) else f"policy_{position}"
        start = now - back - datetime.timedelta(minutes=20)
        if outcome == "open":
            start = now - back
        events = live(f"run-{position:04d}", outcome, start, position, name)
        lease = None
        if outcome in ("open", "left_behind"):
            minutes = 5 if outcome == "open" else -5
            lease = now + datetime.timedelta(minutes=minutes)
        fold(records, events, name, lease)
    return records


def mixed(count: int) -> list[str]:
    """Choose outcomes: mostly completed, some failed, a few of each other kind."""
    chance = random.Random(3)
    kinds = ("completed", "failed", "cancelled", "open", "left_behind")
    return ["open", "left_behind", "failed", "cancelled", "completed"][:count] + chance.choices(
        kinds, (86, 9, 2, 2, 1), k=max(count - 5, 0)
    )

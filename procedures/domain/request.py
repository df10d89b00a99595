"""The argument of the procedures: one JSON text, checked before anything is read or sent.

The macros check the same, with messages for people. The checks here hold for every caller.
"""

from __future__ import annotations

import re
import uuid
from typing import Any, NamedTuple

from procedures.common.printable import printable
from procedures.common.strict_json import parse_strictly
from procedures.domain.execution import COMPLETED, MAX_POLICY_ID_CHARACTERS, Execution

EXECUTION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@+-]{0,127}")
RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
ENDPOINTS = ("find", "create", "poll", "trigger")
MOMENT = re.compile(r"[0-9]{4}(-[0-9]{2}){2} [0-9]{2}(:[0-9]{2}){2}[.][0-9]{6}")
MAX_POLICY_DEPTH = 50


def read_request(request: str) -> dict[str, Any]:
    """Parse the argument of a procedure; an invocation_id that ends in '*' is made unique.

    Raises:
        ValueError: when the argument is not the JSON object that the macros send.

    """
    wanted = parse_strictly(request)
    run_id = wanted.get("invocation_id") if isinstance(wanted, dict) else None
    if isinstance(run_id, str) and run_id.endswith("*"):
        run_id = wanted["invocation_id"] = f"{run_id[:-1]}{uuid.uuid4().hex[:16]}"
    if not _fits(RUN_ID, run_id):
        raise ValueError("the request must be a JSON object with an invocation_id")
    checked: dict[str, Any] = wanted
    return checked


def whole_number(request: dict[str, Any], name: str, default: int, least: int, most: int) -> int:
    """Read a whole number that the request may leave out.

    Raises:
        ValueError: when the value is no whole number, or is out of its bounds.

    """
    value = request.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{name} must be a whole number from {least} to {most}")
    return value


def read_moment(request: dict[str, Any], name: str) -> str | None:
    """Read a time in UTC that an earlier answer gave; None when the request has none.

    Raises:
        ValueError: when the value is no such time.

    """
    value = request.get(name)
    if value is not None and not _fits(MOMENT, value):
        raise ValueError(f"{name} must be a time that an earlier answer gave")
    checked: str | None = value
    return checked


def read_failed_in_row(request: dict[str, Any]) -> dict[str, int]:
    """Read `failed_in_row`, how many policies in a row have failed at an endpoint, of an answer.

    Raises:
        ValueError: when the value is no mapping of endpoints to whole numbers.

    """
    found = request.get("failed_in_row") or {}
    if not isinstance(found, dict) or not set(found) <= set(ENDPOINTS):
        raise ValueError("failed_in_row must be what an earlier answer gave")
    return {name: whole_number(found, name, 0, 0, 1_000_000) for name in found}


def read_endpoint(value: Any) -> str | None:
    """Read an endpoint of the API, or "all", which is None.

    Raises:
        ValueError: when the value is neither.

    """
    if value == "all":
        return None
    if value not in ENDPOINTS:
        raise ValueError(f"an endpoint is one of {', '.join(ENDPOINTS)}")
    checked: str = value
    return checked


def requested_ids(request: dict[str, Any]) -> list[str]:
    """Read `execution_ids`.

    Raises:
        ValueError: when the value is not a list of ids, or an id stands twice.

    """
    ids = request.get("execution_ids")
    if not isinstance(ids, list) or not all(_fits(EXECUTION_ID, item) for item in ids):
        raise ValueError("execution_ids must be a list of execution ids")
    if len(set(ids)) < len(ids):
        raise ValueError("an execution_id stands twice in execution_ids")
    return ids


def requested_executions(request: dict[str, Any]) -> dict[str, dict[str, Any] | None]:
    """Read `executions`: policies by execution_id, None for executions that are only resumed.

    Raises:
        ValueError: when an id or a policy is not legal, or an id stands twice.

    """
    executions: dict[str, dict[str, Any] | None] = {}
    for number, item in enumerate(request.get("executions") or [], 1):
        if not isinstance(item, dict) or not _fits(EXECUTION_ID, item.get("execution_id")):
            raise ValueError(f"item {number} of executions is not an execution with a legal id")
        execution_id = item["execution_id"]
        if execution_id in executions:
            raise ValueError(f"execution_id {execution_id} stands twice")
        policy = item.get("policy_data")
        if policy is not None and (problem := policy_problem(policy)):
            raise ValueError(f"the policy_data of {execution_id} {problem}")
        executions[execution_id] = policy
    return executions


class Decision(NamedTuple):
    """What a person decided about a request of unknown outcome.

    Args:
        execution_id: the execution.
        step: 1 to create the policy, 3 to trigger its circuit breaker.
        policy_id: the id of the policy that is there at the API; None for another decision.
        confirmed: whether the circuit breaker is triggered, as the person saw at the API. Without
            this and without a policy_id the request is sent again.
        by: who decided, for messages.
        sequence: the number of the execution's latest event when the decision was checked.

    """

    execution_id: str
    step: int
    policy_id: str | None = None
    confirmed: bool = False
    by: str = "a person"
    sequence: int = 0

    def problem(self, row: Execution, run_id: str) -> str | None:
        """Say why the decision of a run does not fit an execution; None when it fits."""
        if row.status == COMPLETED or row.cancelled:
            return f"the execution is {'cancelled' if row.cancelled else 'completed'}"
        left = 0 if row.is_finished or row.invocation_id == run_id else row.lease_seconds or 0
        if left > 0:
            return (
                f"run {row.invocation_id} is at work on the execution, and holds its lease for "
                f"{left:.0f} more second(s). Look at the API, and decide, when that run has ended"
            )
        if self.step == 3:
            was_sent = "no request to the circuit breaker was sent for the execution"
            return None if row.announced else was_sent
        has = f"the execution has the policy_id {row.policy_id}"
        if row.policy_id is None:
            return None
        if self.policy_id is None:
            return (
                f"{has}: its policy is created. Where that id is wrong, give the right policy_id; "
                "where no policy is there, cancel the execution, and run the policy under another "
                "execution_id"
            )
        if self.policy_id == row.policy_id:
            return f"{has} already. To go on with it, leave policy_id out"
        if row.announced:
            return f"{has}, and a request to the circuit breaker of that policy may have been sent"
        return None


def read_decision(request: dict[str, Any]) -> Decision | None:
    """Read `create`, `trigger` and `policy_id`, with which a person ends a doubt.

    Raises:
        ValueError: when there is more than one of them, or no single execution that is resumed.

    """
    given = [name for name in ("create", "trigger", "policy_id") if request.get(name) is not None]
    if not given:
        return None
    executions = requested_executions(request)
    if len(given) > 1 or len(executions) != 1 or list(executions.values()) != [None]:
        raise ValueError(
            "create, trigger and policy_id stand alone, with one execution that is resumed"
        )
    (execution_id,) = executions
    name, value = given[0], request[given[0]]
    if name == "policy_id":
        value = read_policy_id(value)
        return Decision(execution_id, 1, value)
    if name == "trigger" and value == "confirmed":
        return Decision(execution_id, 3, confirmed=True)
    if value != "again":
        legal = "'again'" if name == "create" else "'again' or 'confirmed'"
        raise ValueError(f"{name} can only be {legal}")
    return Decision(execution_id, 1 if name == "create" else 3)


def read_policy_id(value: Any) -> str:
    """Read the id of a policy, as a person gives it.

    Raises:
        ValueError: when the value is no text that can be an id.

    """
    is_short = isinstance(value, str) and 0 < len(value) <= MAX_POLICY_ID_CHARACTERS
    if not is_short or printable(value) != value:
        raise ValueError(
            f"policy_id must be a text of 1 to {MAX_POLICY_ID_CHARACTERS} printable characters"
        )
    checked: str = value
    return checked


def read_run_id(value: Any) -> str:
    """Read the id of a run.

    Raises:
        ValueError: when the value is no legal id of a run.

    """
    if not _fits(RUN_ID, value):
        raise ValueError("a run's id must have 1 to 64 letters, digits, _ or -")
    checked: str = value
    return checked


def read_execution_id(value: Any) -> str:
    """Read the id of an execution.

    Raises:
        ValueError: when the value is no legal id of an execution.

    """
    if not _fits(EXECUTION_ID, value):
        raise ValueError(
            "execution_id must have 1 to 128 letters, digits, . _ : @ + or -, beginning with a "
            "letter or digit"
        )
    checked: str = value
    return checked


def policy_problem(policy: Any) -> str | None:
    """Say why a value is no policy; None when it is one."""
    if not isinstance(policy, dict) or not policy:
        return "must be a JSON object"
    if _depth(policy) > MAX_POLICY_DEPTH:
        return f"is nested over {MAX_POLICY_DEPTH} levels deep"
    return None


def _fits(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _depth(value: Any) -> int:
    """How many levels of objects and lists a value has."""
    deepest = 0
    open_values = [(value, 1)]
    while open_values:
        item, depth = open_values.pop()
        if isinstance(item, dict | list):
            deepest = max(deepest, depth)
            inner = item.values() if isinstance(item, dict) else item
            open_values += [(part, depth + 1) for part in inner]
    return deepest

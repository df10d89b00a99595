"""The faults of the matrix in the shapes of described APIs, and which of them may complete."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from local_stack.policy_api.wire import raw_status
from tests.integration.faults.matrix import FAULTS, HARMLESS, HOLDS_ALL

MATRIX = {name: order for name, order in FAULTS.items() if name not in HOLDS_ALL}


@dataclass(frozen=True)
class Shape:
    """Where an endpoint's answer has what the faults call policy_id and status.

    Args:
        around: the answer, with None in the place of the object that has both.
        policy_id: the key of the id.
        status: the key of the status.
        ready: the value of a status that is a success.

    """

    around: Any
    policy_id: str
    status: str
    ready: Any

    def order(self, fault: dict[str, Any]) -> dict[str, Any]:
        """The same fault in this shape."""
        found = dict(fault)
        body = fault.get("body")
        if isinstance(body, dict):
            body = json.dumps(body)
            found.setdefault("content_type", "application/json")
        if isinstance(body, str):
            found["body"] = self._written(body)
        if extra := fault.get("extra"):
            found["extra"] = self._merged_into(extra)
        if was_refused(fault):
            found["effect"] = False
        return found

    def _written(self, text: str) -> str:
        if not text.startswith("{"):
            return text
        text = text.replace('"policy_id"', json.dumps(self.policy_id))
        text = text.replace('"status"', json.dumps(self.status))
        text = text.replace('"ready"', json.dumps(self.ready))
        return json.dumps(self.around).replace("null", text) if self.around else text

    def _merged_into(self, extra: dict[str, Any]) -> dict[str, Any]:
        names = {"policy_id": self.policy_id, "status": self.status}
        inner = {names[key]: value for key, value in extra.items() if key in names}
        outer = {key: value for key, value in extra.items() if key not in names}
        if not inner:
            return outer
        wrapped = json.dumps(self.around).replace("null", json.dumps(inner))
        return {**outer, **(json.loads(wrapped) if self.around else inner)}


def was_refused(fault: dict[str, Any]) -> bool:
    """Whether the answer says that nothing was done: by its HTTP status, or in its body."""
    body, extra = fault.get("body"), fault.get("extra") or {}
    if (isinstance(body, dict) and "errors" in body) or extra.get("success") is False:
        return True
    status = fault.get("http_status") or raw_status(fault.get("raw") or "") or 200
    return 300 <= status < 500 or status == 503


SHAPES = {
    "jsend": {
        "create": Shape({"status": "success", "data": {"policy": None}}, "id", "state", "ready"),
        "status": Shape({"status": "success", "data": {"policy": None}}, "id", "state", "ready"),
        "circuit": Shape({"status": "success", "data": {"breaker": None}}, "id", "tripped", True),
    },
    "pagerduty": {
        "create": Shape({"incident": None}, "id", "status", "acknowledged"),
        "status": Shape({"incident": None}, "id", "status", "acknowledged"),
        "circuit": Shape(None, "incident_id", "status", "success"),
    },
}
# Beside the place that a description names, an answer may say what it likes.
_NAMED_PLACE_DECIDES = {"failure in an envelope"}
MAY_COMPLETE = {
    "status": HARMLESS | _NAMED_PLACE_DECIDES,
    # What confirms is named, and an id in the answer is not looked at.
    "circuit": HARMLESS | _NAMED_PLACE_DECIDES | {"another policy"},
}

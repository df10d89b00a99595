"""An API that wraps its answers as JSend says, as docs/apis/jsend.yml names it."""

from __future__ import annotations

from typing import Any

from local_stack.policy_api.answers import OwnAnswer
from tests.integration.described_apis.described_api import Asked, DescribedApi, Endpoint, Facts


class JSend(DescribedApi):
    """Ids are numbers; the API knows no keys, lists policies by field, trips a breaker twice."""

    FACTS = Facts(
        "jsend", {"api_key": "jsend-api-key-8f2a"}, ready=["pending", "ready"], failed=["failed"]
    )

    def endpoints(self) -> tuple[Endpoint, ...]:
        """List, create and show policies, and trip the breaker of one."""
        policy = r"/policies/(?P<id>[^/]+)"
        return (
            Endpoint("find", "GET", r"/policies", self._list),
            Endpoint("create", "POST", r"/policies", self._create),
            Endpoint("status", "GET", policy, self._show),
            Endpoint("circuit", "POST", rf"{policy}/breaker", self._trip),
        )

    def knows(self, asked: Asked) -> bool:
        """A header without a scheme."""
        return asked.headers.get("x-api-key") == self.FACTS.secrets["api_key"]

    def refusal(self, status: int, message: str) -> OwnAnswer:
        """JSend's `fail` for a wrong request."""
        return OwnAnswer(status, {"status": "fail", "data": {"title": message}})

    def name_in(self, asked: Asked) -> str | None:
        """The name that the body has."""
        return str(asked.json.get("name")) if isinstance(asked.json, dict) else None

    def _list(self, asked: Asked) -> OwnAnswer:
        found = [
            self._policy(thing.id, thing.status)
            for thing in self.shown()
            if all(thing.asked.get(name) == text for name, text in asked.query.items())
        ]
        return _success(200, {"policies": found})

    def _create(self, asked: Asked) -> OwnAnswer:
        thing = self.make(asked, str(42 + len(self.things)))
        return _success(201, {"policy": {"id": int(thing.id)}})

    def _show(self, asked: Asked) -> OwnAnswer:
        thing = self.things.get(asked.parts["id"])
        if not thing:
            return self.refusal(404, "there is no such policy")
        return _success(200, {"policy": self._policy(thing.id, self.polled(thing))})

    def _trip(self, asked: Asked) -> OwnAnswer:
        thing = self.things.get(asked.parts["id"])
        if not thing:
            return self.refusal(404, "there is no such policy")
        if not isinstance(asked.json, dict) or not asked.json.get("why"):
            return self.refusal(400, "why is required")
        self.trip(asked, thing.name)
        return _success(200, {"breaker": {"tripped": True}})

    def _policy(self, policy_id: str, state: str) -> dict[str, Any]:
        return {"id": int(policy_id), "state": state}


def _success(status: int, data: dict[str, Any]) -> OwnAnswer:
    return OwnAnswer(status, {"status": "success", "data": data}, effect=True)

"""A made-up API whose every step has another shape, and whose keys stand in the bodies."""

from __future__ import annotations

from typing import Any, ClassVar

from local_stack.policy_api.answers import OwnAnswer
from tests.integration.described_apis.described_api import (
    Asked,
    DescribedApi,
    Endpoint,
    Facts,
    Thing,
)


class NestedShapes(DescribedApi):
    """A number as id, two objects deep; the status elsewhere; PUT creates; DELETE trips."""

    FACTS = Facts(
        "",
        {"key": "nested-key-in-a-body-7d", "user": "nested-user-header-11"},
        ready=["draft", "active"],
        failed=["failed"],
    )
    DESCRIPTION: ClassVar[dict[str, Any]] = {
        "secrets": {"key": "db.s.nested_key", "user": "db.s.nested_user"},
        "headers": {"X-User": "{secret.user}"},
        "idempotency": {"body": "/meta/request_id"},
        "create": {
            "method": "PUT",
            "path": "/v2/policies/{policy.policy_name}/for/{execution_id}",
            "body": {
                "auth": {"key": "{secret.key}"},
                "days": "{policy.parameters.days}",
                "text": "{policy.policy_name} for {policy.parameters.days} days",
                "whole": "{policy}",
            },
            "id": "/data/policy/id",
        },
        "poll": {
            "method": "POST",
            "path": "/v2/states",
            "body": {"auth": {"key": "{secret.key}"}, "policies": ["{policy_id}"]},
            "status": "/result/state",
        },
        "trigger": {
            "method": "DELETE",
            "path": "/v2/guards/{policy_id}?why={trigger_reason}",
            "body": {"auth": {"key": "{secret.key}"}, "names": ["{policy.policy_name}"]},
            "confirm": {"at": "/removed", "in": [1, "1"]},
        },
    }

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Put a policy, ask for its state, remove its guard."""
        return (
            Endpoint("create", "PUT", r"/v2/policies/(?P<name>[^/]+)/for/[^/]+", self._put),
            Endpoint("status", "POST", r"/v2/states", self._state),
            Endpoint("circuit", "DELETE", r"/v2/guards/(?P<id>[^/]+)", self._remove),
        )

    def knows(self, asked: Asked) -> bool:
        """A header, and a key in the body."""
        auth = asked.json.get("auth") if isinstance(asked.json, dict) else None
        return (
            auth == {"key": self.FACTS.secrets["key"]}
            and asked.headers.get("x-user") == self.FACTS.secrets["user"]
        )

    def policy(self, name: str) -> dict[str, Any]:
        """With a number in it, which stays a number."""
        return {"policy_name": name, "parameters": {"days": 90}}

    def name_in(self, asked: Asked) -> str | None:
        """The name in the path."""
        return asked.parts["name"]

    def about(self, asked: Asked) -> str | None:
        """A question for states names the policy in its body."""
        thing = self._asked_for(asked)
        return thing.name if thing else None

    def _asked_for(self, asked: Asked) -> Thing | None:
        if asked.parts.get("id"):
            return self.things.get(asked.parts["id"])
        ids = asked.json.get("policies") if isinstance(asked.json, dict) else None
        return self.things.get(ids[0]) if ids else None

    def _put(self, asked: Asked) -> OwnAnswer:
        body = asked.json
        is_right = (
            body["days"] == 90
            and body["text"] == f"{asked.name} for 90 days"
            and body["whole"] == self.policy(asked.name or "")
            and body["meta"]["request_id"]
        )
        if not is_right:
            return self.refusal(400, "the body is another one")
        thing = self.make(asked, str(42 + len(self.things)))
        return OwnAnswer(201, {"data": {"policy": {"id": int(thing.id)}}}, effect=True)

    def _state(self, asked: Asked) -> OwnAnswer:
        thing = self._asked_for(asked)
        if not thing:
            return self.refusal(404, "no such policy")
        return OwnAnswer(200, {"result": {"state": self.polled(thing)}}, effect=True)

    def _remove(self, asked: Asked) -> OwnAnswer:
        thing = self._asked_for(asked)
        if not thing or asked.json["names"] != [thing.name] or not asked.query.get("why"):
            return self.refusal(400, "another policy, or no reason")
        self.trip(asked, thing.name)
        return OwnAnswer(200, {"removed": 1}, effect=True)

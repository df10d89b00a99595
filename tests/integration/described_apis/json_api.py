"""An API that follows JSON:API, as docs/apis/json_api.yml names it."""

from __future__ import annotations

import re
from typing import Any

from local_stack.policy_api.answers import OwnAnswer
from tests.integration.described_apis.described_api import (
    Asked,
    DescribedApi,
    Endpoint,
    Facts,
    Thing,
)

_TYPE = "application/vnd.api+json"


class JsonApi(DescribedApi):
    """Resources with type, id and attributes; a media type of their own, both ways."""

    FACTS = Facts(
        "json_api", {"token": "json-api-token-19c4"}, ready=["pending", "active"], failed=["failed"]
    )

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Find, create and show policies, and change one."""
        policy = r"/policies/(?P<id>[^/]+)"
        return (
            Endpoint("find", "GET", r"/policies", self._list),
            Endpoint("create", "POST", r"/policies", self._create),
            Endpoint("status", "GET", policy, self._show),
            Endpoint("circuit", "PATCH", policy, self._change),
        )

    def knows(self, asked: Asked) -> bool:
        """A bearer token, and the media type."""
        return (
            asked.headers.get("authorization") == f"Bearer {self.FACTS.secrets['token']}"
            and asked.headers.get("accept") == _TYPE
            and (not asked.body or asked.headers.get("content-type") == _TYPE)
        )

    def refusal(self, status: int, message: str) -> OwnAnswer:
        """Error objects."""
        return OwnAnswer(status, {"errors": [{"status": str(status), "title": message}]})

    def name_in(self, asked: Asked) -> str | None:
        """The name among the attributes."""
        data = asked.json.get("data", {}) if isinstance(asked.json, dict) else {}
        return str(data.get("attributes", {}).get("name"))

    def _list(self, asked: Asked) -> OwnAnswer:
        wanted = {re.sub(r"filter\[(.+)\]", r"\1", name): v for name, v in asked.query.items()}
        found = [
            self._resource(thing)
            for thing in self.shown()
            if wanted.items() <= thing.asked["data"]["attributes"].items()
        ]
        return OwnAnswer(200, {"data": found}, effect=True)

    def _create(self, asked: Asked) -> OwnAnswer:
        thing = self.make(asked)
        headers = {"Location": f"/policies/{thing.id}"}
        return OwnAnswer(201, {"data": self._resource(thing)}, effect=True, headers=headers)

    def _show(self, asked: Asked) -> OwnAnswer:
        thing = self.things.get(asked.parts["id"])
        if not thing:
            return self.refusal(404, "Not Found")
        data = self._resource(thing)
        self.polled(thing)
        return OwnAnswer(200, {"data": data}, effect=True)

    def _change(self, asked: Asked) -> OwnAnswer:
        thing = self.things.get(asked.parts["id"])
        data = asked.json.get("data") if isinstance(asked.json, dict) else None
        if not thing or not isinstance(data, dict) or data.get("id") != thing.id:
            return self.refusal(404 if not thing else 409, "the resource is another one")
        self.trip(asked, thing.name)
        return OwnAnswer(200, {"data": self._resource(thing, breaker="tripped")}, effect=True)

    def _resource(self, thing: Thing, breaker: str = "closed") -> dict[str, Any]:
        attributes = {"name": thing.name, "status": thing.status, "breaker": breaker}
        return {"type": "policies", "id": thing.id, "attributes": attributes}

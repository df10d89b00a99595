"""An API that accepts and works later, as docs/apis/accepted_location.yml names it."""

from __future__ import annotations

import uuid

from local_stack.policy_api.answers import OwnAnswer
from tests.integration.described_apis.described_api import (
    Asked,
    DescribedApi,
    Endpoint,
    Facts,
    Thing,
)


class AcceptedLocation(DescribedApi):
    """202 with a Location and no body; keys are honoured; the breaker is put, and answers 204."""

    FACTS = Facts(
        "accepted_location",
        {"token": "accepted-token-c0ffee"},
        ready=["running", "succeeded"],
        failed=["failed"],
    )

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, Thing] = {}

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Begin an operation, look at it, and trip the breaker."""
        operation = r"/operations/(?P<id>[^/]+)"
        return (
            Endpoint("create", "POST", r"/policies", self._begin),
            Endpoint("status", "GET", operation, self._show),
            Endpoint("circuit", "PUT", rf"{operation}/breaker", self._trip),
        )

    def knows(self, asked: Asked) -> bool:
        """A bearer token."""
        return asked.headers.get("authorization") == f"Bearer {self.FACTS.secrets['token']}"

    def name_in(self, asked: Asked) -> str | None:
        """The policy is the body."""
        return str(asked.json.get("policy_name")) if isinstance(asked.json, dict) else None

    def _begin(self, asked: Asked) -> OwnAnswer:
        key = asked.headers.get("idempotency-key", "")
        thing = self.kept.get(key) or self.make(asked, f"op {uuid.uuid4().hex[:8]}")
        if key:
            self.kept[key] = thing
        headers = {"Location": f"/operations/{thing.id.replace(' ', '%20')}?view=full"}
        return OwnAnswer(202, None, effect=True, headers=headers)

    def _show(self, asked: Asked) -> OwnAnswer:
        thing = self.things.get(asked.parts["id"])
        if not thing:
            return self.refusal(404, "no such operation")
        return OwnAnswer(200, {"id": thing.id, "status": self.polled(thing)}, effect=True)

    def _trip(self, asked: Asked) -> OwnAnswer:
        thing = self.things.get(asked.parts["id"])
        if not thing:
            return self.refusal(404, "no such operation")
        # A second PUT of the same changes nothing.
        if not self.tripped[thing.name]:
            self.trip(asked, thing.name)
        return OwnAnswer(204, None, effect=True)

"""PagerDuty: incidents, and events on another host, as docs/apis/pagerduty.yml names them."""

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


class PagerDuty(DescribedApi):
    """An envelope; a key in the body that a second open incident may not have; two hosts."""

    FACTS = Facts(
        "pagerduty",
        {"api_key": "u+pagerduty-api-key", "routing_key": "e93facc04764012d7bfb0025"},
        ready=["triggered", "acknowledged"],
        failed=["resolved"],
    )

    def __init__(self) -> None:
        super().__init__()
        self.keys_of_events: dict[str, str] = {}

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Open, list and show incidents; send an event, which goes to the second host."""
        return (
            Endpoint("find", "GET", r"/incidents", self._list),
            Endpoint("create", "POST", r"/incidents", self._open),
            Endpoint("status", "GET", r"/incidents/(?P<id>[^/]+)", self._show),
            Endpoint("circuit", "POST", r"/v2/enqueue", self._enqueue, elsewhere=True),
        )

    def knows(self, asked: Asked) -> bool:
        """A token and a user for incidents; a routing key in the body for events."""
        if asked.step == "circuit":
            key = asked.json.get("routing_key") if isinstance(asked.json, dict) else None
            return bool(key == self.FACTS.secrets["routing_key"])
        return (
            asked.headers.get("authorization") == f"Token token={self.FACTS.secrets['api_key']}"
            and asked.headers.get("accept") == "application/vnd.pagerduty+json;version=2"
            and "@" in asked.headers.get("from", "")
        )

    def refusal(self, status: int, message: str) -> OwnAnswer:
        """An error object."""
        return OwnAnswer(status, {"error": {"message": message, "code": 2001, "errors": [message]}})

    def policy(self, name: str) -> dict[str, Any]:
        """A policy of ours names the service on which the incident is opened."""
        return {"policy_name": name, "service_id": "PWIXJZS"}

    def name_in(self, asked: Asked) -> str | None:
        """The last word of the title."""
        incident = asked.json.get("incident", {}) if isinstance(asked.json, dict) else {}
        return str(incident.get("title")).rpartition(" ")[2]

    def about(self, asked: Asked) -> str | None:
        """An event names the policy as its source."""
        if asked.step != "circuit":
            return super().about(asked)
        payload = asked.json.get("payload", {}) if isinstance(asked.json, dict) else {}
        return str(payload.get("source"))

    def _open(self, asked: Asked) -> OwnAnswer:
        incident = asked.json["incident"]
        key = incident.get("incident_key")
        if key and any(
            thing.asked["incident"].get("incident_key") == key for thing in self._open_ones()
        ):
            message = "Open incident with matching dedup key already exists on this service"
            error = {"message": "Arguments Caused Error", "code": 2002, "errors": [message]}
            return OwnAnswer(400, {"error": error})
        thing = self.make(asked, f"P{len(self.things):06}")
        return OwnAnswer(201, {"incident": self._incident(thing)}, effect=True)

    def _open_ones(self) -> list[Thing]:
        return [thing for thing in self.things.values() if thing.status != "resolved"]

    def _list(self, asked: Asked) -> OwnAnswer:
        key = asked.query.get("incident_key")
        found = [t for t in self.shown() if t.asked["incident"].get("incident_key") == key]
        body = {
            "incidents": [self._incident(thing) for thing in found],
            "limit": 25,
            "offset": 0,
            "more": False,
            "total": None,
        }
        return OwnAnswer(200, body, effect=True)

    def _show(self, asked: Asked) -> OwnAnswer:
        thing = self.things.get(asked.parts["id"])
        if not thing:
            return self.refusal(404, "Not Found")
        incident = self._incident(thing)
        self.polled(thing)
        return OwnAnswer(200, {"incident": incident}, effect=True)

    def _enqueue(self, asked: Asked) -> OwnAnswer:
        given = asked.json
        if given.get("event_action") != "trigger" or not re.search(r"\w", str(given["payload"])):
            errors = ["event_action is missing or invalid"]
            message = {"status": "invalid event", "message": "Event object is invalid"}
            return OwnAnswer(400, {**message, "errors": errors})
        key = given.get("dedup_key") or f"made-up-{len(self.keys_of_events)}"
        # A second event with the same key is the same alert.
        if key not in self.keys_of_events:
            self.trip(asked, str(given["payload"]["source"]))
        self.keys_of_events[key] = str(given["payload"]["source"])
        body = {"status": "success", "message": "Event processed", "dedup_key": key}
        return OwnAnswer(202, body, effect=True)

    def _incident(self, thing: Thing) -> dict[str, Any]:
        given = thing.asked["incident"]
        return {
            "id": thing.id,
            "type": "incident",
            "title": given["title"],
            "summary": f"[#1234] {given['title']}",
            "incident_number": 1234,
            "status": thing.status,
            "incident_key": given.get("incident_key"),
            "service": {"id": given["service"]["id"], "type": "service_reference"},
            "resolved_at": None,
            "assignments": [],
        }

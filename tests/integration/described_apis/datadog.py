"""Datadog: incidents with their tasks, as docs/apis/datadog.yml names them."""

from __future__ import annotations

from typing import Any

from local_stack.policy_api.answers import OwnAnswer
from tests.integration.described_apis.described_api import (
    Asked,
    DescribedApi,
    Endpoint,
    Facts,
    Thing,
)


class Datadog(DescribedApi):
    """JSON:API: content is under data.attributes, what fails under errors."""

    FACTS = Facts(
        "datadog",
        {"api_key": "dd-api-key-31337", "application_key": "dd-application-key-abcdef"},
        ready=["active", "stable"],
        failed=["resolved"],
    )

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Declare an incident, look at it, and add a task."""
        incident = r"/api/v2/incidents/(?P<id>[^/]+)"
        return (
            Endpoint("create", "POST", r"/api/v2/incidents", self._declare),
            Endpoint("status", "GET", incident, self._show),
            Endpoint("circuit", "POST", rf"{incident}/relationships/todos", self._add_task),
        )

    def knows(self, asked: Asked) -> bool:
        """Both headers have to be right."""
        return (
            asked.headers.get("dd-api-key") == self.FACTS.secrets["api_key"]
            and asked.headers.get("dd-application-key") == self.FACTS.secrets["application_key"]
        )

    def refusal(self, status: int, message: str) -> OwnAnswer:
        """A list of texts."""
        return OwnAnswer(status, {"errors": [message]})

    def policy(self, name: str) -> dict[str, Any]:
        """A policy of ours names who has to do the task."""
        return {"policy_name": name, "owner": "@on-call@example.com"}

    def name_in(self, asked: Asked) -> str | None:
        """The first word of the title after `Policy`."""
        data = asked.json.get("data", {}) if isinstance(asked.json, dict) else {}
        title = str(data.get("attributes", {}).get("title"))
        return title.removeprefix("Policy ").partition(" ")[0]

    def _declare(self, asked: Asked) -> OwnAnswer:
        data = asked.json.get("data") if isinstance(asked.json, dict) else None
        attributes = data.get("attributes") if isinstance(data, dict) else None
        if not isinstance(attributes, dict) or "customer_impacted" not in attributes:
            return self.refusal(400, "Bad Request")
        return OwnAnswer(201, {"data": self._incident(self.make(asked))}, effect=True)

    def _show(self, asked: Asked) -> OwnAnswer:
        thing = self.things.get(asked.parts["id"])
        if not thing:
            return self.refusal(404, "Not Found")
        data = self._incident(thing)
        self.polled(thing)
        return OwnAnswer(200, {"data": data}, effect=True)

    def _add_task(self, asked: Asked) -> OwnAnswer:
        thing = self.things.get(asked.parts["id"])
        if not thing:
            return self.refusal(404, "Not Found")
        given = asked.json["data"]["attributes"]
        self.trip(asked, thing.name)
        attributes = {
            "content": given["content"],
            "assignees": given["assignees"],
            "completed": None,
            "due_date": None,
            "incident_id": thing.id,
        }
        data = {"type": "incident_todos", "id": f"todo-{thing.id}", "attributes": attributes}
        return OwnAnswer(201, {"data": data}, effect=True)

    def _incident(self, thing: Thing) -> dict[str, Any]:
        attributes = {
            "public_id": 338014,
            "title": thing.asked["data"]["attributes"]["title"],
            "resolved": None,
            "customer_impacted": False,
            "creation_idempotency_key": None,
            "archived": None,
            "fields": {"state": {"type": "dropdown", "value": thing.status}},
            "severity": "UNKNOWN",
            "state": thing.status,
        }
        return {"type": "incidents", "id": thing.id, "attributes": attributes}

"""Monte Carlo: circuit breaker rules by GraphQL, as docs/apis/monte_carlo.yml names them."""

from __future__ import annotations

import re
from typing import Any

from local_stack.policy_api.answers import OwnAnswer
from tests.integration.described_apis.described_api import Asked, DescribedApi, Endpoint, Facts

_TRIGGER = re.compile(r'triggerCircuitBreakerRuleV2\(ruleUuid: "([^"]+)"\)')
_STATE = re.compile(r'getCircuitBreakerRuleStateV2\(jobExecutionUuids: \["([^"]+)"\]\)')


class MonteCarlo(DescribedApi):
    """One address for all; ids in a list; what fails is under `errors`, with HTTP 200."""

    FACTS = Facts(
        "monte_carlo",
        {"key_id": "mcd-id-4711", "key_secret": "mcd-token-0badf00d-secret"},
        ready=["REGISTERED", "PROCESSING_COMPLETE"],
        failed=["HAS_ERROR"],
    )

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The GraphQL endpoint."""
        return (Endpoint("graphql", "POST", r"/graphql", self._graphql),)

    def knows(self, asked: Asked) -> bool:
        """Both headers have to be right."""
        return (
            asked.headers.get("x-mcd-id") == self.FACTS.secrets["key_id"]
            and asked.headers.get("x-mcd-token") == self.FACTS.secrets["key_secret"]
        )

    def policy(self, name: str) -> dict[str, Any]:
        """A policy of ours names the rule by its uuid."""
        return {"policy_name": name, "rule_uuid": name}

    def step_of(self, asked: Asked, step: str) -> str:
        """What the query asks for decides."""
        query = _query_of(asked)
        return "create" if _TRIGGER.search(query) else "status" if _STATE.search(query) else step

    def name_in(self, asked: Asked) -> str | None:
        """The rule's uuid."""
        found = _TRIGGER.search(_query_of(asked))
        return found[1] if found else None

    def about(self, asked: Asked) -> str | None:
        """The rule of the execution that the query asks for."""
        found = _STATE.search(_query_of(asked))
        thing = self.things.get(found[1]) if found else None
        return thing.name if thing else None

    def _graphql(self, asked: Asked) -> OwnAnswer:
        if asked.step == "create":
            thing = self.make(asked)
            ids = {"jobExecutionUuids": [thing.id]}
            return OwnAnswer(200, {"data": {"triggerCircuitBreakerRuleV2": ids}}, effect=True)
        found = _STATE.search(_query_of(asked))
        thing_asked = self.things.get(found[1]) if found else None
        if not thing_asked:
            errors = [{"message": "Object not found", "path": ["getCircuitBreakerRuleStateV2"]}]
            return OwnAnswer(200, {"data": None, "errors": errors})
        state = {"jobExecutionUuid": thing_asked.id, "status": self.polled(thing_asked)}
        return OwnAnswer(200, {"data": {"getCircuitBreakerRuleStateV2": [state]}}, effect=True)


def _query_of(asked: Asked) -> str:
    query = asked.json.get("query") if isinstance(asked.json, dict) else None
    return query if isinstance(query, str) else ""

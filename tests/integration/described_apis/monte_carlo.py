"""Monte Carlo: circuit breaker rules by GraphQL, as docs/apis/monte_carlo.yml names them."""

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

# The documents that the server takes, without blanks: what else a document says is an error.
_TRIGGER = "mutation($rule:UUID!){triggerCircuitBreakerRuleV2(ruleUuid:$rule){jobExecutionUuids}}"
_STATE = (
    "query($executions:[UUID]!){getCircuitBreakerRuleStateV2(jobExecutionUuids:$executions)"
    "{jobExecutionUuidstatus}}"
)


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
        """What the document asks for decides."""
        return {_TRIGGER: "create", _STATE: "status"}.get(_document_of(asked), step)

    def name_in(self, asked: Asked) -> str | None:
        """The rule's uuid."""
        return str(_variables_of(asked).get("rule"))

    def about(self, asked: Asked) -> str | None:
        """The rule of the execution that is asked for."""
        thing = self._execution(asked)
        return thing.name if thing else None

    def _execution(self, asked: Asked) -> Thing | None:
        wanted = _variables_of(asked).get("executions")
        return self.things.get(wanted[0]) if isinstance(wanted, list) and wanted else None

    def _graphql(self, asked: Asked) -> OwnAnswer:
        if asked.step == "create":
            thing = self.make(asked)
            ids = {"jobExecutionUuids": [thing.id]}
            return OwnAnswer(200, {"data": {"triggerCircuitBreakerRuleV2": ids}}, effect=True)
        if asked.step != "status":
            return OwnAnswer(200, {"errors": [{"message": "Syntax Error"}]})
        execution = self._execution(asked)
        if not execution:
            errors = [{"message": "Object not found", "path": ["getCircuitBreakerRuleStateV2"]}]
            return OwnAnswer(200, {"data": None, "errors": errors})
        state = {"jobExecutionUuid": execution.id, "status": self.polled(execution)}
        return OwnAnswer(200, {"data": {"getCircuitBreakerRuleStateV2": [state]}}, effect=True)


def _document_of(asked: Asked) -> str:
    query = asked.json.get("query") if isinstance(asked.json, dict) else None
    return "".join(query.split()) if isinstance(query, str) else ""


def _variables_of(asked: Asked) -> dict[str, Any]:
    variables = asked.json.get("variables") if isinstance(asked.json, dict) else None
    return variables if isinstance(variables, dict) else {}

"""Acceldata ADOC: executions of a data quality policy, as docs/apis/acceldata.yml names them."""

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

_RULES = "/catalog-server/api/rules/data-quality"
_REQUIRED = {"columnVariables", "executionType", "includeInQualityScore", "resourceStrategyType"}


class Acceldata(DescribedApi):
    """Executions have a number, and two statuses; a rule has one open execution at a time."""

    FACTS = Facts(
        "acceldata",
        {"access_key": "ACC3SSKEY00001", "secret_key": "s3cretKEYofAcceldata"},
        ready=["RUNNING", "SUCCESSFUL"],
        failed=["ERRORED"],
    )

    def __init__(self) -> None:
        super().__init__()
        self.open_elsewhere = 0
        """How many requests still find an execution of somebody else under way."""

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Start an execution, and ask for its result."""
        return (
            Endpoint("create", "POST", rf"{_RULES}/(?P<rule>[0-9]+)/executions", self._execute),
            Endpoint("status", "GET", rf"{_RULES}/executions/(?P<id>[0-9]+)/result", self._result),
        )

    def knows(self, asked: Asked) -> bool:
        """Both headers have to be right."""
        return (
            asked.headers.get("accesskey") == self.FACTS.secrets["access_key"]
            and asked.headers.get("secretkey") == self.FACTS.secrets["secret_key"]
        )

    def policy(self, name: str) -> dict[str, Any]:
        """A policy of ours names the rule by its number."""
        return {"policy_name": name, "rule_id": int(name)}

    def name_in(self, asked: Asked) -> str | None:
        """The rule's number, as a text."""
        return asked.parts.get("rule")

    def _execute(self, asked: Asked) -> OwnAnswer:
        if not isinstance(asked.json, dict) or asked.json.keys() < _REQUIRED:
            return self.refusal(400, "a required field is missing")
        if self.open_elsewhere:
            self.open_elsewhere -= 1
            message = f"Previous execution of rule '{asked.name}' has not completed."
            return self.refusal(422, f"{message} Not running the rule.")
        thing = self.make(asked, str(54320 + len(self.things)))
        return OwnAnswer(200, {"execution": self._execution(thing), "items": []}, effect=True)

    def _result(self, asked: Asked) -> OwnAnswer:
        thing = self.things.get(asked.parts["id"])
        if not thing:
            return self.refusal(404, "Execution not found.")
        execution = self._execution(thing)
        self.polled(thing)
        body = {
            "execution": execution,
            "items": [],
            "meta": {},
            "result": {
                "ruleExecutionType": "DQ_RULE_TYPE_EXECUTION",
                "status": execution["resultStatus"],
            },
        }
        return OwnAnswer(200, body, effect=True)

    def _execution(self, thing: Thing) -> dict[str, Any]:
        status = thing.status
        return {
            "id": int(thing.id),
            "ruleId": int(thing.name),
            "ruleType": "DATA_QUALITY",
            "ruleVersion": 1,
            "executionMode": "API",
            "executionType": thing.asked["executionType"],
            # The execution itself went well also where the data do not pass.
            "executionStatus": "SUCCESSFUL" if status == "ERRORED" else status,
            "executionError": None,
            "resultStatus": status,
            "startedAt": "2026-11-27T00:00:00.000Z",
            "finishedAt": None,
        }

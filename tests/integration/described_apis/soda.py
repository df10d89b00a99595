"""Soda Cloud: verifications of a contract, as docs/apis/soda.yml names them."""

from __future__ import annotations

import base64
from typing import Any

from local_stack.policy_api.answers import OwnAnswer
from tests.integration.described_apis.described_api import Asked, DescribedApi, Endpoint, Facts


class Soda(DescribedApi):
    """The id of a scan is in a header of an answer without a body."""

    FACTS = Facts(
        "soda",
        {"soda": ("soda-key-id-77", "soda-key-secret-5c1f")},
        ready=["queuing", "completed"],
        failed=["completedWithFailures"],
    )

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Start a scan, and ask how far it is."""
        contract = r"/api/v1/contracts/(?P<contract>[^/]+)/verify"
        return (
            Endpoint("create", "POST", contract, self._verify),
            Endpoint("status", "GET", r"/api/v1/scans/(?P<id>[^/]+)", self._scan),
        )

    def knows(self, asked: Asked) -> bool:
        """Basic authentication, as RFC 7617 has it."""
        pair = ":".join(self.FACTS.secrets["soda"])
        wanted = base64.b64encode(pair.encode()).decode()
        return asked.headers.get("authorization") == f"Basic {wanted}"

    def policy(self, name: str) -> dict[str, Any]:
        """A policy of ours names the contract by its id."""
        return {"policy_name": name, "contract_id": name}

    def name_in(self, asked: Asked) -> str | None:
        """The contract's id."""
        return asked.parts.get("contract")

    def _verify(self, asked: Asked) -> OwnAnswer:
        scan = self.make(asked)
        place = f"{self.base_urls[0]}/api/v1/scans/{scan.id}"
        headers = {"X-Soda-Scan-Id": scan.id, "Location": place}
        return OwnAnswer(201, None, effect=True, headers=headers)

    def _scan(self, asked: Asked) -> OwnAnswer:
        scan = self.things.get(asked.parts["id"])
        if not scan:
            return self.refusal(404, "Not found")
        state = self.polled(scan)
        body = {
            "id": scan.id,
            "state": state,
            "checks": [{"id": "chk_1", "evaluationStatus": "pass"}],
            "errors": 0,
            "failures": 1 if state == "completedWithFailures" else 0,
            "warnings": 0,
            "cloudUrl": f"https://cloud.soda.io/scans/{scan.id}",
            "submitted": "2026-11-27T00:00:00Z",
        }
        return OwnAnswer(200, body, effect=True)

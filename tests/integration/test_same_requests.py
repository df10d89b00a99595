"""A description that says what holds without it changes no byte of any request."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest

from local_snowflake.server import LocalSnowflake
from tests.integration.described_apis.default_description import described_default
from tests.integration.described_apis.described_api import HOST
from tests.integration.described_apis.recording_proxy import RecordingProxy
from tests.integration.workflow import Workflow, literal

# One request at a time, so that the order is the same.
ONE_BY_ONE = {"policy_api_connections": 1, "policy_api_max_retries": 1}
POLICIES = {
    "plain": {"policy_name": "plain", "parameters": {"days": 90, "ratio": 0.10, "on": True}},
    "letters": {"policy_name": "Grüße, 政策 \U0001f600", "text": "a \"quote\" \\ and \n a line"},
    "numbers": {"policy_name": "numbers", "big": 12345678901234567890, "list": [1, None, {}]},
    "busy": {"policy_name": "busy"},
    "broken": {"policy_name": "broken"},
    "late": {"policy_name": "late"},
    "refused": {"policy_name": "refused"},
}  # fmt: skip
# The id of an execution that the API makes up.
_EXECUTION_ID = re.compile(rb"exec_[0-9a-f]{12}")
# Vars of the sample API, each with the statement that makes its secret; POLICY_FAULTS=full has all.
ACCESS: dict[str, tuple[dict[str, Any], str]] = {
    "a header of its own": (
        {"policy_api_auth_header": "X-Api-Key", "policy_api_auth_scheme": "Key"},
        "generic_string secret_string = 'tk-2'",
    ),
}
if os.environ.get("POLICY_FAULTS") == "full":
    ACCESS["no secret"] = ({}, "")
    ACCESS["a token"] = ({}, "generic_string secret_string = 'tk-1'")
    ACCESS["a password"] = (
        {"policy_api_secret_type": "password"},
        f"password username = 'u' password = {literal('pä:ss')}",
    )


@pytest.mark.parametrize("access", ACCESS)
def test_the_description_of_the_default_changes_no_byte(
    workflow: Workflow, local_snowflake: LocalSnowflake, access: str
) -> None:
    """Method, path, headers with their order, and bodies are the same, faults and retries too."""
    own, secret = ACCESS[access]
    project_vars = {**ONE_BY_ONE, **own}
    with RecordingProxy(workflow.api.host, workflow.api.port) as proxy:
        workflow.environment["POLICY_API_BASE_URL"] = proxy.base_url
        if secret:
            project_vars |= _with_secret(workflow, proxy, secret)
        else:
            local_snowflake.open_external_access(HOST, proxy.port)
        default = _requests(workflow, proxy, project_vars)
        assert sum(map(len, default.values())) > 25
        assert min(map(len, default.values())) >= 2
        described = {**project_vars, "policy_api": described_default(project_vars)}
        assert _requests(workflow, proxy, described) == default


def _with_secret(workflow: Workflow, proxy: RecordingProxy, secret: str) -> dict[str, Any]:
    workflow.query(f"create secret policy_token type = {secret}")
    workflow.query(
        "create network rule api_rule mode = egress type = host_port "
        f"value_list = ('{HOST}:{proxy.port}')"
    )
    workflow.query(
        f"create or replace external access integration same_{workflow.schema} "
        "allowed_network_rules = (api_rule) allowed_authentication_secrets = (policy_token) "
        "enabled = true"
    )
    return {
        "policy_api_secret": f"{workflow.place}.POLICY_TOKEN",
        "policy_external_access_integrations": [f"SAME_{workflow.schema}"],
    }


def _requests(
    workflow: Workflow, proxy: RecordingProxy, project_vars: dict[str, Any]
) -> dict[str, list[bytes]]:
    """By policy, the requests of two runs; the second goes on where the first one failed."""
    workflow.api.reset()
    for table in ("state", "events", "runs"):
        workflow.query(f"delete from policy_execution_{table}")
    workflow.api.order(policy_name="late", statuses=["pending", "pending", "ready"])
    again = {"http_status": 429, "headers": {"Retry-After": "0"}, "effect": False, "times": 1}
    workflow.api.order(policy_name="busy", **again)
    workflow.api.order(endpoint="status", policy_name="busy", http_status=502, times=1)
    workflow.api.order(endpoint="circuit", policy_name="broken", http_status=500, times=1)
    workflow.api.order(endpoint="create", policy_name="refused", http_status=400)
    policies = [
        {"policy_data": policy, "execution_id": f"e-{name}"} for name, policy in POLICIES.items()
    ]
    for completed in (5, 6):
        ran = workflow.run(policies=policies, project_vars=project_vars)
        assert f"{7 - completed} of 7 execution(s) did not complete" in ran.output, ran.output
    return {
        name: _requests_of(name, workflow, taken) for taken in [proxy.taken()] for name in POLICIES
    }


def _requests_of(name: str, workflow: Workflow, taken: list[bytes]) -> list[bytes]:
    """The requests of one policy, in order, with the same ids in each run."""
    key = f"Idempotency-Key: e-{name}:".encode()
    row = next(row for row in workflow.rows() if row["execution_id"] == f"e-{name}")
    policy_id = str(row["policy_id"]).encode()
    mine = [request for request in taken if key in request or policy_id in request]
    return [
        # As long as the ids, so that Content-Length stays right.
        _EXECUTION_ID.sub(b"-" * 17, request).replace(policy_id, b"+" * len(policy_id))
        for request in mine
    ]

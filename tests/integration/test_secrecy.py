"""The API's token is nowhere but in the request's header."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from local_snowflake.server import LocalSnowflake
from tests.integration.workflow import Workflow

TOKEN = "tk-5f0c1e2d-very-secret"


@pytest.fixture
def secured(workflow: Workflow, local_snowflake: LocalSnowflake) -> Workflow:  # noqa: ARG001
    """Give a schema with a secret that the integration allows."""
    workflow.query(f"create secret policy_token type = generic_string secret_string = '{TOKEN}'")
    workflow.query(
        f"create network rule api_rule mode = egress type = host_port "
        f"value_list = ('{workflow.api.host}:{workflow.api.port}')"
    )
    workflow.query(
        f"create or replace external access integration secured_{workflow.schema} "
        "allowed_network_rules = (api_rule) allowed_authentication_secrets = (policy_token) "
        "enabled = true"
    )
    return workflow


def test_the_token_is_nowhere(secured: Workflow, local_snowflake: LocalSnowflake) -> None:
    """After runs with faults that echo it: not in tables, SQL, output, errors or dbt's logs."""
    started = len(local_snowflake.statements)
    project_vars: dict[str, Any] = {
        "policy_api_secret": f"{secured.place}.POLICY_TOKEN",
        "policy_external_access_integrations": [f"SECURED_{secured.schema}"],
    }
    secured.api.order(endpoint="create", times=1, extra={"echo": f"Bearer {TOKEN}"})
    secured.api.order(endpoint="circuit", times=1, http_status=500, body=f"denied: {TOKEN}")
    secured.api.order(endpoint="status", times=1, extra={"status": TOKEN})
    outputs = [
        secured.run(execution_id="e", project_vars=project_vars).output,
        secured.run(execution_id="e", project_vars=project_vars).output,
    ]
    sent = secured.api.journal()
    assert {entry.headers["authorization"] for entry in sent} == {f"Bearer {TOKEN}"}
    assert secured.row()["status"] == "completed"
    tables = json.dumps([secured.rows(), secured.events()], default=str)
    assert "[redacted]" in tables
    statements = "\n".join(s.sql for s in local_snowflake.statements[started:])
    logs = "".join(p.read_text("utf-8") for p in (secured.folder / "logs").rglob("*.log"))
    for place in (tables, statements, logs, *outputs):
        assert place
        assert TOKEN not in place


def test_a_key_as_user_name_is_nowhere(secured: Workflow, local_snowflake: LocalSnowflake) -> None:
    """Where the API takes its key as the user name, an answer that repeats the key shows none."""
    key = "sk_live_4eC39HqLyjWDarjtT1"
    pair = f"{secured.place}.KEY_PAIR"
    secured.query(f"create secret {pair} type = password username = '{key}' password = ''")
    secured.query(
        f"alter external access integration secured_{secured.schema} "
        f"set allowed_authentication_secrets = ({pair})"
    )
    started = len(local_snowflake.statements)
    project_vars: dict[str, Any] = {
        "policy_api_secret": pair,
        "policy_api_secret_type": "password",
        "policy_api_auth_scheme": "Basic",
        "policy_external_access_integrations": [f"SECURED_{secured.schema}"],
    }
    orders: list[dict[str, Any]] = [
        {"http_status": 401, "body": {"error": f"Invalid API Key provided: {key}"}},
        {"body": {"id": key}},
        {"extra": {"owner": key}},
    ]
    outputs = []
    for order in orders:
        secured.api.order(endpoint="create", times=1, **order)
        outputs.append(secured.run(project_vars=project_vars).output)
    sent = base64.b64encode(f"{key}:".encode()).decode()
    assert {entry.headers["authorization"] for entry in secured.api.journal()} == {f"Basic {sent}"}
    tables = json.dumps([secured.rows(), secured.events()], default=str)
    statements = "\n".join(s.sql for s in local_snowflake.statements[started:])
    for place in (tables, statements, *outputs, *(e.path for e in secured.api.journal())):
        assert place
        assert key not in place

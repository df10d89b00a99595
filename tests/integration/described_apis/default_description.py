"""The sample API, which needs no description, in the words of a description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def described_default(project_vars: Mapping[str, Any]) -> dict[str, Any]:
    """The var `policy_api` that says what holds without it, beside these other vars."""
    headers = {"Accept": "application/json"}
    if project_vars.get("policy_api_secret"):
        is_basic = project_vars.get("policy_api_secret_type") == "password"
        scheme = "Basic" if is_basic else project_vars.get("policy_api_auth_scheme", "Bearer")
        name = project_vars.get("policy_api_auth_header", "Authorization")
        headers[name] = f"{scheme} {{secret.policy_api_secret}}"
    return {
        "headers": headers,
        "idempotency": {"header": "Idempotency-Key"},
        "create": {"method": "POST", "path": "/createpolicy", "body": "{policy}"},
        "poll": {"method": "GET", "path": "/policy/{policy_id}"},
        "trigger": {
            "method": "POST",
            "path": "/circuit",
            "body": {
                "policy_id": "{policy_id}",
                "execution_id": "{api_execution_id}",
                "trigger_reason": "{trigger_reason}",
            },
        },
    }

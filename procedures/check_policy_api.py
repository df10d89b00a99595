"""Checks from inside Snowflake whether the API can be reached; for the diagnosis."""

from __future__ import annotations

import platform
from typing import Any

import requests
import urllib3
from snowflake.snowpark import Session

from procedures.common.settings import load_settings
from procedures.domain.request import read_request
from procedures.http.authorization import read_authorization
from procedures.http.policy_api import PolicyApi

# No policy has this id. The usual answer is 404, which shows that the API answers.
PROBED_POLICY_ID = "policy-workflow-check"


def check_policy_api(session: Session, request: str) -> dict[str, Any]:  # noqa: ARG001
    """Send one GET /policy/{id} for a policy that does not exist; nothing is written or created.

    Args:
        session: the procedure's Snowpark session; not used.
        request: JSON text, `{"invocation_id": ...}`.

    Returns:
        `http_status` (None without an answer), `outcome`, `error_class`, `message`, `url` and
        `duration_ms` of the request with its retries; `versions`, the versions that run here.

    Raises:
        ValueError: when the request is not legal.

    """
    read_request(request)
    settings = load_settings()
    try:
        authorization = read_authorization(settings)
    except ValueError as error:
        return {
            "outcome": "rejected",
            "error_class": "SecretUnusable",
            "message": str(error),
            "versions": _versions(),
        }
    api = PolicyApi(settings, authorization)
    try:
        seen = api.poll_policy_status(PROBED_POLICY_ID)
    finally:
        api.close()
    return {
        "http_status": seen.http_status,
        "outcome": seen.kind,
        "error_class": seen.error_class,
        "message": seen.message,
        "url": seen.url,
        "duration_ms": seen.duration_ms,
        "versions": _versions(),
    }


def _versions() -> dict[str, str]:
    """The versions that the account resolved for this procedure."""
    return {
        "Python": platform.python_version(),
        "requests": requests.__version__,
        "urllib3": urllib3.__version__,  # type: ignore[attr-defined]
    }

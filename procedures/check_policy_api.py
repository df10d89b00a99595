"""Checks from inside Snowflake whether the API can be reached; for the diagnosis."""

from __future__ import annotations

import platform
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from snowflake.snowpark import Session

from procedures.common.bound_json import to_json
from procedures.common.settings import load_settings
from procedures.description.description import Description, read_description
from procedures.description.templates import names_in
from procedures.domain.api_outcome import ApiOutcome
from procedures.domain.request import read_endpoint, read_request
from procedures.http.credentials import SecretError, read_credentials
from procedures.http.policy_api import PolicyApi
from procedures.tables.breakers import Breakers
from procedures.tables.database import Database

# No policy has this id. The usual answer is 404, which shows that the API answers.
PROBED_POLICY_ID = "policy-workflow-check"


def check_policy_api(session: Session, request: str) -> dict[str, Any]:
    """Ask for the status of a policy that does not exist; nothing is written or created.

    Where the description names more hosts, their roots are asked, too: with GET, which changes
    nothing.

    Args:
        session: the procedure's Snowpark session.
        request: JSON text, `{"invocation_id": ...}`. With `"reset_breaker"`, an endpoint or "all",
            the breakers are closed by hand, and nothing is sent.

    Returns:
        After `reset_breaker`: `closed`, the endpoints whose breakers were not closed. Otherwise:
        `http_status` (None without an answer), `outcome`, `error_class`, `message`, `url` and
        `duration_ms` of the request with its retries; `others`, the same for each further host;
        `versions`, the versions that run here; `secret_problem`, the secret because of which
        nothing was sent.

    Raises:
        ValueError: when the request is not legal.

    """
    wanted = read_request(request)
    settings = load_settings()
    if wanted.get("reset_breaker") is not None:
        breakers = Breakers(Database(session), settings, wanted["invocation_id"])
        return {"closed": breakers.reset(read_endpoint(wanted["reset_breaker"]))}
    description = read_description(settings.api)
    try:
        credentials = read_credentials(description)
    except SecretError as error:
        return {
            "outcome": "rejected",
            "error_class": "SecretUnusable",
            "message": str(error),
            "secret_problem": error.as_answer(),
            "versions": _versions(),
        }
    api = PolicyApi(settings, credentials)
    try:
        seen = api.send(api.polling(PROBED_POLICY_ID, *_probe(description)))
        others = [_seen_by(api.send(api.probing(url))) for url in _further_hosts(description)]
    finally:
        api.close()
    return {**_seen_by(seen), "others": others, "versions": _versions()}


def _probe(description: Description) -> tuple[dict[str, str], str]:
    """Values for all placeholders of the poll, which name nothing that exists."""
    names = {*names_in(description.poll.url), *names_in(description.poll.body)}
    texts = dict.fromkeys((name for name in names if "." not in name), PROBED_POLICY_ID)
    policy: dict[str, Any] = {}
    for name in names:
        *way, last = name.split(".")[1:] or ["policy_name"]
        inner = policy
        for part in way:
            inner = inner.setdefault(part, {})
        inner[last] = PROBED_POLICY_ID
    return texts, to_json(policy)


def _further_hosts(description: Description) -> list[str]:
    """The roots of the hosts that the poll does not go to."""
    roots = [
        f"{urlsplit(endpoint.url).scheme}://{urlsplit(endpoint.url).netloc}/"
        for endpoint in (
            description.poll,
            description.find,
            description.create,
            description.trigger,
        )
        if endpoint
    ]
    return [root for root in dict.fromkeys(roots) if root != roots[0]]


def _seen_by(seen: ApiOutcome) -> dict[str, Any]:
    return {
        "http_status": seen.http_status,
        "outcome": seen.kind,
        "error_class": seen.error_class,
        "message": seen.message,
        "url": seen.url,
        "duration_ms": seen.duration_ms,
    }


def _versions() -> dict[str, str]:
    """The versions that the account resolved for this procedure."""
    return {
        "Python": platform.python_version(),
        "requests": requests.__version__,
        "urllib3": urllib3.__version__,  # type: ignore[attr-defined]
    }

"""An API's own answer, and what an order makes of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from local_stack.policy_api.behaviours import Behaviour
from local_stack.policy_api.wire import (
    DrippingResponse,
    OrderedResponse,
    RawResponse,
    ResetResponse,
)


@dataclass
class OwnAnswer:
    """What an API answers where no order says otherwise; a body of None is an empty one."""

    status: int
    body: Any
    effect: bool = False
    headers: dict[str, str] = field(default_factory=dict)


def ordered_answer(behaviour: Behaviour, answer: OwnAnswer) -> Response:
    """Make the answer that goes on the wire, with what was ordered to come before and after it."""
    if behaviour.raw is not None:
        return OrderedResponse(RawResponse(behaviour.raw), behaviour)
    return OrderedResponse(_response(behaviour, answer), behaviour)


def _response(behaviour: Behaviour, answer: OwnAnswer) -> Response:
    status = behaviour.http_status or answer.status
    content, kind = _content(behaviour, answer)
    headers = {
        **answer.headers,
        **behaviour.headers,
        "content-type": behaviour.content_type or kind,
    }
    if behaviour.reset:
        return ResetResponse(content, status, headers, during=behaviour.reset == "during")
    if behaviour.drip_seconds is not None:
        return DrippingResponse(content, status, headers, seconds=behaviour.drip_seconds)
    if status in (204, 304):
        return Response(status_code=status)
    return Response(content, status, headers)


def _content(behaviour: Behaviour, answer: OwnAnswer) -> tuple[bytes, str]:
    if isinstance(behaviour.body, str):
        return behaviour.body.encode("utf-8", "surrogateescape"), "text/plain"
    body = behaviour.body if behaviour.body is not None else answer.body
    if body is None:
        return b"", "text/plain"
    if behaviour.body is None:
        body = {**body, **behaviour.extra}
    return json.dumps(body, ensure_ascii=False).encode(), "application/json"

"""Shows the requests of an execution, and what would be read from an answer; sends nothing."""

from __future__ import annotations

from typing import Any

from snowflake.snowpark import Session

from procedures.answers.answer_json import parse_answer
from procedures.answers.pointers import Received, look_up
from procedures.answers.signs import id_text, levels, own_ids, policy_ids
from procedures.common.bound_json import to_json
from procedures.common.settings import load_settings
from procedures.description.description import Description, Endpoint, read_description
from procedures.description.templates import PlaceholderError
from procedures.domain.api_outcome import ApiOutcome
from procedures.domain.request import policy_problem, read_execution_id, read_request
from procedures.http.credentials import masked_credentials
from procedures.http.policy_api import Call, PolicyApi
from procedures.http.transport import Answer

_STEPS = ("find", "create", "poll", "trigger")
# Stands for what only the API's answer to the create request can say.
POLICY_ID = "POLICY_ID"


def explain_policy_api(session: Session, request: str) -> dict[str, Any]:  # noqa: ARG001
    """Make the requests of all steps for one policy, and read an answer; nothing is sent.

    Args:
        session: the procedure's Snowpark session; not used.
        request: JSON text, `{"invocation_id": ..., "policy_data": {...}, "execution_id": ...}` and,
            to read an answer, `"answer": {"step": ..., "body": <text>, "http_status": ...,
            "headers": {...}}`. Without a step the answer is read as the answer to each step.

    Returns:
        `requests`, for each step its `step`, `method`, `url`, `headers`, `body` (None for a request
        without a body) and `note` (None where there is nothing to say); secrets are shown by their
        placeholders. `readings`: what the answer means at each step, `step`, `kind`, `message`,
        `error_class` and `policy_id`; none without an answer.

    Raises:
        ValueError: when the request is not legal.

    """
    wanted = read_request(request)
    execution_id = read_execution_id(wanted.get("execution_id"))
    policy = wanted.get("policy_data")
    if problem := policy_problem(policy):
        raise ValueError(f"policy_data {problem}")
    settings = load_settings()
    description = read_description(settings.api)
    api = PolicyApi(settings, masked_credentials(description))
    try:
        text = to_json(policy)
        calls = _calls(api, description, execution_id, text)
        shown = [_request_of(api, step, calls.get(step)) for step in _STEPS]
        return {
            "requests": [item for item in shown if item],
            "readings": _readings_of(api, calls, text, wanted.get("answer")),
        }
    finally:
        api.close()


def _calls(
    api: PolicyApi, description: Description, execution_id: str, policy: str
) -> dict[str, Call]:
    ids = {"execution_id": execution_id, "api_execution_id": execution_id}
    calls = {
        "create": api.creating(execution_id, policy, was_sent_before=True),
        "poll": api.polling(POLICY_ID, ids, policy),
    }
    if description.find:
        calls["find"] = api.finding(execution_id, policy)
    if description.trigger:
        calls["trigger"] = api.triggering(
            execution_id, POLICY_ID, execution_id, policy, was_sent_before=True
        )
    return calls


def _request_of(api: PolicyApi, step: str, call: Call | None) -> dict[str, Any] | None:
    if call is None:
        note = "The API has no circuit breaker: the execution is completed when the policy is ready"
        return {"step": step, "note": note} if step == "trigger" else None
    try:
        made = api.prepared(call)
    except PlaceholderError as error:
        return {
            "step": step,
            "method": call.endpoint.method,
            "url": call.endpoint.url,
            "headers": {},
            "body": None,
            "note": f"the request cannot be made: {error}",
        }
    return {
        "step": step,
        "method": made.method,
        "url": made.url,
        "headers": {**api.headers, **made.headers},
        "body": made.data.decode() if made.data is not None else None,
        "note": _note(call.endpoint, finds=api.description.finds),
    }


def _note(endpoint: Endpoint, *, finds: bool) -> str | None:
    """Say what happens when nobody knows whether the API has processed the request."""
    if endpoint.step == "find":
        return "Asked before a create that may have been sent before"
    if endpoint.is_read:
        return None
    if endpoint.key is not None:
        return "In doubt: sent again with the same idempotency key"
    if endpoint.step == "create" and finds:
        return "In doubt: find is asked, and the policy is created only if it is not there"
    if endpoint.is_repeatable:
        return "In doubt: sent again; a repetition does no harm, as the description says"
    return "In doubt: never sent again by itself; a person decides, with retry_policy_workflow"


def _readings_of(
    api: PolicyApi, calls: dict[str, Call], policy: str, answer: Any
) -> list[dict[str, Any]]:
    if answer is None:
        return []
    step = answer.get("step") if isinstance(answer, dict) else ""
    if step not in (None, *calls):
        raise ValueError(f"the step of an answer is one of {', '.join(sorted(calls))}")
    body, status = answer.get("body"), answer.get("http_status", 200)
    headers = answer.get("headers") or {}
    if not (isinstance(body, str) and isinstance(headers, dict)):
        raise ValueError("the body of an answer is a text, and its headers are an object")  # noqa: TRY004
    if not isinstance(status, int) or isinstance(status, bool) or not 100 <= status <= 599:
        raise ValueError("http_status is a number from 100 to 599")
    came = Answer(
        status, body.encode(), {str(name).lower(): str(text) for name, text in headers.items()}
    )
    asked = _policy_id_in(came, api.description.poll)
    calls = calls | {"poll": api.polling(asked, policy=policy)}
    return [
        _reading_at(name, api.read(calls[name], came))
        for name in _STEPS
        if name in calls and step in (None, name)
    ]


def _reading_at(step: str, outcome: ApiOutcome) -> dict[str, Any]:
    return {
        "step": step,
        "kind": outcome.kind,
        "message": outcome.message,
        "error_class": outcome.error_class,
        "policy_id": outcome.policy_id,
    }


def _policy_id_in(came: Answer, poll: Endpoint) -> str:
    """The id of the policy that an answer is about: no policy was asked for here."""
    body, _ = parse_answer(came.body)
    if poll.id_at is not None:
        found = id_text(look_up(poll.id_at, Received(body)).value)
    else:
        read = levels(body) if isinstance(body, dict) else []
        found = next((sign.says for sign in policy_ids(read) or own_ids(read)), None)
    return found or POLICY_ID

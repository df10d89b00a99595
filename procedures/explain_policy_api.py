"""Shows the requests of an execution, and what would be read from an answer; sends nothing."""

from __future__ import annotations

from typing import Any, NamedTuple

from snowflake.snowpark import Session

from procedures.answers.answer_json import parse_answer
from procedures.answers.pointers import Received, look_up
from procedures.answers.signs import TooManyPartsError, id_text, levels, own_ids, policy_ids
from procedures.common.bound_json import to_json
from procedures.common.settings import Settings, load_settings
from procedures.description.description import Endpoint, read_description
from procedures.description.templates import PlaceholderError
from procedures.domain.api_outcome import ApiOutcome
from procedures.domain.request import (
    policy_problem,
    read_execution_id,
    read_policy_id,
    read_request,
)
from procedures.http.credentials import masked_credentials
from procedures.http.policy_api import Call, PolicyApi
from procedures.http.transport import PARTIAL_CONTENT, Answer

_STEPS = ("find", "create", "poll", "trigger")
# Stands for what only the API's answer to the create request can say.
POLICY_ID = "POLICY_ID"


def explain_policy_api(session: Session, request: str) -> dict[str, Any]:  # noqa: ARG001
    """Make the requests of all steps for one policy, and read an answer; nothing is sent.

    Args:
        session: the procedure's Snowpark session; not used.
        request: JSON text, `{"invocation_id": ..., "settings": {...}, "policy_data": {...},
            "execution_id": ..., "policy_id": ...}`, where `settings` are those that other
            procedures have in their bodies, and policy_id may be left out; and, to read an answer,
            `"answer": {"step": ..., "body": <text>, "http_status": ..., "headers": {...}}`. Without
            a step the answer is read as the answer to each step.

    Returns:
        `requests`, for each step its `step`, `method`, `url`, `headers`, `body` (None for a request
        without a body) and `note` (None where there is nothing to say); secrets are shown by their
        placeholders. `readings`: what the answer means at each step, `step`, `request` (None, or
        which of two requests, where the answer means another thing to a repeated request), `kind`,
        `message`, `error_class`, `policy_id` and `note`; none without an answer.

    Raises:
        ValueError: when the request is not legal.

    """
    wanted = read_request(request)
    execution_id = read_execution_id(wanted.get("execution_id"))
    policy = wanted.get("policy_data")
    if problem := policy_problem(policy):
        raise ValueError(f"policy_data {problem}")
    policy_id = wanted.get("policy_id")
    if policy_id is not None:
        policy_id = read_policy_id(policy_id)
    settings = _settings_of(wanted.get("settings"))
    description = read_description(settings.api)
    api = PolicyApi(settings, masked_credentials(description))
    try:
        text = to_json(policy)
        asked = _Asked(api, execution_id, text, policy_id)
        calls = asked.calls()
        shown = [_request_of(api, step, calls.get(step)) for step in _STEPS]
        return {
            "requests": [item for item in shown if item],
            "readings": _readings_of(asked, wanted.get("answer")),
        }
    finally:
        api.close()


def _settings_of(given: Any) -> Settings:
    try:
        return load_settings(to_json(given))
    except (TypeError, AttributeError) as error:
        raise ValueError("settings must be those that the command sends") from error


class _Asked(NamedTuple):
    """What a person wants explained: the requests for one policy."""

    api: PolicyApi
    execution_id: str
    policy: str
    policy_id: str | None

    def calls(
        self, *, policy_id: str | None = None, was_sent_before: bool = True
    ) -> dict[str, Call]:
        """The call of each step that the API has.

        Args:
            policy_id: the policy's id where the person gave none.
            was_sent_before: whether create and trigger are repeated.

        """
        api, execution_id, text = self.api, self.execution_id, self.policy
        known = self.policy_id or policy_id or POLICY_ID
        ids = {"execution_id": execution_id, "api_execution_id": execution_id}
        calls = {
            "create": api.creating(execution_id, text, was_sent_before=was_sent_before),
            "poll": api.polling(known, ids, text),
        }
        if api.description.find:
            calls["find"] = api.finding(execution_id, text)
        if api.description.trigger:
            calls["trigger"] = api.triggering(
                execution_id, known, execution_id, text, was_sent_before=was_sent_before
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
        "headers": made.headers,
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


def _readings_of(asked: _Asked, answer: Any) -> list[dict[str, Any]]:
    if answer is None:
        return []
    calls = asked.calls()
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
        status,
        body.encode(),
        {str(name).lower(): str(text) for name, text in headers.items()},
        problem=PARTIAL_CONTENT if status == 206 else None,
    )
    return [
        reading
        for name in _STEPS
        if name in calls and step in (None, name)
        for reading in _readings_at(name, asked, came)
    ]


def _readings_at(step: str, asked: _Asked, came: Answer) -> list[dict[str, Any]]:
    """Read an answer at a step: once, or twice where a repeated request would read it otherwise."""
    endpoint = asked.calls()[step].endpoint
    named = None if asked.policy_id else _policy_id_in(came, endpoint)
    is_repeated = not endpoint.is_read and (
        endpoint.is_repeatable or (step == "create" and asked.api.description.finds)
    )
    first, again = (
        asked.api.read(asked.calls(policy_id=named, was_sent_before=repeated)[step], came)
        for repeated in (False, is_repeated)
    )
    note = None
    if named:
        note = f"Read as the answer about policy {named}, which it names; policy_id checks that"
    if first == again:
        return [_reading(step, None, first, note)]
    return [
        _reading(step, "the first request", first, note),
        _reading(step, "a repeated request", again, note),
    ]


def _reading(
    step: str, request: str | None, outcome: ApiOutcome, note: str | None
) -> dict[str, Any]:
    return {
        "step": step,
        "request": request,
        "kind": outcome.kind,
        "message": outcome.message,
        "error_class": outcome.error_class,
        "policy_id": outcome.policy_id,
        "note": note,
    }


def _policy_id_in(came: Answer, endpoint: Endpoint) -> str | None:
    """The id of the policy that an answer to a poll or a trigger is about, where it names one."""
    if endpoint.step not in ("poll", "trigger") or endpoint.confirmation:
        return None
    body, _ = parse_answer(came.body)
    if endpoint.id_at is not None:
        return id_text(look_up(endpoint.id_at, Received(body)).value)
    try:
        read = levels(body) if isinstance(body, dict) else []
    except TooManyPartsError:
        return None
    signs = policy_ids(read) or (own_ids(read) if endpoint.step == "poll" else [])
    return next((sign.says for sign in signs if sign.says), None)

"""The HTTP server: the three endpoints, the control endpoints, and the journal."""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local_snowflake.protocol.background_server import BackgroundServer
from local_stack.policy_api.answers import OwnAnswer, ordered_answer
from local_stack.policy_api.behaviours import Behaviour, Behaviours
from local_stack.policy_api.policies import DEFAULT_STATUSES, SUCCESS, Policies, Policy
from local_stack.policy_api.wire import raw_status

DESCRIPTION = Path(__file__).with_name("openapi.yaml")
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass
class Received:
    """One request, as the client sent it, and the answer."""

    endpoint: str
    method: str
    path: str
    headers: dict[str, str]
    body: str
    json: Any
    received_at: float
    status: int | None = None
    effect: bool = False


class PolicyApi:
    """A policy API in this process; several policy APIs share nothing.

    Args:
        port: the port to listen on; 0 takes a free one.
        host: the address to listen on.
        honour_idempotency_keys: whether a repeated Idempotency-Key has no second effect.
        control_token: what the control endpoints ask for; None leaves them open to all.

    """

    def __init__(
        self,
        port: int = 0,
        host: str = "127.0.0.1",
        *,
        honour_idempotency_keys: bool = True,
        control_token: str | None = None,
    ) -> None:
        self.port = port
        self.host = host
        self.honour_idempotency_keys = honour_idempotency_keys
        self._begun_honouring = honour_idempotency_keys
        self._control_token = control_token
        self.behaviours = Behaviours()
        self.policies = Policies()
        self._journal: list[Received] = []
        self._kept_answers: dict[str, tuple[str, OwnAnswer]] = {}
        self._server: BackgroundServer | None = None

    @property
    def base_url(self) -> str:
        """The URL at which the API answers."""
        return f"http://{self.host}:{self.port}"

    def start(self) -> PolicyApi:
        """Start to answer; returns when it does."""
        self._server = BackgroundServer(self._application(), self.host, self.port)
        self.port = self._server.port
        return self

    def stop(self) -> None:
        """Stop answering."""
        if self._server:
            self._server.stop()

    def __enter__(self) -> PolicyApi:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def order(self, **behaviour: Any) -> None:
        """Order one behaviour; see `Behaviour` for what can be ordered."""
        self.behaviours.order([behaviour])

    def journal(self, endpoint: str | None = None) -> list[Received]:
        """The requests received so far, in order."""
        return [entry for entry in list(self._journal) if endpoint in (None, entry.endpoint)]

    def reset(self) -> None:
        """Forget orders, settings, policies, kept answers and the journal."""
        self.honour_idempotency_keys = self._begun_honouring
        self.behaviours.clear()
        self.policies.clear()
        self._kept_answers.clear()
        self._journal.clear()

    def _application(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/createpolicy", self._create, methods=["POST"]),
                Route("/policy/{policy_id:path}", self._status, methods=["GET"]),
                Route("/circuit", self._circuit, methods=["POST"]),
                *(
                    Route(f"/_control/{path}", self._guarded(endpoint), methods=methods)
                    for path, endpoint, methods in (
                        ("all", self._forget_all, ["DELETE"]),
                        ("settings", self._settings, ["GET", "PUT"]),
                        ("behaviours", self._order_behaviours, ["PUT", "DELETE"]),
                        ("journal", self._show_journal, ["GET", "DELETE"]),
                        ("policies", self._show_policies, ["GET"]),
                    )
                ),
                Route("/openapi.json", self._describe, methods=["GET"]),
            ]
        )

    # --- the three endpoints ----------------------------------------------------------------------

    async def _create(self, request: Request) -> Response:
        entry = await self._receive(request, "create")
        name = entry.json.get("policy_name") if isinstance(entry.json, dict) else None

        def act() -> OwnAnswer:
            if not isinstance(entry.json, dict):
                return OwnAnswer(400, {"error": "the body must be a JSON object"})
            policy = self.policies.create(entry.json)
            ids = {"policy_id": policy.policy_id, "execution_id": policy.execution_id}
            return OwnAnswer(200, ids, effect=True)

        return await self._respond(entry, name if isinstance(name, str) else None, act)

    async def _status(self, request: Request) -> Response:
        entry = await self._receive(request, "status")
        policy = self.policies.get(unquote(entry.path.removeprefix("/policy/")))

        def act() -> OwnAnswer:
            if not policy:
                return OwnAnswer(404, {"error": "no such policy"})
            statuses = self.behaviours.statuses(policy.name) or DEFAULT_STATUSES
            status = self.policies.poll(policy, statuses)
            return OwnAnswer(200, {"policy_id": policy.policy_id, "status": status}, effect=True)

        return await self._respond(entry, policy.name if policy else None, act)

    async def _circuit(self, request: Request) -> Response:
        entry = await self._receive(request, "circuit")
        asked = entry.json if isinstance(entry.json, dict) else {}
        policy = self.policies.get(str(asked.get("policy_id")))

        def act() -> OwnAnswer:
            return self._trigger(asked, policy)

        return await self._respond(entry, policy.name if policy else None, act)

    def _trigger(self, asked: dict[str, Any], policy: Policy | None) -> OwnAnswer:
        missing = [
            key
            for key in ("policy_id", "execution_id", "trigger_reason")
            if not isinstance(asked.get(key), str)
        ]
        if missing:
            return OwnAnswer(400, {"error": f"missing or not a text: {', '.join(missing)}"})
        if not policy:
            return OwnAnswer(404, {"error": "no such policy"})
        if policy.status.lower() not in SUCCESS:
            return OwnAnswer(409, {"error": f"the policy is {policy.status}"})
        breaker = self.policies.trigger(policy, asked)
        body = {
            "status": "triggered",
            "policy_id": policy.policy_id,
            "execution_id": asked["execution_id"],
            "circuit_breaker_id": breaker,
        }
        return OwnAnswer(200, body, effect=True)

    async def _receive(self, request: Request, endpoint: str) -> Received:
        body = (await request.body()).decode("utf-8", "replace")
        try:
            parsed = json.loads(body) if body else None
        except ValueError:
            parsed = None
        path = request.scope.get("raw_path", request.url.path.encode()).decode()
        entry = Received(
            endpoint, request.method, path, dict(request.headers), body, parsed, time.time()
        )
        self._journal.append(entry)
        return entry

    async def _respond(self, entry: Received, policy_name: str | None, act: Any) -> Response:
        behaviour = self.behaviours.pick(entry.endpoint, policy_name) or Behaviour()
        if behaviour.latency_seconds:
            await asyncio.sleep(behaviour.latency_seconds)
        answer = self._once(entry, act) if behaviour.effect else OwnAnswer(200, {})
        entry.effect = answer.effect
        if not behaviour.hang:
            own = behaviour.http_status or answer.status
            entry.status = own if behaviour.raw is None else raw_status(behaviour.raw)
        return ordered_answer(behaviour, answer)

    def _once(self, entry: Received, act: Any) -> OwnAnswer:
        key = entry.headers.get("idempotency-key")
        if not key or not self.honour_idempotency_keys:
            answer: OwnAnswer = act()
            return answer
        if key in self._kept_answers:
            body, kept = self._kept_answers[key]
            if body != entry.body:
                return OwnAnswer(422, {"error": "this Idempotency-Key came with another body"})
            return OwnAnswer(kept.status, kept.body, effect=False)
        answer = act()
        if answer.effect:
            self._kept_answers[key] = (entry.body, answer)
        return answer

    # --- control ----------------------------------------------------------------------------------

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def answer(request: Request) -> Response:
            given = request.headers.get("authorization", "")
            wanted = f"Bearer {self._control_token}"
            if self._control_token and not hmac.compare_digest(given.encode(), wanted.encode()):
                headers = {"WWW-Authenticate": 'Bearer realm="policy API control"'}
                return JSONResponse(
                    {"error": "the control token is missing or wrong"}, 401, headers
                )
            return await endpoint(request)

        return answer

    async def _forget_all(self, _: Request) -> Response:
        self.reset()
        return self._show_settings()

    async def _settings(self, request: Request) -> Response:
        if request.method == "PUT":
            try:
                asked = await request.json()
            except ValueError:
                asked = None
            honour = asked.get("honour_idempotency_keys") if isinstance(asked, dict) else None
            if not isinstance(honour, bool) or len(asked) > 1:
                return JSONResponse({"error": "honour_idempotency_keys must be true or false"}, 400)
            self.honour_idempotency_keys = honour
        return self._show_settings()

    def _show_settings(self) -> Response:
        return JSONResponse({"honour_idempotency_keys": self.honour_idempotency_keys})

    async def _order_behaviours(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.behaviours.clear()
            return JSONResponse({"behaviours": 0})
        try:
            orders = await request.json()
            if not isinstance(orders, list):
                return JSONResponse({"error": "the body must be a list of orders"}, 400)
            self.behaviours.order(orders)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"behaviours": len(orders)})

    async def _show_journal(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._journal.clear()
        # Not JSONResponse, which cannot hold half of a surrogate pair; a body may have brought one.
        entries = [asdict(entry) for entry in list(self._journal)]
        return Response(json.dumps(entries), media_type="application/json")

    async def _show_policies(self, _: Request) -> Response:
        return JSONResponse(self.policies.effects())

    async def _describe(self, _: Request) -> Response:
        return JSONResponse(yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8")))

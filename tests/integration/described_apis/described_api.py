"""What the described APIs share: a server, credentials, orders, a journal, and the books."""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self
from urllib.parse import parse_qs, unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local_snowflake.protocol.background_server import BackgroundServer
from local_stack.policy_api.answers import OwnAnswer, ordered_answer
from local_stack.policy_api.behaviours import Behaviour, Behaviours
from local_stack.policy_api.wire import raw_status

HOST = "127.0.0.1"
# One secret of a test: a text, or a user and a password.
SecretValue = str | tuple[str, str]


@dataclass
class Asked:
    """One request as it came, and the status of the answer."""

    step: str
    """find, create, status or circuit; empty where no such endpoint is documented."""
    port: int
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str
    json: Any
    parts: dict[str, str]
    """What the path names, such as an id."""
    name: str | None = None
    status: int | None = None
    effect: bool = False


@dataclass
class Thing:
    """What a create request made: a policy, a scan, an incident."""

    id: str
    name: str
    asked: Any
    """The body that made it."""
    statuses: list[str]
    polls: int = 0
    made_at: float = field(default_factory=time.monotonic)

    @property
    def status(self) -> str:
        """How far it is."""
        return self.statuses[min(self.polls, len(self.statuses) - 1)]


Handler = Callable[[Asked], OwnAnswer]


@dataclass(frozen=True)
class Endpoint:
    """One documented endpoint; `pattern` is of the whole path, and its groups become parts."""

    step: str
    method: str
    pattern: str
    handler: Handler
    elsewhere: bool = False
    """Whether the endpoint is at the API's second host."""


@dataclass(frozen=True)
class Facts:
    """What tests have to know of an API.

    Args:
        example: the file under docs/apis/ that describes it; empty where there is none.
        secrets: by alias, what the API wants to be shown.
        ready: the statuses of something that becomes ready, one after the other.
        failed: those of something that fails.

    """

    example: str
    secrets: Mapping[str, SecretValue]
    ready: list[str]
    failed: list[str]


class DescribedApi:
    """An API in this process that answers as documented; several share nothing.

    Tests order faults as they do of the local policy API. `created` and `tripped` count, by the
    name that a test gives a policy, how often something was made and how often its breaker went.
    """

    FACTS: ClassVar[Facts]
    # What the var policy_api says, of an API that has no file under docs/apis/.
    DESCRIPTION: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        self.behaviours = Behaviours()
        self.find_behaviours = Behaviours()
        self.things: dict[str, Thing] = {}
        self.created: Counter[str] = Counter()
        self.tripped: Counter[str] = Counter()
        self.journal: list[Asked] = []
        self.shown_after_seconds = 0.0
        self.conflicts_on_repetition = False
        self.echoes = False
        self._servers: list[BackgroundServer] = []

    # --- what each API says of itself -------------------------------------------------------------

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The documented endpoints."""
        raise NotImplementedError

    def knows(self, asked: Asked) -> bool:
        """Whether a request shows the credentials that the API wants."""
        raise NotImplementedError

    def refusal(self, status: int, message: str) -> OwnAnswer:
        """An error in the shape that the API documents."""
        return OwnAnswer(status, {"error": message})

    def policy(self, name: str) -> dict[str, Any]:
        """A policy as the example expects it."""
        return {"policy_name": name}

    def name_in(self, asked: Asked) -> str | None:
        """The name of the policy that a create request is for."""
        raise NotImplementedError

    # --- server -----------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        everything = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        for _ in range(1 + any(endpoint.elsewhere for endpoint in self.endpoints())):
            routes = [Route("/{path:path}", self._answer, methods=everything)]
            self._servers.append(BackgroundServer(Starlette(routes=routes), HOST, 0))
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.stop()

    @property
    def ports(self) -> list[int]:
        """Where it answers: the API, and its second host where it has one."""
        return [server.port for server in self._servers]

    @property
    def base_urls(self) -> list[str]:
        """The address of each host."""
        return [f"http://{HOST}:{port}" for port in self.ports]

    def order(self, **behaviour: Any) -> None:
        """Order one behaviour of create, status or circuit; see `Behaviour`."""
        self.behaviours.order([behaviour])

    def order_of_find(self, **behaviour: Any) -> None:
        """Order one behaviour of find."""
        self.find_behaviours.order([behaviour])

    def forget_orders(self) -> None:
        """Behave as without any order."""
        self.behaviours.clear()
        self.find_behaviours.clear()
        self.echoes = self.conflicts_on_repetition = False

    def requests(self, step: str) -> list[Asked]:
        """The requests that one endpoint received."""
        return [asked for asked in list(self.journal) if asked.step == step]

    # --- for the handlers -------------------------------------------------------------------------

    def make(self, asked: Asked, new_id: str | None = None) -> Thing:
        """Make something of a create request, and write it down."""
        name = asked.name or ""
        thing = Thing(
            new_id or uuid.uuid4().hex[:12],
            name,
            asked.json,
            self.behaviours.statuses(name) or self.FACTS.ready,
        )
        self.things[thing.id] = thing
        self.created[name] += 1
        asked.effect = True
        return thing

    def trip(self, asked: Asked, name: str) -> None:
        """Write down that a breaker went."""
        self.tripped[name] += 1
        asked.effect = True

    def polled(self, thing: Thing) -> str:
        """The status of something; the next poll sees the next one."""
        status = thing.status
        thing.polls += 1
        return status

    def shown(self) -> list[Thing]:
        """What `find` sees by now."""
        limit = time.monotonic() - self.shown_after_seconds
        return [thing for thing in list(self.things.values()) if thing.made_at <= limit]

    # --- answering --------------------------------------------------------------------------------

    async def _answer(self, request: Request) -> Response:
        port = request.url.port or 0
        asked, endpoint = await self._read(request, port)
        self.journal.append(asked)
        orders = self.find_behaviours if asked.step == "find" else self.behaviours
        behaviour = orders.pick(asked.step, asked.name) or Behaviour()
        if behaviour.latency_seconds:
            await asyncio.sleep(behaviour.latency_seconds)
        if not self.knows(asked):
            answer = self.refusal(401, "the credentials are missing or wrong")
        elif endpoint is None:
            answer = self.refusal(404, "no such endpoint")
        elif not behaviour.effect:
            answer = OwnAnswer(200, {})
        elif self._is_repeated(asked):
            answer = self.refusal(409, "this was asked before")
        else:
            answer = endpoint.handler(asked)
        if self.echoes:
            answer = replace(answer, body=_with_echo(answer.body, asked))
        if behaviour.extra and isinstance(answer.body, dict):
            answer = replace(answer, body=_merged(answer.body, behaviour.extra))
            behaviour = replace(behaviour, extra={})
        if isinstance(answer.body, list) and behaviour.body is None:
            behaviour = replace(behaviour, body=answer.body)
        asked.status = behaviour.http_status or answer.status
        if behaviour.raw is not None:
            asked.status = raw_status(behaviour.raw)
        return ordered_answer(behaviour, answer)

    async def _read(self, request: Request, port: int) -> tuple[Asked, Endpoint | None]:
        body = (await request.body()).decode("utf-8", "replace")
        try:
            parsed = json.loads(body) if body else None
        except ValueError:
            parsed = None
        path = request.scope.get("raw_path", request.url.path.encode()).decode()
        query = {
            key: values[0]
            for key, values in parse_qs(request.url.query, keep_blank_values=True).items()
        }
        asked = Asked(
            "", port, request.method, path, query, dict(request.headers), body, parsed, {}
        )
        for endpoint in self.endpoints():
            found = re.fullmatch(endpoint.pattern, path)
            is_here = port == self.ports[-1 if endpoint.elsewhere else 0]
            if found and endpoint.method == request.method and is_here:
                asked.step = self.step_of(asked, endpoint.step)
                asked.parts = {key: unquote(text) for key, text in found.groupdict().items()}
                asked.name = self.name_in(asked) if asked.step == "create" else self.about(asked)
                return asked, endpoint
        return asked, None

    def step_of(self, asked: Asked, step: str) -> str:  # noqa: ARG002
        """The step that a request belongs to, where one address serves several."""
        return step

    def about(self, asked: Asked) -> str | None:
        """The name of the policy that a later request is about."""
        thing = self.things.get(asked.parts.get("id", ""))
        return thing.name if thing else None

    def _is_repeated(self, asked: Asked) -> bool:
        done = self.created if asked.step == "create" else self.tripped
        return (
            self.conflicts_on_repetition
            and asked.step in ("create", "circuit")
            and done[asked.name or ""] > 0
        )


def echoed(asked: Asked) -> dict[str, Any]:
    """A request as a careless API repeats it in its answer."""
    return {
        "headers": asked.headers,
        "body": asked.json,
        "as_text": asked.body,
        "url": asked.path,
        "command": " ".join(f"-H '{name}: {value}'" for name, value in asked.headers.items()),
    }


def _with_echo(body: Any, asked: Asked) -> Any:
    if isinstance(body, list):
        return [{**item, "you_sent": echoed(asked)} for item in body]
    return {**(body if isinstance(body, dict) else {}), "you_sent": echoed(asked)}


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Both objects in one; what both have, and is an object in both, is merged as well."""
    both = dict(one)
    for key, value in other.items():
        kept = both.get(key)
        inner = isinstance(kept, dict) and isinstance(value, dict)
        both[key] = _merged(kept, value) if inner else value  # type: ignore[arg-type]
    return both

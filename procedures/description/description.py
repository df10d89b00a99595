"""The description of the policy API that a procedure was registered with.

The macro `_policy_api` makes the description of the var policy_api, checks the description, and
fills in what the var does not say. So nothing is checked or filled in here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urlsplit

from procedures.description.templates import names_in

StepName = Literal["find", "create", "poll", "trigger"]
# An answer that does not say which policy it is about has this in the place of its id.
NO_PLACE = "none"
FORM = "application/x-www-form-urlencoded"
# A repetition of these does what one request does (RFC 9110, 9.2.2).
_IDEMPOTENT_METHODS = frozenset({"PUT", "DELETE"})


@dataclass(frozen=True)
class Key:
    """Where the idempotency key of a request stands: in a header, or in the body at a pointer."""

    header: str | None = None
    body: str | None = None


@dataclass(frozen=True)
class Confirmation:
    """What confirms a circuit breaker: one of these values at this pointer of the answer."""

    at: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Endpoint:
    """One request to the API, and where its answer says what.

    Args:
        step: what the request is for.
        method: the HTTP method.
        url: the address, with placeholders.
        body: the body, with placeholders; None for a request without a body.
        headers: the headers, with placeholders.
        busy: HTTP statuses that mean "not now".
        already: HTTP statuses that say, to a repeated request, that the first one took effect.
        absent: HTTP statuses that say, to `find`, that the policy is not there.
        key: where the idempotency key stands; None where the API knows no keys.
        id_at: where the answer has the policy's id; None for the places that APIs usually take;
            NO_PLACE where the answer does not say which policy it is about.
        status_at: where the answer has the policy's statuses; empty for the usual places.
        confirmation: what confirms the circuit breaker; None for the usual words.
        again_after_seconds: how long `find` waits before it believes that a policy is not there.

    """

    step: StepName
    method: str
    url: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    busy: frozenset[int] = frozenset()
    already: frozenset[int] = frozenset()
    absent: frozenset[int] = frozenset()
    key: Key | None = None
    id_at: str | None = None
    status_at: tuple[str, ...] = ()
    confirmation: Confirmation | None = None
    again_after_seconds: float = 0

    @property
    def places(self) -> tuple[str, ...]:
        """All places in the answer that the description names."""
        confirmed_at = self.confirmation.at if self.confirmation else None
        return tuple(place for place in (self.id_at, *self.status_at, confirmed_at) if place)

    @property
    def is_read(self) -> bool:
        """Whether the request changes nothing at the API."""
        return self.step in ("find", "poll")

    @property
    def is_repeatable(self) -> bool:
        """Whether the request may be sent again when nobody knows whether it was processed."""
        return (
            self.is_read
            or self.key is not None
            or self.method in _IDEMPOTENT_METHODS
            or bool(self.already)
        )

    @cached_property
    def repetition(self) -> str | None:
        """How the API knows a repetition of this request; None where it does not.

        The same text means the same way: a key in the same place, a method that sets a state at the
        same path, or a status of `already`. The header Idempotency-Key is an empty text.
        """
        way, place = "already", ""
        if self.key is not None and self.key.header is not None:
            way, place = "header", self.key.header.lower()
            if place == "idempotency-key":
                return ""
        elif self.key is not None:
            way, place = "body", self.key.body or ""
        elif self.method in _IDEMPOTENT_METHODS:
            way, place = self.method, urlsplit(self.url).path
        elif not self.is_repeatable:
            return None
        # SQL compares the text, so the text has letters and digits only.
        return f"{way} {hashlib.sha256(place.encode()).hexdigest()[:12]}"

    @property
    def content_type(self) -> str | None:
        """The Content-Type that the headers name, as they name it; None where they name none."""
        return next((v for name, v in self.headers.items() if name.lower() == "content-type"), None)

    @property
    def is_form(self) -> bool:
        """Whether the body is sent as a form, and not as JSON."""
        return (self.content_type or "").partition(";")[0].strip().lower() == FORM

    @cached_property
    def needs_policy(self) -> bool:
        """Whether the request holds the policy, or a part of it."""
        names = {*names_in(self.url), *names_in(self.body)}
        return any(name.split(".")[0] == "policy" for name in names)


@dataclass(frozen=True)
class Description:
    """All requests to the API; `find` and `trigger` are None where there are none.

    `secrets` has the kind of SECRET by alias.
    """

    secrets: Mapping[str, str]
    find: Endpoint | None
    create: Endpoint
    poll: Endpoint
    trigger: Endpoint | None

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """All requests that there are."""
        return tuple(e for e in (self.find, self.create, self.poll, self.trigger) if e)

    @property
    def announces_creates(self) -> bool:
        """Whether a create is announced: nothing at the API would show that it was sent."""
        return not self.create.is_repeatable and not self.finds

    @property
    def finds(self) -> bool:
        """Whether the API can be asked for a policy that may be there."""
        return self.find is not None


def read_description(api: Mapping[str, Any]) -> Description:
    """Read the description that is baked into the settings."""
    find, trigger, headers = api["find"], api["trigger"], api["headers"]
    return Description(
        secrets=api["secrets"],
        find=None if find is None else _endpoint("find", find, headers),
        create=_endpoint("create", api["create"], headers),
        poll=_endpoint("poll", api["poll"], headers),
        trigger=None if trigger is None else _endpoint("trigger", trigger, headers),
    )


def _endpoint(step: StepName, said: Mapping[str, Any], headers: Mapping[str, str]) -> Endpoint:
    key, confirm = said.get("key"), said.get("confirm")
    return Endpoint(
        step=step,
        method=said["method"],
        url=said["url"],
        body=said["body"],
        headers=said.get("headers", headers),
        busy=frozenset(said["busy"]),
        already=frozenset(said.get("already", ())),
        absent=frozenset(said.get("absent", ())),
        key=None if key is None else Key(key.get("header"), key.get("body")),
        id_at=said.get("id"),
        status_at=tuple(said.get("status") or ()),
        confirmation=None if confirm is None else Confirmation(confirm["at"], tuple(confirm["in"])),
        again_after_seconds=said.get("again_after_seconds", 0),
    )

"""A made-up API of batches: forms in, lists out, and breakers on a host with its own secret."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import parse_qs

from local_stack.policy_api.answers import OwnAnswer
from tests.integration.described_apis.described_api import Asked, DescribedApi, Endpoint, Facts


class ListsAndForms(DescribedApi):
    """Each answer is a list of one; each host has a secret of its own; one secret is in a form."""

    FACTS = Facts(
        "",
        {
            "batch": "batch-header-secret-41",
            "breaker": "breaker-header-secret-42",
            "form": "form secret/+&=%-43",
        },
        ready=["open", "active"],
        failed=["failed"],
    )
    DESCRIPTION: ClassVar[dict[str, Any]] = {
        "secrets": {"batch": "db.s.batch", "breaker": "db.s.breaker", "form": "db.s.form"},
        "headers": {"X-Batch": "{secret.batch}"},
        "idempotency": None,
        "find": {"path": "/batch?ref={execution_id}", "id": "/0/id"},
        "create": {
            "path": "/batch",
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
            "body": {
                "name": "{policy.policy_name}",
                "ref": "{execution_id}",
                "key": "{secret.form}",
                "tag": ["nightly", "{policy.tag}"],
                "dry": False,
            },
            "id": "/0/id",
        },
        "poll": {"path": "/batch/{policy_id}", "id": "/0/id", "status": "/0/state"},
        "trigger": {
            "base_url": "https://breakers.example.com",
            "path": "/trips",
            "headers": {
                "x-batch": None,
                "X-Breaker": "{secret.breaker}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            "idempotency": {"body": "/request_id"},
            "body": {"of": "{policy_id}", "why": "{trigger_reason}"},
            "confirm": {"at": "/0/tripped", "in": [True]},
        },
    }

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Find, open and show a batch; trip a breaker at the second host."""
        return (
            Endpoint("find", "GET", r"/batch", self._find),
            Endpoint("create", "POST", r"/batch", self._open),
            Endpoint("status", "GET", r"/batch/(?P<id>[^/]+)", self._show),
            Endpoint("circuit", "POST", r"/trips", self._trip, elsewhere=True),
        )

    def knows(self, asked: Asked) -> bool:
        """Each host wants its own secret, and refuses who shows it the other one's."""
        secrets, sent = self.FACTS.secrets, asked.headers
        shown = (sent.get("x-batch"), sent.get("x-breaker"))
        if asked.port == self.ports[-1]:
            return shown == (None, secrets["breaker"])
        return shown == (secrets["batch"], None)

    def policy(self, name: str) -> dict[str, Any]:
        """With a tag that a form must encode."""
        return {"policy_name": name, "tag": "a&b=ü"}

    def name_in(self, asked: Asked) -> str | None:
        """The name in the form."""
        return _form(asked).get("name", [None])[0]

    def about(self, asked: Asked) -> str | None:
        """A breaker names the batch in its form."""
        thing = self.things.get(_form(asked).get("of", [""])[0])
        return thing.name if thing else super().about(asked)

    def _find(self, asked: Asked) -> OwnAnswer:
        ref = asked.query.get("ref")
        found = [thing for thing in self.shown() if thing.asked["ref"] == [ref]]
        return OwnAnswer(200, [{"id": int(thing.id)} for thing in found], effect=True)

    def _open(self, asked: Asked) -> OwnAnswer:
        form = _form(asked)
        rest = {"key": [self.FACTS.secrets["form"]], "tag": ["nightly", "a&b=ü"], "dry": ["false"]}
        if form != {"name": [asked.name], "ref": form.get("ref"), **rest}:
            return self.refusal(400, "the form is another one")
        asked.json = form
        thing = self.make(asked, str(7 + len(self.things)))
        return OwnAnswer(201, [{"id": int(thing.id)}], effect=True)

    def _show(self, asked: Asked) -> OwnAnswer:
        thing = self.things.get(asked.parts["id"])
        if not thing:
            return self.refusal(404, "no such batch")
        return OwnAnswer(200, [{"id": int(thing.id), "state": self.polled(thing)}], effect=True)

    def _trip(self, asked: Asked) -> OwnAnswer:
        thing = self.things.get(_form(asked).get("of", [""])[0])
        if not thing or not _form(asked).get("request_id"):
            return self.refusal(400, "another batch, or no key")
        self.trip(asked, thing.name)
        return OwnAnswer(200, [{"tripped": True, "id": "trip-1"}], effect=True)


def _form(asked: Asked) -> dict[str, list[str]]:
    kind = asked.headers.get("content-type", "")
    return parse_qs(asked.body) if kind == "application/x-www-form-urlencoded" else {}

"""The policy API as tests reach it: over HTTP, wherever it runs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from local_stack.policy_api.server import Received

SECONDS = 30


class ReachedApi:
    """A policy API at a URL.

    What only `local_stack/policy_api` has, behaviours to order and a journal, skips the test that
    asks another API for it.

    Args:
        base_url: where it answers.
        control_token: what its control endpoints ask for.

    """

    def __init__(self, base_url: str, control_token: str | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self._session = requests.Session()
        self._headers = {"Authorization": f"Bearer {control_token}"} if control_token else {}
        self.controllable = self._is_ours()

    @property
    def host(self) -> str:
        """Its host."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def port(self) -> int:
        """Its port, that of the scheme where the URL has none."""
        parts = urlsplit(self.base_url)
        return parts.port or (443 if parts.scheme == "https" else 80)

    def order(self, **behaviour: Any) -> None:
        """Order one behaviour; see `Behaviour` for what can be ordered."""
        self._control("PUT", "behaviours", [behaviour])

    def forget_orders(self) -> None:
        """Behave as without any order."""
        self._control("DELETE", "behaviours")

    def honour_idempotency_keys(self, honour: bool) -> None:
        """Set whether a repeated Idempotency-Key has no second effect."""
        self._control("PUT", "settings", {"honour_idempotency_keys": honour})

    def journal(self, endpoint: str | None = None) -> list[Received]:
        """The requests received so far, in order."""
        received = [Received(**entry) for entry in self._control("GET", "journal")]
        return [entry for entry in received if endpoint in (None, entry.endpoint)]

    def policies(self) -> list[dict[str, Any]]:
        """The policies that were really created, with what really happened to each."""
        found: list[dict[str, Any]] = self._control("GET", "policies")
        return found

    def reset(self) -> None:
        """Forget all that was ordered and received; another API than ours is left as it is."""
        if self.controllable:
            self._control("DELETE", "all")

    def _is_ours(self) -> bool:
        try:
            answer = self._send("GET", "settings")
            # An API that echoes, or answers every path, does not say this.
            found = answer.json() if answer.ok else None
            return isinstance(found, dict) and isinstance(
                found.get("honour_idempotency_keys"), bool
            )
        except (requests.RequestException, ValueError):
            return False

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        if not self.controllable:
            pytest.skip(
                f"the policy API at {self.base_url} has no control endpoints (or not with this "
                "token), by which tests order behaviour and read what it received"
            )
        answer = self._send(method, path, body)
        answer.raise_for_status()
        return answer.json()

    def _send(self, method: str, path: str, body: Any = None) -> requests.Response:
        url = f"{self.base_url}/_control/{path}"
        return self._session.request(
            method, url, json=body, headers=self._headers, timeout=SECONDS, allow_redirects=False
        )

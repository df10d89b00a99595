"""The policy API as tests reach it, by HTTP, with and without control endpoints."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from _pytest.outcomes import Skipped

from local_stack.policy_api import PolicyApi
from tests.account.policy_api import ReachedApi
from tests.unit.account.echo_api import ANSWER, echo_api


def _create(api: ReachedApi, key: str = "k") -> requests.Response:
    body = {"policy_name": "p"}
    headers = {"Idempotency-Key": key}
    return requests.post(f"{api.base_url}/createpolicy", json=body, headers=headers, timeout=5)


@pytest.mark.parametrize("token", [None, "t-1"])
def test_orders_and_journal_over_http(token: str | None) -> None:
    """What is ordered happens, what came is in the journal, and a reset forgets both."""
    with PolicyApi(control_token=token) as running:
        api = ReachedApi(f"{running.base_url}/", token)
        assert (api.host, api.port) == (running.host, running.port)
        api.order(endpoint="create", http_status=503, times=1)
        assert [_create(api).status_code for _ in range(2)] == [503, 200]
        assert api.journal() == running.journal()
        assert (len(api.journal("create")), api.journal("circuit")) == (2, [])
        api.honour_idempotency_keys(False)
        assert not running.honour_idempotency_keys
        api.order(http_status=500)
        api.forget_orders()
        assert _create(api).ok
        api.reset()
        assert (running.journal(), running.honour_idempotency_keys) == ([], True)


def test_a_bad_order_is_an_error() -> None:
    """An order that the API refuses fails the test that gave it."""
    with PolicyApi() as running, pytest.raises(requests.HTTPError):
        ReachedApi(running.base_url).order(nonsense=1)


@pytest.mark.parametrize("answer", [ANSWER, {"honour_idempotency_keys": "yes"}, [], None])
def test_an_api_without_control_skips_who_asks_for_it(answer: Any) -> None:
    """An API that answers every path is not taken for one with control; a reset leaves it be."""
    with echo_api(answer) as url:
        api = ReachedApi(url)
        assert not api.controllable
        api.reset()
        for ask in (
            api.journal,
            api.forget_orders,
            lambda: api.order(http_status=500),
            lambda: api.honour_idempotency_keys(True),
        ):
            with pytest.raises(Skipped, match="has no control endpoints"):
                ask()


def test_control_with_another_token_is_none() -> None:
    """Whom the API refuses cannot order anything of it."""
    with PolicyApi(control_token="t-1") as running:
        assert not ReachedApi(running.base_url, "t-2").controllable

"""The rate limiter: Retry-After of one answer, and our own limit, hold for all threads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from local_stack.policy_api import PolicyApi as LocalPolicyApi
from procedures.http.policy_api import PolicyApi
from procedures.http.rate_limiter import HeldTooLongError, RateLimiter
from tests.unit.account.echo_api import echo_api
from tests.unit.procedures.builders import make_settings


@pytest.fixture
def server() -> Iterator[LocalPolicyApi]:
    """One policy API."""
    with LocalPolicyApi() as running:
        yield running


def test_turns_are_evenly_spaced() -> None:
    """However many threads wait, n turns take at least (n - 1) / rate seconds."""
    limiter = RateLimiter(requests_per_second=50)
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: limiter.wait_for_turn(10), range(21)))
    assert time.monotonic() - began >= 20 / 50


def test_without_a_limit_nothing_waits() -> None:
    """No limit and no pause: the turn is now."""
    limiter = RateLimiter()
    assert limiter.held() == 0
    limiter.wait_for_turn(0.01)


def test_a_pause_is_waited_for_and_the_longest_counts() -> None:
    """A shorter pause does not end a longer one."""
    limiter = RateLimiter()
    limiter.hold(0.4, 429)
    limiter.hold(0.1, 503)
    began = time.monotonic()
    limiter.wait_for_turn(10)
    assert time.monotonic() - began >= 0.39


def test_a_pause_past_the_deadline_is_not_waited_for() -> None:
    """The error says how long the pause is, and which status asked for it."""
    limiter = RateLimiter()
    limiter.hold(3600, 503)
    with pytest.raises(HeldTooLongError, match="3600 more seconds") as caught:
        limiter.wait_for_turn(120)
    assert caught.value.status == 503


def test_retry_after_of_one_answer_holds_the_others(server: LocalPolicyApi) -> None:
    """No request is sent to the host between an answer with Retry-After and the time in it."""
    server.order(endpoint="create", times=1, http_status=429, headers={"Retry-After": "2"})
    api = PolicyApi(make_settings(base_url=server.base_url, max_retries=1))
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(api.create_policy, "e0", {"a": 0})
        while not any(entry.status == 429 for entry in server.journal()):
            time.sleep(0.01)
        time.sleep(0.2)
        others = [pool.submit(api.create_policy, f"e{n}", {"a": n}) for n in (1, 2, 3)]
        assert {call.result().kind for call in [first, *others]} == {"created"}
    held, *rest = server.journal("create")
    assert len(rest) == 4
    assert min(entry.received_at for entry in rest) - held.received_at >= 1.9


def test_what_the_api_wants_later_than_the_deadline_is_not_sent(server: LocalPolicyApi) -> None:
    """The request that was asked to pause fails with that answer, and no other is sent."""
    server.order(endpoint="create", http_status=429, headers={"Retry-After": "3600"})
    api = PolicyApi(make_settings(base_url=server.base_url, max_retries=1))
    first, second = (api.create_policy(f"e{n}", {"a": n}) for n in range(2))
    assert (first.http_status, first.requests_sent, first.error_class) == (429, 1, "HTTP429")
    assert (second.http_status, second.requests_sent, second.error_class) == (None, 0, "HTTP429")
    assert second.kind == "unavailable"
    assert "3600 more seconds (HTTP 429 with Retry-After)" in second.message
    assert len(server.journal()) == 1


def test_retries_keep_to_the_limit(server: LocalPolicyApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that is sent again takes a turn of its own."""
    server.order(endpoint="create", times=2, http_status=429)
    turns: list[int] = []
    monkeypatch.setattr(
        RateLimiter, "wait_for_turn", lambda *_: turns.append(len(server.journal()))
    )
    settings = make_settings(base_url=server.base_url, max_retries=3, requests_per_second=2)
    assert PolicyApi(settings).create_policy("e", {"a": 1}).kind == "created"
    assert turns == [0, 1, 2], "each turn is taken before its request leaves"
    assert len(server.journal()) == 3


def test_each_request_has_a_connection_of_its_own() -> None:
    """No connection is used again, so that no late bytes on it can answer another request."""
    opened: list[None] = []
    with echo_api(accepted=lambda: opened.append(None)) as url:
        api = PolicyApi(make_settings(base_url=url, connections=4))
        with ThreadPoolExecutor(4) as pool:
            outcomes = list(pool.map(lambda n: api.create_policy(f"e{n}", {"a": n}), range(60)))
        api.close()
    assert {outcome.kind for outcome in outcomes} == {"created"}
    assert len(opened) == 60

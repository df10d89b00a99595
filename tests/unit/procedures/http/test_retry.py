"""Retries and timeouts against a real server: what is sent again, and when a call is over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any

import pytest

from local_stack.policy_api import PolicyApi as LocalPolicyApi
from procedures.domain.api_outcome import ApiOutcome
from procedures.http.policy_api import PolicyApi
from tests.unit.procedures.builders import make_settings


@pytest.fixture(scope="module")
def server() -> Iterator[LocalPolicyApi]:
    """One policy API for all tests of this module."""
    with LocalPolicyApi() as running:
        yield running


@pytest.fixture
def local_api(server: LocalPolicyApi) -> LocalPolicyApi:
    """Give the API as new."""
    server.reset()
    return server


def _create(local_api: LocalPolicyApi, **changes: Any) -> ApiOutcome:
    settings = make_settings(**({"base_url": local_api.base_url, "max_retries": 3} | changes))
    return PolicyApi(settings).create_policy("e1", {"policy_name": "p"})


@pytest.mark.parametrize(
    ("order", "requests", "kind"),
    [
        ({"http_status": 429}, 2, "created"),
        ({"http_status": 429, "headers": {"Retry-After": "1"}}, 2, "created"),
        ({"http_status": 503, "headers": {"Retry-After": "1"}}, 2, "created"),
        ({"http_status": 503}, 1, "unavailable"),
        ({"http_status": 500}, 1, "unknown"),
        ({"http_status": 502}, 1, "unknown"),
        ({"http_status": 408}, 1, "unavailable"),
        ({"http_status": 425}, 1, "unavailable"),
        ({"http_status": 400}, 1, "rejected"),
        ({"reset": "before"}, 1, "unknown"),
        ({"reset": "during"}, 1, "unknown"),
    ],
)
def test_a_create_is_sent_again_only_where_it_was_not_processed(
    local_api: LocalPolicyApi, order: dict[str, Any], requests: int, kind: str
) -> None:
    """A POST is repeated after 429, and after 503 that names a time, and after no other status."""
    local_api.order(endpoint="create", times=1, **order)
    outcome = _create(local_api)
    assert outcome.kind == kind
    assert len(local_api.journal("create")) == requests
    assert outcome.requests_sent == requests


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_poll_is_sent_again(local_api: LocalPolicyApi, status: int) -> None:
    """A GET changes nothing, so it is repeated after every status that may pass."""
    policy = _create(local_api).policy_id or ""
    local_api.order(endpoint="status", times=2, http_status=status)
    local_api.order(statuses=["ready"])
    settings = make_settings(base_url=local_api.base_url, max_retries=3)
    assert PolicyApi(settings).poll_policy_status(policy).kind == "ready"


def test_retry_after_as_a_date(local_api: LocalPolicyApi) -> None:
    """Retry-After may be a date (RFC 9110): the call waits until then."""
    when = formatdate(time.time() + 2, usegmt=True)
    local_api.order(endpoint="create", times=1, http_status=429, headers={"Retry-After": when})
    assert _create(local_api).kind == "created"
    first, second = local_api.journal("create")
    assert second.received_at - first.received_at > 0.9


def test_a_wait_past_the_deadline_is_not_begun(local_api: LocalPolicyApi) -> None:
    """Retry-After of an hour ends the call at once, with the answer that asked for it."""
    local_api.order(endpoint="create", http_status=429, headers={"Retry-After": "3600"})
    started = time.monotonic()
    outcome = _create(local_api)
    assert time.monotonic() - started < 5
    assert outcome.http_status == 429
    assert len(local_api.journal("create")) == 1


@pytest.mark.parametrize("order", [{"hang": True}, {"drip_seconds": 0.3}, {"latency_seconds": 30}])
def test_a_slow_answer_ends_at_the_timeout(
    local_api: LocalPolicyApi, order: dict[str, Any]
) -> None:
    """The timeout is for the whole request; a body that drips does not prolong it."""
    local_api.order(endpoint="create", **order)
    started = time.monotonic()
    outcome = _create(local_api, timeout_seconds=1)
    assert time.monotonic() - started < 5
    assert outcome.kind == "unknown"
    assert len(local_api.journal("create")) == 1


@pytest.mark.parametrize("drip_seconds", [0.3, 30.0])
def test_an_answer_that_stops_in_the_middle_is_slow(
    local_api: LocalPolicyApi, drip_seconds: float
) -> None:
    """An answer that has begun counts as slow, not as missing, whether it drips on or stops."""
    policy = _create(local_api).policy_id or ""
    local_api.order(endpoint="status", drip_seconds=drip_seconds)
    settings = make_settings(base_url=local_api.base_url, timeout_seconds=1)
    outcome = PolicyApi(settings).poll_policy_status(policy)
    assert outcome.error_class == "ResponseTooSlow"
    assert outcome.http_status == 200


def test_retries_end_at_the_deadline(local_api: LocalPolicyApi) -> None:
    """However many retries are allowed, the call is over at its deadline."""
    policy = _create(local_api).policy_id or ""
    local_api.order(endpoint="status", hang=True)
    settings = make_settings(
        base_url=local_api.base_url, max_retries=10, timeout_seconds=1, step_deadline_seconds=2
    )
    started = time.monotonic()
    assert PolicyApi(settings).poll_policy_status(policy).kind == "unavailable"
    assert time.monotonic() - started < 6
    assert 2 <= len(local_api.journal("status")) <= 4


def test_each_call_has_a_deadline_of_its_own(local_api: LocalPolicyApi) -> None:
    """A call late in a long list has as much time as the first."""
    settings = make_settings(base_url=local_api.base_url, step_deadline_seconds=1)
    api = PolicyApi(settings)
    assert api.create_policy("e1", {"policy_name": "p"}).kind == "created"
    time.sleep(1.1)
    assert api.create_policy("e2", {"policy_name": "p"}).kind == "created"

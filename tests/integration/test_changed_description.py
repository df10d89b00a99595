"""What is in doubt stays in doubt, whatever is answered or described afterwards.

A change of the description deploys all procedures anew, so that these executions share one history.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local_snowflake.server import LocalSnowflake
from procedures.common.failpoints import FOLDER_VARIABLE
from tests.integration.described_history import DescribedHistory
from tests.integration.workflow import Workflow

KEYS: dict[str, Any] = {"policy_api": None}
NO_KEYS: dict[str, Any] = {"policy_api": {"idempotency": "none"}}
ALREADY: dict[str, Any] = {
    "policy_api": {
        "idempotency": "none",
        "create": {"already": [409]},
        "trigger": {"already": [409]},
    }
}
RENAMED: dict[str, Any] = {"policy_api": {"idempotency": {"header": "X-Request-Id"}}}
PUT: dict[str, Any] = {"policy_api": {"create": {"method": "PUT"}}}
NO_BREAKER: dict[str, Any] = {"policy_api": {"trigger": "none"}}
STEPS = {"create": "create_policy", "circuit": "trigger_circuit_breaker"}
PROVES_NOTHING: dict[str, dict[str, Any]] = {
    "errors": {"extra": {"errors": [{"message": "the owner could not be notified"}]}},
    "error": {"extra": {"status": "error"}},
    "302": {"http_status": 302, "headers": {"Location": "/policies/1"}},
    "499": {"http_status": 499},
    "460": {"http_status": 460},
}
# A server that is away may have passed the request on; the last is refused when it is repeated.
AWAY: dict[str, dict[str, Any]] = {
    "away-503": {"http_status": 503},
    "away-408": {"http_status": 408},
    "away-then-refused": {"http_status": 503, "headers": {"Retry-After": "0"}},
}
HELD = ["held-0", "held-1", "held-2"]
UNPROVEN = [f"unproven-{endpoint}-{order}" for endpoint in STEPS for order in PROVES_NOTHING]
NOT_REPEATED = "was not repeated: an earlier request"
CREATED = "may have created the policy"


@pytest.fixture(scope="module")
def history(
    shared_workflow: Workflow,
    local_snowflake: LocalSnowflake,  # noqa: ARG001  # which passes the variable on
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[DescribedHistory]:
    """Give what became of executions whose description changed from run to run."""
    shared_workflow.api.reset()
    # So that whatever is sent twice takes effect twice.
    shared_workflow.api.honour_idempotency_keys(False)
    folder = tmp_path_factory.mktemp("orders")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, str(folder))
        made = DescribedHistory(shared_workflow, folder)
        _first_without_keys(made)
        _with_a_status_that_means_already(made)
        _with_keys(made)
        _again_without_keys(made)
        _with_another_key(made)
        _with_a_method_that_sets_a_state(made)
        _without_breaker(made)
        yield made
    shared_workflow.api.reset()


def _order(history: DescribedHistory, name: str, endpoint: str, **order: Any) -> None:
    history.workflow.api.order(policy_name=name, endpoint=endpoint, times=1, **order)


def _lose(history: DescribedHistory, name: str, endpoint: str) -> None:
    """Let the next request be carried out, and its answer be lost."""
    _order(history, name, endpoint, reset="before")


def _refuse(history: DescribedHistory, name: str, endpoint: str, status: int) -> None:
    _order(history, name, endpoint, http_status=status, effect=False)


def _kill_both(history: DescribedHistory, kind: str) -> None:
    # The other way round, the CALLs up to the circuit breaker would go on with the creation, too.
    for endpoint in ("circuit", "create"):
        history.kill(f"{endpoint}-{kind}", f"after_request_of_{STEPS[endpoint]}")


def _first_without_keys(history: DescribedHistory) -> None:
    _lose(history, "removed", "create")
    history.run(NO_KEYS, "removed")
    history.clean_up()
    for name in UNPROVEN:
        _, endpoint, order = name.split("-")
        _order(history, name, endpoint, **PROVES_NOTHING[order])
    _refuse(history, "refused", "create", 400)
    history.run(NO_KEYS, *UNPROVEN, "refused", "removed")
    history.run(NO_KEYS, *UNPROVEN)
    _kill_both(history, "without-keys")
    history.kill("to-already", "after_request_of_create_policy")


def _with_a_status_that_means_already(history: DescribedHistory) -> None:
    foreign = [f"foreign-{endpoint}" for endpoint in STEPS]
    for endpoint, name in zip(STEPS, foreign, strict=True):
        _refuse(history, name, endpoint, 422)
    _lose(history, "lost-create", "create")
    _lose(history, "lost-circuit", "circuit")
    history.run(ALREADY, *foreign, "lost-create", "lost-circuit")
    history.run(ALREADY, "to-already")
    taken = {"message": "the name is taken", "data": {"policy": {"id": "foreign-7"}}}
    for endpoint, name in zip(STEPS, foreign, strict=True):
        _order(history, name, endpoint, http_status=409, body=taken, effect=False)
    _refuse(history, "lost-circuit", "circuit", 409)
    history.run(ALREADY, *foreign, "lost-circuit")
    history.run(ALREADY, *foreign)


def _with_keys(history: DescribedHistory) -> None:
    killed = [f"{endpoint}-without-keys" for endpoint in STEPS]
    _refuse(history, "refused", "create", 400)
    _lose(history, "refused-later", "create")
    history.run(KEYS, *killed, "refused", "removed", "lost-create", "refused-later")
    _refuse(history, "refused-later", "create", 401)
    history.run(KEYS, *killed, "refused-later")
    history.decide("create-without-keys", create="again")
    history.decide("circuit-without-keys", trigger="again")
    history.run(KEYS, *killed)
    _kill_both(history, "with-keys")
    for name, order in AWAY.items():
        if "headers" in order:
            _refuse(history, name, "create", 400)
        _order(history, name, "create", **order)
    history.run(KEYS, *AWAY)
    _lose(history, "decided", "create")
    history.run(KEYS, "decided")
    _lose(history, "decided", "create")
    history.decide("decided", create="again")
    _refuse(history, HELD[0], "create", 500)
    one = {"policy_api_breaker_failures": 1, "policy_api_connections": 1}
    history.run({**KEYS, **one}, *HELD)


def _again_without_keys(history: DescribedHistory) -> None:
    killed = [f"{endpoint}-with-keys" for endpoint in STEPS]
    _refuse(history, "refused", "create", 400)
    history.run(NO_KEYS, *killed, "refused", "removed", "refused-later")
    history.run(NO_KEYS, *killed)
    history.run(NO_KEYS, *AWAY, "decided", *HELD)
    history.decide("create-with-keys", create="again")
    history.decide("circuit-with-keys", trigger="again")
    history.decide("removed", policy_id="pol-1")
    history.run(NO_KEYS, *killed, "refused", "removed")
    _lose(history, "there-and-back", "create")
    history.run(KEYS, "fresh", "there-and-back")
    _kill_both(history, "renamed")


def _with_another_key(history: DescribedHistory) -> None:
    killed = [f"{endpoint}-renamed" for endpoint in STEPS]
    history.run(RENAMED, *killed)
    history.run(RENAMED, *killed)
    history.decide("create-renamed", create="again")
    history.decide("circuit-renamed", trigger="again")
    history.run(RENAMED, *killed)
    history.kill("to-put", "after_request_of_create_policy")
    history.run(RENAMED, "to-put", "fresh")
    history.run(RENAMED, "there-and-back")
    history.kill("to-put-later", "after_request_of_create_policy")


def _with_a_method_that_sets_a_state(history: DescribedHistory) -> None:
    history.run(PUT, "to-put-later")


def _without_breaker(history: DescribedHistory) -> None:
    history.run(KEYS, "fresh", "there-and-back")
    history.kill("to-none", "after_request_of_trigger_circuit_breaker")
    history.run(NO_BREAKER, "to-none")
    history.run(NO_BREAKER, "to-none")


@pytest.mark.parametrize("endpoint", STEPS)
@pytest.mark.parametrize("before", ["with-keys", "without-keys", "renamed"])
def test_a_request_in_doubt_stays_in_doubt(
    history: DescribedHistory, endpoint: str, before: str
) -> None:
    """A request that was sent under one description is not repeated under the other by itself."""
    *again, decided = history[f"{endpoint}-{before}"]
    assert len(again) == 2
    for seen in again:
        assert (seen.status, NOT_REPEATED in seen.says) == ("error", True)
        assert (seen.creates, seen.triggers) == (1, int(endpoint == "circuit"))
    assert decided.status == "completed"
    assert (decided.creates, decided.triggers) == ((2, 1) if endpoint == "create" else (1, 2))


@pytest.mark.parametrize("name", ["to-already", "to-put-later"])
def test_what_a_repetition_is_known_by_holds_for_later_requests(
    history: DescribedHistory, name: str
) -> None:
    """That the description calls a repetition harmless says nothing of a request before it."""
    (seen,) = history[name]
    assert (seen.status, seen.creates) == ("error", 1)
    assert NOT_REPEATED in seen.says
    assert CREATED in seen.says


@pytest.mark.parametrize("name", [*AWAY, "decided"])
def test_a_server_that_is_away_and_a_decision_leave_a_doubt(
    history: DescribedHistory, name: str
) -> None:
    """503 and 408 prove nothing, nor does the refusal of a repetition, nor what came before."""
    *_, before, after = history[name]
    assert (before.status, after.status) == ("error", "error")
    assert NOT_REPEATED in after.says
    assert after.creates == before.creates + (name == "decided")


def test_what_was_held_back_is_no_doubt(history: DescribedHistory) -> None:
    """Nothing was sent of what the breaker towards the API held back, so all of it goes on."""
    held = [history[name] for name in HELD]
    assert [first.creates for first, _ in held] == [1, 0, 0]
    assert [last.status for _, last in held] == ["error", "completed", "completed"]


def test_a_run_that_sent_nothing_leaves_no_doubt(history: DescribedHistory) -> None:
    """Back at the way in which the request was sent, the request is repeated."""
    lost, stopped, repeated = history["there-and-back"]
    assert (lost.status, lost.creates) == ("error", 1)
    assert (stopped.status, stopped.creates) == ("error", 1)
    assert (repeated.status, repeated.creates) == ("completed", 2)


def test_the_same_key_as_before_is_sent_again(history: DescribedHistory) -> None:
    """A request in doubt is repeated with its key, whatever header has the key."""
    (seen,) = history["to-put"]
    assert (seen.status, seen.creates) == ("completed", 2)


def test_a_breaker_in_doubt_is_not_forgotten(history: DescribedHistory) -> None:
    """An API that is described without a breaker may have triggered one before."""
    for seen in history["to-none"]:
        assert (seen.status, seen.triggers) == ("error", 1)
        assert "trigger: confirmed" in seen.says


def test_a_request_that_was_not_processed_is_no_doubt(history: DescribedHistory) -> None:
    """A refusal leaves nothing at the API, under whatever description it came."""
    *refused, last = history["refused"]
    assert [("HTTP 400" in seen.says, seen.creates) for seen in refused] == [
        (True, 1),
        (True, 2),
        (True, 3),
    ]
    assert (last.status, last.creates) == ("completed", 4)


def test_a_doubt_outlives_the_row(history: DescribedHistory) -> None:
    """Retention removes the row of a failed execution; the events still say what is in doubt."""
    first, *again, adopted = history["removed"]
    assert first.status == "error"
    assert [CREATED in seen.says for seen in again] == [True] * 3
    assert "policy pol-1 is there at the API" in history.messages("removed")
    assert {seen.creates for seen in history["removed"]} == {1}
    assert "policy pol-1" in adopted.says


@pytest.mark.parametrize("name", UNPROVEN)
def test_a_refusal_that_proves_nothing_is_a_doubt(history: DescribedHistory, name: str) -> None:
    """Of an API without keys, only what was surely not processed is sent again."""
    first, second = history[name]
    assert first.status == second.status == "error"
    for seen in (first, second):
        assert (seen.creates, seen.triggers) == (1, int("circuit" in name))


def test_a_refusal_of_a_later_request_ends_no_earlier_doubt(history: DescribedHistory) -> None:
    """A 401 to the repetition with a key says nothing about the first request."""
    lost, refused, doubtful = history["refused-later"]
    assert (lost.status, lost.creates) == ("error", 1)
    assert (refused.status, refused.creates) == ("error", 2)
    assert CREATED in doubtful.says
    assert doubtful.creates == 2


def test_from_a_status_that_means_already_to_keys(history: DescribedHistory) -> None:
    """A request without a key is not repeated with one."""
    lost, doubtful = history["lost-create"]
    assert lost.status == "error"
    assert CREATED in doubtful.says
    assert doubtful.creates == 1


@pytest.mark.parametrize("endpoint", STEPS)
def test_already_counts_only_where_a_request_may_have_taken_effect(
    history: DescribedHistory, endpoint: str
) -> None:
    """After a refusal nothing is there: a 409 is then about something else."""
    first, conflict, last = history[f"foreign-{endpoint}"]
    assert first.status == conflict.status == "error"
    assert "HTTP 409 from the API [POST" in conflict.says
    assert last.status == "completed"


def test_already_confirms_what_may_have_taken_effect(history: DescribedHistory) -> None:
    """After a lost answer, the status says that the circuit breaker was triggered."""
    lost, confirmed = history["lost-circuit"]
    assert lost.status == "error"
    assert confirmed.status == "completed"
    assert "an earlier request (HTTP 409)" in confirmed.says

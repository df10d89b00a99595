"""The count behind the breaker towards the API, in steps whose time is simulated.

POLICY_TEST_POLICIES says how many policies a step has, POLICY_TEST_TRIES how often it is tried.
"""

from __future__ import annotations

import heapq
import itertools
import math
import os
import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from procedures.domain.api_breaker import BreakerOpenError, EndpointBreaker

POLICIES = int(os.environ.get("POLICY_TEST_POLICIES", "300"))
TRIES = int(os.environ.get("POLICY_TEST_TRIES", "3"))
FAILURES = 5
# Seconds until an answer: of a failure, and of a good answer.
Seconds = tuple[float, float]
PACES: dict[str, Seconds] = {
    "quick failures": (0.001, 0.2),
    "hangs": (4.0, 0.05),
    "alike": (0.05, 0.05),
}
on_every_step = pytest.mark.parametrize(
    ("pace", "connections", "retries"),
    list(itertools.product(PACES, (1, 2, 4, 32), (0, 3))),
)


@dataclass
class Came:
    """What a simulated step came to: its time, its requests, and those sent since the API died."""

    seconds: float = 0.0
    requests: int = 0
    in_vain: int = 0


class _Step:
    """Sends the requests of a step as its threads do, in a time of its own.

    Args:
        breaker: the breaker.
        connections: how many threads there are.
        fails: whether a request fails, by its policy; called once for each request.
        seconds: how long a failure and a good answer take.
        retries: how often a failed request is repeated.
        dies: when the API begins to fail every request, also those under way.

    """

    def __init__(
        self,
        breaker: EndpointBreaker,
        connections: int,
        fails: Callable[[int], bool],
        seconds: Seconds,
        retries: int = 0,
        dies: float = math.inf,
    ) -> None:
        self._breaker, self._free, self._retries = breaker, connections, retries
        self._fails, self._seconds, self._dies = fails, seconds, dies
        self._rng = random.Random(0)
        self._clock = 0.0
        # Who waits for the breaker; and what happens next: an answer, or the end of a pause.
        self._waiting: list[tuple[int, int]] = []
        self._due: list[tuple[float, int, int, int, bool]] = []
        self._came = Came()

    def run(self, policies: int) -> Came:
        """Go through all policies, or until the breaker is open and nothing is under way."""
        left = iter(range(policies))
        while True:
            while self._free and (policy := next(left, None)) is not None:
                self._free -= 1
                self._waiting.append((policy, 0))
                self._begin_what_may()
            if not self._due:
                assert not self._waiting, "nothing is under way, and somebody waits"
                return self._came
            self._clock, policy, tried, number, is_bad = heapq.heappop(self._due)
            self._came.seconds = self._clock
            if number < 0:
                self._waiting.append((policy, tried))
            else:
                self._answer(policy, tried, number, is_bad)
            self._begin_what_may()

    def _begin_what_may(self) -> None:
        waiting, self._waiting = self._waiting, []
        for policy, tried in waiting:
            try:
                number = self._breaker.begin(policy, is_repeated=tried > 0)
            except BreakerOpenError:
                self._free += 1
                continue
            if number is None:
                self._waiting.append((policy, tried))
                continue
            is_bad = self._fails(policy) or self._clock >= self._dies
            took = self._seconds[not is_bad] * self._rng.uniform(0.9, 1.1)
            if not is_bad and self._clock + took >= self._dies:
                is_bad, took = True, max(took, self._dies - self._clock + self._seconds[0])
            self._came.requests += 1
            self._came.in_vain += is_bad and self._clock + took >= self._dies
            heapq.heappush(self._due, (self._clock + took, policy, tried, number, is_bad))

    def _answer(self, policy: int, tried: int, number: int, is_bad: bool) -> None:
        self._breaker.note(policy, number, "HTTP 500" if is_bad else None)
        if is_bad and tried < self._retries and not self._breaker.is_open:
            again = self._clock + self._rng.uniform(0, 0.5 * 2**tried)
            heapq.heappush(self._due, (again, policy, tried + 1, -1, False))
        else:
            self._free += 1


def _longest_row(bad: list[bool]) -> int:
    return max(len(list(group)) if is_bad else 0 for is_bad, group in itertools.groupby(bad))


@on_every_step
def test_scattered_failures_open_it_only_by_chance(
    pace: str, connections: int, retries: int
) -> None:
    """With a tenth of the policies failing it opens only where five of them stand in a row."""
    for seed in range(TRIES):
        rng = random.Random(seed)
        bad = [rng.random() < 0.1 for _ in range(POLICIES)]
        breaker = EndpointBreaker(FAILURES, connections)
        _Step(breaker, connections, bad.__getitem__, PACES[pace], retries).run(POLICIES)
        # Of few connections the repetitions of fewer policies are enough: they are bounded, too.
        enough = 3 if retries and connections < 4 else FAILURES
        assert not breaker.is_open or _longest_row(bad) >= enough


@on_every_step
def test_a_dead_api_gets_few_requests(pace: str, connections: int, retries: int) -> None:
    """Of an API that is down it lets as many requests pass as it counts, and are under way."""
    breaker = EndpointBreaker(FAILURES, connections)
    step = _Step(breaker, connections, lambda _: True, PACES[pace], retries, dies=0)
    came = step.run(POLICIES)
    assert breaker.is_open
    assert came.in_vain == came.requests <= FAILURES + connections


@on_every_step
def test_an_api_that_dies_gets_few_requests_more(pace: str, connections: int, retries: int) -> None:
    """What is under way when the API dies counts, and the repetitions that had begun."""
    for seed in range(TRIES):
        rng = random.Random(seed)
        breaker = EndpointBreaker(FAILURES, connections)
        dies = POLICIES / connections * PACES[pace][1] * rng.uniform(0.3, 0.6)
        bad = [rng.random() < 0.1 for _ in range(POLICIES)]
        step = _Step(breaker, connections, bad.__getitem__, PACES[pace], retries, dies)
        came = step.run(POLICIES)
        assert breaker.is_open
        assert came.in_vain <= FAILURES + connections + (FAILURES if retries else 0)


def test_nothing_is_counted_when_it_is_off() -> None:
    """With 0 failures the breaker never opens, and lets every request pass at once."""
    breaker = EndpointBreaker(0, 32)
    came = _Step(breaker, 32, lambda _: True, PACES["alike"]).run(POLICIES)
    assert (came.requests, breaker.is_open) == (POLICIES, False)


def test_what_says_neither_is_not_counted() -> None:
    """An answer that says neither leaves the row as it was; the failures around it are in a row."""
    breaker = EndpointBreaker(2, 1)
    for call, problem in (("a", "HTTP 500"), ("b", None), ("c", "HTTP 502")):
        number = breaker.begin(call)
        assert number is not None
        if problem:
            breaker.note(call, number, problem)
        else:
            breaker.withdraw(call)
    assert breaker.problem == "HTTP 502"
    with pytest.raises(BreakerOpenError):
        breaker.begin("d")


def test_a_doubt_ends_with_the_answer_that_is_waited_for() -> None:
    """While old requests may still be good nothing is begun; a good answer lets all go on."""
    breaker = EndpointBreaker(2, 4)
    numbers = {call: breaker.begin(call) for call in "abcd"}
    for call in "ac":
        breaker.note(call, numbers[call] or 0, "HTTP 500")
    assert breaker.begin("e") is None
    assert not breaker.is_open
    breaker.note("b", numbers["b"] or 0, None)
    assert breaker.begin("e") == 4


def test_what_failed_in_the_call_before_counts() -> None:
    """The row goes on over the calls of a step, and a good answer ends the row."""
    before = EndpointBreaker(FAILURES, 1)
    for call in range(FAILURES - 1):
        number = before.begin(call)
        assert number is not None
        before.note(call, number, "HTTP 503")
    assert not before.is_open
    after = EndpointBreaker(FAILURES, 1, before.failed_in_row)
    number = after.begin("one more")
    assert number is not None
    after.note("one more", number, "HTTP 503")
    assert after.is_open
    mended = EndpointBreaker(FAILURES, 1, before.failed_in_row)
    number = mended.begin("good")
    assert number is not None
    mended.note("good", number, None)
    assert mended.failed_in_row == 0

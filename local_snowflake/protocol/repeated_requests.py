"""Requests that come again, as a client sends them after a timeout: each is run once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any

KEPT_ANSWERS = 64

Answer = dict[str, Any]


class RepeatedRequests:
    """The answers to the latest requests, also those that are still to come."""

    def __init__(self) -> None:
        self._answers: OrderedDict[tuple[str, str], asyncio.Task[Answer]] = OrderedDict()

    async def once(
        self, key: tuple[str, str | None], run: Callable[[], Coroutine[Any, Any, Answer]]
    ) -> Answer:
        """Answer a request, or wait for the answer to the same one, which came before.

        Args:
            key: the session and the request's id; without an id it is not known again.
            run: answers it.

        """
        session, request = key
        if not request:
            return await run()
        known = (session, request)
        found = self._answers.get(known)
        if found is None:
            found = self._answers[known] = asyncio.create_task(run())
            self._forget()
        # The client may have gone, and the answer is still wanted.
        return await asyncio.shield(found)

    def _forget(self) -> None:
        done = [key for key, task in self._answers.items() if task.done()]
        for key in done[: max(0, len(self._answers) - KEPT_ANSWERS)]:
            self._answers.pop(key)

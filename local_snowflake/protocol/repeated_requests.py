"""Requests that a client sends again, as after a timeout: each is run once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any

KEPT_ANSWERS = 64

Answer = dict[str, Any]


class RepeatedRequests:
    """The answers to the latest requests, also answers that are still under way."""

    def __init__(self) -> None:
        self._answers: OrderedDict[tuple[str, str], asyncio.Task[Answer]] = OrderedDict()

    async def once(
        self, key: tuple[str, str | None], run: Callable[[], Coroutine[Any, Any, Answer]]
    ) -> Answer:
        """Answer a request, or wait for the answer to the same request, which came before.

        Args:
            key: the session and the id of the request; without an id, each request is new.
            run: answers the request.

        """
        session, request = key
        if not request:
            return await run()
        known = (session, request)
        found = self._answers.get(known)
        if found is None:
            found = self._answers[known] = asyncio.create_task(run())
            self._forget()
        # The client may be gone; a repeated request still needs the answer.
        return await asyncio.shield(found)

    def _forget(self) -> None:
        done = [key for key, task in self._answers.items() if task.done()]
        for key in done[: max(0, len(self._answers) - KEPT_ANSWERS)]:
            self._answers.pop(key)

"""Keeps the types of tables, which only DDL changes: procedures look them up again and again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

KEPT_TYPES = 1024

Types = TypeVar("Types")


class KeptTypes:
    """The types looked up since the last statement that may have changed a type."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, object] = OrderedDict()
        self._changes = 0
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Forget all types; a look-up that is under way is not kept either."""
        with self._lock:
            self._changes += 1
            self._kept.clear()

    def of(self, what: Hashable, look_up: Callable[[], Types]) -> Types:
        """Answer the types of a table.

        Args:
            what: the key of the table.
            look_up: finds the types that are not kept.

        """
        with self._lock:
            changes = self._changes
            if what in self._kept:
                return cast("Types", self._kept[what])
        found = look_up()
        with self._lock:
            if changes == self._changes:
                self._kept[what] = found
                while len(self._kept) > KEPT_TYPES:
                    self._kept.popitem(last=False)
        return found

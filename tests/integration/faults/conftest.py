"""Collects what the fault suite saw, and prints it as a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

_SEEN = pytest.StashKey[list[tuple[str, str, str, int]]]()


@pytest.fixture
def record_fault(request: pytest.FixtureRequest) -> Callable[[str, str, str, int], None]:
    """Give a function that notes fault, endpoint, status and requests of one that held."""
    seen = request.config.stash.setdefault(_SEEN, [])
    return lambda *entry: seen.append(entry)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print fault x endpoint: what it came to, and how many requests were sent."""
    seen = config.stash.get(_SEEN, [])
    if not seen:
        return
    terminalreporter.section("faults that were held: status (requests)")
    table: dict[str, dict[str, str]] = {}
    for fault, endpoint, status, requests in seen:
        table.setdefault(fault, {})[endpoint] = f"{status} ({requests})"
    terminalreporter.write_line(f"{'fault':34}{'create':16}{'status':16}{'circuit':16}")
    for fault, row in table.items():
        cells = "".join(f"{row.get(name, '-'):16}" for name in ("create", "status", "circuit"))
        terminalreporter.write_line(f"{fault:34}{cells}")

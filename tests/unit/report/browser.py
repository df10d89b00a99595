"""Headless Chromium, and a page that records errors and requests."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@contextlib.contextmanager
def open_browser() -> Iterator[Browser]:
    """Start Chromium. Without Chromium the test skips, or fails if POLICY_REQUIRE_BROWSER is 1."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if not path:
        missing = f"no Chromium on the PATH (looked for {', '.join(NAMES)})"
        if os.environ.get("POLICY_REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page, with its errors and messages, and the addresses that it requested."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def overflow(self) -> int:
        """Measure by how many pixels the page is wider than its window."""
        found: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return found


@contextlib.contextmanager
def watched_page(browser: Browser, width: int = 1280, scheme: str = "light") -> Iterator[Watched]:
    """Open a page of a width in pixels, in the light or the dark scheme, and watch it."""
    dark = scheme == "dark"
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    watched = Watched(page)
    page.on("console", lambda message: watched.complaints.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: watched.complaints.append(f"error: {error}"))
    page.on("request", lambda request: watched.requests.append(request.url))
    yield watched
    context.close()

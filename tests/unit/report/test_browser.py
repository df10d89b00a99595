"""A test that needs a browser does not pass without a browser."""

from __future__ import annotations

import pytest

from tests.unit.report import browser


@pytest.mark.parametrize(("required", "outcome"), [("1", "Failed"), ("", "Skipped")])
def test_without_a_browser_tests_skip_or_fail(
    monkeypatch: pytest.MonkeyPatch, required: str, outcome: str
) -> None:
    """A test without a browser says why it skips, and fails where a browser is required."""
    monkeypatch.setattr(browser, "NAMES", ("no-such-browser",))
    monkeypatch.setenv("POLICY_REQUIRE_BROWSER", required)
    with pytest.raises(BaseException, match="no Chromium on the PATH") as ended:
        browser.open_browser().__enter__()
    assert type(ended.value).__name__ == outcome

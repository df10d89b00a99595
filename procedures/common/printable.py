"""Texts from elsewhere, as one line that shows all that it holds.

What an API, a server's error or a row gives reaches tables, logs and terminals. A line break in it
would begin a line of its own, which CI systems may obey; other characters hide or rewrite what
stands before them (Unicode TR 36).
"""

from __future__ import annotations

import json


def printable(text: str, most: int | None = None) -> str:
    """Escape what cannot be seen, as JSON does, and cut what is longer than `most` characters."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
    return text if most is None or len(text) <= most else f"{text[: most - 1]}…"

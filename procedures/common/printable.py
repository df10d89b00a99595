"""Texts from elsewhere, written as one line that hides nothing.

A text from an API, a server's error or a row reaches tables, logs and terminals. A line break in
the text would begin a new log line, which a CI system may read as a command. Other characters hide
or rewrite the characters before them (Unicode TR 36).
"""

from __future__ import annotations

import json


def printable(text: str, most: int | None = None) -> str:
    """Escape invisible characters as JSON does, and cut the text to at most `most` characters."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
    return text if most is None or len(text) <= most else f"{text[: most - 1]}…"

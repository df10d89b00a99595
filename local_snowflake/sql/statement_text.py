"""The text of a statement, before the parser reads the text."""

from __future__ import annotations

import re

_LEADING = re.compile(r"\A(?:\s+|--[^\n]*\n?|/\*.*?\*/)+", re.DOTALL)


def bare(sql: str) -> str:
    """A statement without the comments around it: dbt appends one."""
    text = _LEADING.sub("", sql)
    while True:
        text = text.rstrip("; \n\r\t")
        start = text.rfind("/*")
        if start < 0 or not text.endswith("*/") or "*/" in text[start:-2]:
            return text
        text = text[:start]

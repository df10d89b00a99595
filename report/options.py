"""The options of the command that writes the report.

Another command that offers the report needs the options before anything is drawn. So this module
imports nothing that takes time to load.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def options() -> argparse.ArgumentParser:
    """Make the options, as the parent of a parser."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--output", type=Path, default=Path("policy_report.html"))
    parser.add_argument(
        "--days", type=_days, default=7, help="how far it reaches back, 1 to 3650 (default: 7)"
    )
    parser.add_argument("--title", default="Policy executions")
    return parser


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 3650):
        raise argparse.ArgumentTypeError(f"must be a number of days from 1 to 3650; got {text!r}")
    return int(text)

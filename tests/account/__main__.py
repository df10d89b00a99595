"""The preflight: `python -m tests.account`; exit code 2 when something is missing."""

from __future__ import annotations

import os
import sys
import warnings

from tests.account.preflight import Preflight


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Look, and say whether the tests can begin."""
    warnings.filterwarnings("ignore", message="Arrow output on a DB-API result")
    if Preflight(os.environ, _say).run():
        return 0
    _say("The tests were not begun: mend what is marked ❌ first.")
    return 2


if __name__ == "__main__":
    sys.exit(main())

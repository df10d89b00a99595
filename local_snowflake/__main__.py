"""`python -m local_snowflake`."""

from __future__ import annotations

import sys

from local_snowflake.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python -m local_stack`."""

from __future__ import annotations

import io
import sys

from local_stack.cli import main

if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        # A console may lack characters of a name or a message.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(main(sys.argv[1:]))

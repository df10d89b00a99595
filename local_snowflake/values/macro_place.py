"""Where the engine's macros stand: rewritten statements call them by this place."""

from __future__ import annotations

# fakesnow's own database, which every session of the engine can see.
PLACE = "_fs_global.main."

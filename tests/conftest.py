"""What holds for all tests."""

from __future__ import annotations

import gc
import os

from hypothesis import settings

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("policy_workflow", deadline=None)
settings.load_profile("policy_workflow")

# dbt and the local Snowflake make many objects that live for long; to look through them as often
# as Python does by default is a tenth of the tests' time; so seldom, it is half of that.
gc.set_threshold(50_000, 20, 20)

# At each sign-in the connector would ask three clouds, for 0.2 s, whether it runs there.
os.environ.setdefault("SNOWFLAKE_DISABLE_PLATFORM_DETECTION", "true")

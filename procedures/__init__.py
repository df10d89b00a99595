"""The Python that ships to Snowflake; `python -m tools.bundle` makes one source of it."""

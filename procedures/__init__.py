"""The Python that ships to Snowflake; `python -m procedures.bundle` makes one source of it."""

"""The laptop: a local Snowflake and a local policy API, started by `python -m local_stack`."""

"""The project on one machine: the local Snowflake, a policy API, and their command."""

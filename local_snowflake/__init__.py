"""A local Snowflake: fakesnow's engine, extended with what this project needs of the platform."""

"""An emulator of a Snowflake account: fakesnow with Python procedures, external access, roles."""

"""What does not compile: names, types and forms that Snowflake refuses."""

"""SQL as text: names, types and errors, in the words of Snowflake."""

"""The SQL audit: what dbt and the procedures send, seen by two parsers and by rules of our own."""

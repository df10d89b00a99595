"""The SQL audit: two parsers and a set of rules check every statement that the project sends."""

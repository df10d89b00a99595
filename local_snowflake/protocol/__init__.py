"""The HTTP protocol of Snowflake: the bodies, the endpoints and the web server."""

"""What builds this project's generated files; nothing here runs in production."""

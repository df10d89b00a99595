"""The project on other versions of dbt and Python, each in an environment of its own."""

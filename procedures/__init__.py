"""The Python that ships to Snowflake; `python -m tools.bundle` makes one source of it.

The modules at the top are the handlers, one for each procedure. Each room imports only the rooms
below it in this list; `http` and `tables` do not import each other:

    steps     runs a step for many executions
    http      the client of the policy API
    tables    the SQL of the tables, and their rows
    answers   what an answer of the API means
    domain    what an execution is
    common    texts, JSON, settings, failpoints
"""

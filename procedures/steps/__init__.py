"""The three steps: each calls the API for many executions and writes what came back."""

"""Everything that touches fakesnow or DuckDB."""

"""The SQL of the tables, and the reading and writing of their rows in transactions."""

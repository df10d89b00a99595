"""Access control: which role may send a statement, grants, and owners."""

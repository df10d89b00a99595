"""A statement from start to end: the pipeline and its parts."""

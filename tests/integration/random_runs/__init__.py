"""Runs at random, side by side, and what must be true of them whatever happens."""

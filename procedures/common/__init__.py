"""Texts, JSON, settings and failpoints: what every other room may use."""

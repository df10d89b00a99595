"""Measurements, apart from the tests: these machines are noisy, so they compare within one run."""

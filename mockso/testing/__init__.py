"""A mock in a test suite: worlds, ways to call them, findings, coverage, a sweep of failures."""

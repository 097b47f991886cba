"""What a test suite needs of a mock: worlds, ways to call them, findings, coverage, a sweep of failures."""

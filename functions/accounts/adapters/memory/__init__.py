"""The same in memory, for tests."""

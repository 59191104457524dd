"""The pytest plugin: fixtures and a marker for tests that want a cloud."""

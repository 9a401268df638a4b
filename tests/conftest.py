"""Fixtures for every room: one that is imported would start a server for each file that imports it."""

pytest_plugins = ["tests.servers.postgres", "tests.servers.redis"]

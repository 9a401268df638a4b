"""Fixtures for every room: one that is imported would start a server for each file that imports it."""

import pytest

pytest_plugins = ["tests.leaks", "tests.servers.postgres", "tests.servers.redis"]


@pytest.fixture(params=["memory", "sqlite"])
async def store(request, tmp_path):
    from coatcheck.stores.memory import MemoryStore
    from coatcheck.stores.sqlite import SqliteStore

    made = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "sessions.db")
    yield made
    await made.close()

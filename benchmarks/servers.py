"""The servers that a part needs, started when it asks for them and gone when it is done.

They are those of the tests: real, private, from wheels of the development group, and they end with this
process even if it is killed. A second way to start them would only be a second thing to mend.
"""

import tempfile
from contextlib import ExitStack
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Self

from tests.servers.postgres import PostgresServer, running_postgres
from tests.servers.redis import RedisServer, running_redis

MEMORY, SQLITE, POSTGRES, REDIS = "memory", "SQLite", "PostgreSQL", "Redis"
ENGINES = (SQLITE, POSTGRES, REDIS)


class Servers:
    """Redis 8 and PostgreSQL 18, each on a free port of this machine, and a folder for SQLite."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._numbers = count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    @cached_property
    def redis(self) -> RedisServer:
        return self._stack.enter_context(running_redis(databases="64"))

    @cached_property
    def postgres(self) -> PostgresServer:
        # As an operator would have it: what is answered is on the disk.
        return self._stack.enter_context(
            running_postgres(fsync="on", shared_buffers="1GB", max_wal_size="8GB")
        )

    @cached_property
    def folder(self) -> Path:
        return Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="coatcheck-bench-")))

    def fresh(self, engine: str) -> str:
        """Return the URL of an empty store."""
        number = next(self._numbers)
        match engine:
            case "PostgreSQL":
                return self.postgres.new_database()
            case "Redis":
                return f"{self.redis.url}/{number}"
            case "SQLite":
                return f"sqlite:///{self.folder / f'{number}.db'}"
        return "memory://"

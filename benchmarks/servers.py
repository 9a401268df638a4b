"""The servers that a part needs, started when it asks for them and gone when it is done.

They are those of the tests: real, private, from wheels of the development group, and they end with this
process even if it is killed. A second way to start them would only be a second thing to mend.
"""

from contextlib import ExitStack
from functools import cached_property
from typing import Self

from tests.servers.postgres import PostgresServer, running_postgres
from tests.servers.redis import RedisServer, running_redis


class Servers:
    """Redis 8 and PostgreSQL 18, each on a free port of this machine."""

    def __init__(self) -> None:
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    @cached_property
    def redis(self) -> RedisServer:
        return self._stack.enter_context(running_redis())

    @cached_property
    def postgres(self) -> PostgresServer:
        # As an operator would have it: what is answered is on the disk.
        return self._stack.enter_context(running_postgres(fsync="on", shared_buffers="1GB"))

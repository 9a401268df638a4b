"""One column of the comparison: an application, and the bare one it is measured against."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from benchmarks.hosts.request import Host
from benchmarks.servers import Servers

# What a signed-in user's session holds, the same in every variant: 200 bytes as JSON.
DATA = {
    "seen": 0,
    "user": "01J9ZC5Y6Q",
    "theme": "dark",
    "locale": "en-GB",
    "cart": [{"sku": "hat-17", "count": 1}, {"sku": "coat-3", "count": 2}],
    "note": "by the door on the left, the blue one, with both of its gloves in",
}

NO_COOKIE, READ, WRITE = "no cookie", "authenticated read", "write of one key"
PATHS = {NO_COOKIE: "/plain", READ: "/read", WRITE: "/write"}


class Site:
    """What a variant is built on: the servers, an event loop of its own, and what it lets go of at the end.

    Attributes:
        servers: Those that all variants share.
        runner: The event loop.
        resources: Closed, in the event loop, when the variant is done with.
    """

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self.runner = asyncio.Runner()
        self.resources = AsyncExitStack()

    def close(self) -> None:
        """Let go of everything."""
        self.runner.run(self.resources.aclose())
        self.runner.close()


@dataclass(frozen=True)
class Variant:
    """How to build an application.

    `/plain` says "ok"; `/login` signs in; `/read` answers with the session's `seen`, or "nobody";
    `/write` gives it a new value.
    """

    name: str
    build: Callable[[Site], Host]
    bare: str | None = None  # the variant it is measured against; None for a bare application
    scenarios: tuple[str, ...] = (NO_COOKIE, READ, WRITE)

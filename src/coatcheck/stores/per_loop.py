"""One thing for each event loop: what waits on sockets belongs to the loop that opened them."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

ThingT = TypeVar("ThingT")


class PerLoop(Generic[ThingT]):
    """Makes the running loop's own thing when it is first asked for, and forgets those of closed loops.

    Args:
        make: Makes one; called inside the loop that it is for.
    """

    def __init__(self, make: Callable[[], ThingT]) -> None:
        self._make = make
        self._made: dict[asyncio.AbstractEventLoop, ThingT] = {}

    def get(self) -> ThingT:
        """Return the running loop's own."""
        loop = asyncio.get_running_loop()
        try:
            return self._made[loop]
        except KeyError:
            for other in [other for other in self._made if other.is_closed()]:
                del self._made[other]
            return self._made.setdefault(loop, self._make())

    def pop(self) -> ThingT | None:
        """Forget the running loop's own and return it, if there is one."""
        return self._made.pop(asyncio.get_running_loop(), None)

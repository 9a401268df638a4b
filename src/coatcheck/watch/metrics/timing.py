"""How long a store takes: its verbs, timed where they are."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from coatcheck.core.clock import Clock
from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.store import Store
from coatcheck.watch.metrics.instruments import STORE_FAILED, STORE_TIME, TOUCHES, VERBS, Instrument

Put = Callable[[Instrument, float, str], None]
"""Takes an instrument, a value, and the value of its label."""


@contextmanager
def timed(store: Store, clock: Clock, put: Put) -> Iterator[None]:
    """Time the verbs of a store for as long as the context lasts.

    They are replaced on this very object, which keeps its class and all its skills. Nothing is put before
    `recall`, which answers a warm read. An object that takes no attributes is left alone, and not timed.
    """
    own = getattr(store, "__dict__", {})
    verbs = {verb: getattr(store, verb) for verb in VERBS if hasattr(store, verb)}
    replaced = {verb: own[verb] for verb in verbs if verb in own}
    own.update({verb: _timed(verb, method, clock, put) for verb, method in verbs.items()})
    try:
        yield
    finally:
        for verb in verbs:
            own.pop(verb, None)
        own.update(replaced)


def _timed(
    verb: str, method: Callable[..., Awaitable[Any]], clock: Clock, put: Put
) -> Callable[..., Awaitable[Any]]:
    async def call(*args: Any, **kwargs: Any) -> Any:
        began = clock.now()
        try:
            return await method(*args, **kwargs)
        except StoreUnavailable:
            put(STORE_FAILED, 1, verb)
            raise
        finally:
            put(STORE_TIME, clock.now() - began, verb)

    async def touch(touches: Any) -> Any:
        put(TOUCHES, len(touches), "")
        return await call(touches)

    return touch if verb == "touch" else call

"""The feed: pub/sub from every server, each asked again and again whether it has told everything."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import aclosing
from typing import Any

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import RedisError

from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.patience import SILENCE
from coatcheck.core.store import HEARTBEAT
from coatcheck.stores.listeners import Listeners
from coatcheck.stores.redis.clients import ANSWER_SECONDS
from coatcheck.stores.redis.faults import fault
from coatcheck.stores.redis.keys import SESSION_BUCKETS, Keys
from coatcheck.stores.redis.link import Link, Places

_PAUSE = HEARTBEAT / 2  # seconds between an answer and the next question


async def follow(link: Link, keys: Keys) -> AsyncGenerator[tuple[str, ...], None]:
    """Yield what changes; see `core.store.Feed`.

    Each bucket has its channel, and is listened to where it is stored. The servers of a Cluster pass on what
    any of them publishes, but only the publisher's own answer says that all of it has come.

    Raises:
        StoreUnavailable: The store was closed, or a server cannot be heard.
    """
    listeners = Listeners(silence=None)
    channels = [keys.channel(bucket) for bucket in SESSION_BUCKETS]
    places = await link.places(channels, anew=True)  # where a server is missed, a replica may have taken over
    voices = [_Voice(link.dial(place), told, listeners) for place, told in places.items()]
    tasks: list[asyncio.Task[None]] = []
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await asyncio.gather(*(voice.subscribe() for voice in voices))
        async with aclosing(listeners.listen()) as news:
            yield await anext(news)
            works = (_ask(link, places, voices, listeners), *(voice.listen() for voice in voices))
            tasks += [asyncio.create_task(_or_cut(work, link, listeners)) for work in works]
            async for ids in news:
                yield ids
    except (RedisError, OSError) as error:
        raise fault(error, link.address) from error
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *(voice.close() for voice in voices), return_exceptions=True)


class _Voice:
    """What one server tells, on a connection of its own.

    It answers in order: what was published before its answer has been told when that comes.
    """

    def __init__(self, connection: AbstractConnection, channels: Sequence[str], listeners: Listeners) -> None:
        self._connection = connection
        self._channels = channels
        self._listeners = listeners
        self._has_answered = asyncio.Event()

    async def subscribe(self) -> None:
        """Connect, and return when nothing is missed any more."""
        await self._connection.connect()  # type: ignore[no-untyped-call]  # redis-py types most of itself
        await self._connection.send_command("SUBSCRIBE", *self._channels)
        for _ in self._channels:
            await self._connection.read_response()

    async def listen(self) -> None:
        """Hand on what is told."""
        while True:
            message = await self._connection.read_response()
            if message[0] == b"message":
                self._listeners.tell([message[2].decode(errors="replace")])
            else:
                self._has_answered.set()

    async def ask(self) -> None:
        """Ask whether everything was told, and wait for the answer."""
        self._has_answered.clear()
        if not self._connection.is_connected:  # it would connect anew, and hear nothing
            raise Disconnected("the connection of the feed was closed")
        await self._connection.send_command("PING", check_health=False)
        await self._has_answered.wait()

    async def close(self) -> None:
        """Hang up."""
        await self._connection.disconnect(nowait=True)


async def _ask(link: Link, places: Places, voices: Sequence[_Voice], listeners: Listeners) -> None:
    """Ask all servers at once, and beat when all have answered; cut the feed if others are in charge."""
    channels = [channel for told in places.values() for channel in told]
    while not link.is_closed:
        await _all_answer(voices)
        if await link.places(channels) != places:
            raise Disconnected("the Cluster has moved slots")
        listeners.tell(())
        await asyncio.sleep(_PAUSE)
    listeners.cut(StoreUnavailable("the store is closed", remedy="Open it again"))


async def _all_answer(voices: Sequence[_Voice]) -> None:
    """Ask every server, and give all `SILENCE` seconds to answer.

    In two parts: if it was this process that stood still, the answers are there and only have to be read.
    """
    asking = asyncio.gather(*(voice.ask() for voice in voices))
    try:
        for _ in range(2):
            if not asking.done():
                await asyncio.wait([asking], timeout=SILENCE / 2)
        if not asking.done():
            raise TimeoutError("no answer on the connection of the feed")
        await asking
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)  # or Python would tell of it in the log


async def _or_cut(work: Coroutine[Any, Any, None], link: Link, listeners: Listeners) -> None:
    try:
        await work
    except StoreUnavailable as error:
        listeners.cut(error)
    except (RedisError, OSError) as error:
        listeners.cut(fault(error, link.address))

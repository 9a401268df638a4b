"""The feed: pub/sub from every server, each asked again and again whether it is there."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as TimedOut

from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.store import HEARTBEAT
from coatcheck.stores.listeners import Listeners
from coatcheck.stores.redis.clients import ANSWER_SECONDS
from coatcheck.stores.redis.faults import fault
from coatcheck.stores.redis.link import Link

BEAT = HEARTBEAT / 2  # seconds between two questions
SILENCE = 1.25  # seconds without an answer, at most
_MISSES = 2  # looks in that time: if this process itself stood still, the second finds what the first did not


async def follow(link: Link, channel: str) -> AsyncGenerator[tuple[str, ...], None]:
    """Yield what changes; see `core.store.Feed`.

    The question goes over the same connection as the news, and servers answer in order: with each answer
    everything has been told that was published before it.

    Raises:
        StoreUnavailable: The store was closed, or a server cannot be heard.
    """
    listeners = Listeners()
    connections = await link.voices()
    tasks: list[asyncio.Task[None]] = []
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await asyncio.gather(*(_subscribe(connection, channel) for connection in connections))
        async with aclosing(listeners.listen()) as news:
            yield await anext(news)
            tasks += [asyncio.create_task(_attend(link, voice, listeners)) for voice in connections]
            async for ids in news:
                yield ids
    except (RedisError, OSError) as error:
        raise fault(error, link.address) from error
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(
            *(connection.disconnect(nowait=True) for connection in connections), return_exceptions=True
        )


async def _subscribe(connection: AbstractConnection, channel: str) -> None:
    await connection.connect()
    await connection.send_command("SUBSCRIBE", channel)
    await connection.read_response()


async def _attend(link: Link, connection: AbstractConnection, listeners: Listeners) -> None:
    """Hand on what one server tells, until it falls silent or the store is closed."""
    try:
        while not link.is_closed:
            await _beat(connection, listeners)
        listeners.cut(StoreUnavailable("the store is closed", remedy="Open it again"))
    except (RedisError, OSError) as error:
        listeners.cut(fault(error, link.address))


async def _beat(connection: AbstractConnection, listeners: Listeners) -> None:
    """Ask whether the server is there, and hand on what it tells until it is time to ask again."""
    loop = asyncio.get_running_loop()
    if not connection.is_connected:  # it would connect again, and hear nothing
        raise Disconnected("the connection of the feed was closed")
    await connection.send_command("PING", check_health=False)
    until, has_answered, missed = loop.time() + BEAT, False, 0
    while not has_answered or loop.time() < until:
        patience = max(0.001, until - loop.time()) if has_answered else SILENCE / _MISSES
        message = await connection.read_response(timeout=patience)
        if message is None and not has_answered:
            missed += 1
            if missed == _MISSES:
                raise TimedOut("no answer on the connection of the feed")
        elif message is None:
            continue
        elif message[0] == b"message":
            listeners.tell([message[2].decode(errors="replace")])
        else:
            has_answered = True

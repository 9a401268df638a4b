"""The live stream of one session, as server-sent events (HTML Living Standard 9.2).

A stream is an answer like any other up to its start: guarded, private, never activity. From then on
it is judged by the token it was opened with, tells what changed, and ends with its session.
"""

import asyncio
from collections.abc import Collection
from contextlib import AbstractContextManager

import msgspec

from coatcheck.core.clock import timestamp
from coatcheck.core.identity import Identity
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record
from coatcheck.manager import Watch
from coatcheck.web.answer import Receive, Send
from coatcheck.web.exchange import Exchange
from coatcheck.web.view import session_view
from coatcheck.web.wire import Ended, SessionAnswer, Shape

HEARTBEAT = 15.0  # seconds; proxies give up on a connection that is silent for a minute
RETRY = b"retry: 2000\n\n"  # milliseconds until a browser comes back
BEAT = b": heartbeat\n\n"
HEADERS = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store, no-transform"),  # what compresses a stream also holds it back
    (b"x-accel-buffering", b"no"),
)


class LiveStream:
    """One open stream.

    Args:
        exchange: The request it answers.
        exposed: Keys of the session data that the browser may see.
        place: Held for as long as the stream is open.
    """

    def __init__(
        self, exchange: Exchange, exposed: Collection[str], place: AbstractContextManager[None]
    ) -> None:
        self._exchange = exchange
        self._manager = exchange.manager
        self._exposed = exposed
        self._place = place

    async def serve(self, receive: Receive, send: Send) -> None:
        """Stream until the session is over, the client has gone, or the server stops.

        Raises:
            SessionEnded: The token lost its standing before the stream began.
            StoreUnavailable: The session could not be stored before it began.
        """
        with self._place:
            # As for a cacheable response: commits the next token if that is what came, and offers none.
            await self._exchange.close(cacheable=True)
            with self._manager.watch(self._exchange.session) as watch:
                gone = asyncio.get_running_loop().create_task(_disconnect(receive))
                gone.add_done_callback(lambda _: watch.stop())
                try:
                    await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS]})
                    await _write(send, RETRY)
                    await self._tell(watch, send)
                    await _write(send, b"", more=False)
                finally:
                    gone.cancel()

    async def _tell(self, watch: Watch, send: Send) -> None:
        told = None
        while True:
            outlook = await watch.judge(HEARTBEAT)
            if outlook is None:
                await _write(send, BEAT)
            elif (record := outlook.record) is not None and record.identity is not None:
                news = record.rev != told
                told = record.rev
                await _write(send, self._session(record, record.identity) if news else BEAT)
            else:
                if outlook.reason is not None:
                    await _write(send, self._ended(outlook.reason))
                return

    def _session(self, record: Record, identity: Identity) -> bytes:
        manager = self._manager
        view = session_view(record, identity, manager.now(), manager.lifetimes, self._exposed)
        return _event("session", SessionAnswer(session=view, server_now=timestamp(manager.now())))

    def _ended(self, reason: Reason) -> bytes:
        id = self._exchange.session.id or ""
        return _event("ended", Ended(id=id, reason=reason, server_now=timestamp(self._manager.now())))


def _event(name: str, content: Shape) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), msgspec.json.encode(content))


async def _disconnect(receive: Receive) -> None:
    """Return once the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(send: Send, chunk: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": more})

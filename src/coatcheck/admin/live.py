"""The live stream of the overview, as server-sent events: it ends with the session that opened it."""

from collections.abc import AsyncIterator

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from coatcheck.admin.desk import Desk
from coatcheck.core.errors import StoreUnavailable

BEAT = 5.0  # seconds between two events
MOST = 50  # streams that one worker keeps open
TOO_MANY_REQUESTS = 429
HEADERS = {"cache-control": "no-store, no-transform", "x-accel-buffering": "no"}


class Live:
    """The endpoint."""

    def __init__(self) -> None:
        self._open = 0

    async def __call__(self, desk: Desk, request: Request) -> Response:
        """Open a stream, if there is room for one more."""
        if request.method == "HEAD":
            return Response(headers=HEADERS, media_type="text/event-stream")
        if self._open >= MOST:
            return PlainTextResponse(
                "too many streams", TOO_MANY_REQUESTS, {"retry-after": str(int(BEAT)), **HEADERS}
            )
        return StreamingResponse(self._tell(desk, request), 200, HEADERS, "text/event-stream")

    async def _tell(self, desk: Desk, request: Request) -> AsyncIterator[bytes]:
        session = request.scope["session"]
        self._open += 1
        try:
            with desk.manager.watch(session) as watch:
                yield b"retry: 3000\n\n"
                while True:
                    outlook = await watch.judge(BEAT)
                    if outlook is not None and (
                        outlook.record is None or not desk.door.admits(outlook.record.identity)
                    ):
                        return
                    yield await _event(desk)
        finally:
            self._open -= 1


async def _event(desk: Desk) -> bytes:
    try:
        figures = await desk.board.figures()
    except StoreUnavailable:
        return b"event: down\ndata: {}\n\n"
    return b"event: figures\ndata: %b\n\n" % msgspec.json.encode(figures.news())
